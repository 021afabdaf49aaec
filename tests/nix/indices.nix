/**
  Indices: one name for images of several platforms.
*/
{ pkgs, package, ... }:
let
  projectOf =
    pkgs:
    import ../.. {
      inherit pkgs;
      system = "x86_64-linux";
    };
  project = projectOf pkgs;
  inherit (project) mkACI mkIndex;

  image =
    arguments:
    mkACI (
      {
        packages = [ pkgs.redis ];
        acName = "example.com/app";
        acVersion = "1";
      }
      // arguments
    );
  amd64 = image { };
  arm64 = image { arch = "aarch64"; };
  both = mkIndex {
    images = [
      amd64
      arm64.oci
    ];
  };

  told = arguments: expected: {
    expr = (mkIndex arguments).problems;
    inherit expected;
  };

  # A package set that has another one of packages for aarch64.
  crossing = pkgs // {
    pkgsCross.aarch64-multiplatform =
      builtins.mapAttrs (
        _: value:
        if value ? pname then
          package {
            inherit (value) pname version;
            system = "aarch64-linux";
          }
        else
          value
      ) pkgs
      // {
        buildPackages = pkgs;
      };
  };
in
{
  outputs = {
    expr = map (one: one == "${amd64.oci}" || one == "${arm64.oci}") both.drvAttrs.images;
    expected = [
      true
      true
    ];
  };
  ofAnotherForm = {
    expr =
      (mkIndex {
        images = [
          amd64.recipe
          arm64.thin.recipe.fat
        ];
      }).drvPath == both.drvPath;
    expected = true;
  };
  called = {
    expr = "${both.imageName} ${both.repository}:${both.tag} ${both.fileName} ${both.drvAttrs.aci.form.reference}";
    expected = "example.com/app example.com/app:1 app-1-index.oci example.com/app:1";
  };
  calledOtherwise = {
    expr =
      (mkIndex {
        name = "example.org/other";
        tag = "latest";
        images = [
          amd64
          (arm64.override {
            acName = "example.com/other";
            acVersion = "2";
          })
        ];
      }).drvAttrs.aci.form.reference;
    expected = "example.org/other:latest";
  };
  verbs = {
    expr = map (verb: both.${verb}.meta.mainProgram or null) [
      "save"
      "load"
      "run"
      "push"
    ];
    expected = [
      "save"
      "load"
      "run"
      "push"
    ];
  };
  noCache = {
    expr = both ? cache;
    expected = false;
  };

  ofTheProject = {
    expr =
      map (one: "${one.spec.image.platform.arch} ${one.spec.form.face}")
        (projectOf crossing).images.redis.index.images;
    expected = [
      "amd64 oci"
      "aarch64 oci"
    ];
  };
  # The image of this machine is the one that there is anyway, and one program packs both.
  ofTheProjectIsItself = {
    expr =
      let
        project = projectOf crossing;
        inherit (project.redis.index) images;
      in
      (builtins.head images).drvPath == project.redis.oci.drvPath
      && builtins.all (one: one.builder == project.redis.builder) images;
    expected = true;
  };
  ofNoOtherPackages = {
    expr = (builtins.tryEval project.redis.index.drvPath).success;
    expected = false;
  };

  everythingWrong =
    told
      {
        nam = "x";
        tag = "a/b";
        images = [
          amd64
          "redis"
          (image { arch = "arm64"; })
          (image { acName = "example.com/other"; })
          both
          pkgs.redis
        ];
      }
      [
        "nam: is not known here; did you mean \"name\"?"
        "images[1] = \"redis\": must be an image of mkACI, such as redis.oci"
        "images[2]: arch = \"arm64\": is not how images spell it; did you mean \"aarch64\"?"
        "images[4]: is an index itself; give its images, as in images = INDEX.images"
        "images[5] = a derivation: must be an image of mkACI, such as redis.oci"
        "tag = \"a/b\": must be letters, digits and . _ -, beginning with a letter, digit or _, at most 128 characters"
        "images[3]: is for linux/amd64, as images[0] is; name one image for each platform"
        "images[3]: is called example.com/other, and images[0] example.com/app; write name = \"example.com/app\""
      ];
  otherTags =
    told
      {
        images = [
          amd64
          (arm64.override { acVersion = "2"; })
        ];
      }
      [
        "images[1]: has the tag 2, and images[0] 1; write tag = \"1\""
      ];
  missing = told { } [ "images: is missing; write images = [ … ], with an image for each platform" ];
  empty = told { images = [ ]; } [
    "images = [ ]: must not be empty; name an image for each platform"
  ];
  noList = told { images = amd64; } [ "images = a derivation: must be a list" ];
}
