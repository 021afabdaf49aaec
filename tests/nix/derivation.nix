/**
  The derivation that an image is, and what it carries besides.
*/
{ mkACI, pkgs, ... }:
let
  image = mkACI {
    inherit pkgs;
    packages = [ pkgs.nginx ];
    acName = "example.com/web~server";
    exec = [ "/bin/nginx" ];
  };
in
{
  # The name is that of the image's last component, as the store can write it.
  name = {
    expr = image.name;
    expected = "web-server";
  };
  facts = {
    expr = { inherit (image) imageName version fileName; };
    expected = {
      imageName = "example.com/web~server";
      version = "1.2_3";
      fileName = "web~server-1.2_3.aci";
    };
  };
  isDerivation = {
    expr = [
      image.type
      (builtins.match ".*/[0-9a-z]{32}-web-server[.]drv" image.drvPath != null)
      (builtins.match ".*/[0-9a-z]{32}-web-server" image.outPath != null)
    ];
    expected = [
      "derivation"
      true
      true
    ];
  };

  # What Nix is told, all of it: nothing else may slip into the hash.
  attributes = {
    expr = builtins.attrNames image.drvAttrs;
    expected = [
      "__structuredAttrs"
      "aci"
      "below"
      "builder"
      "exportReferencesGraph"
      "name"
      "outputs"
      "preferLocalBuild"
      "shared"
      "system"
      "unsafeDiscardReferences"
    ];
  };
  closure = {
    expr = image.drvAttrs.exportReferencesGraph.closure == [ "${pkgs.nginx}" ];
    expected = true;
  };

  # The other form, from the same words.
  oci = {
    expr = {
      inherit (image.oci)
        name
        imageName
        repository
        tag
        fileName
        ;
      inherit (image.oci.meta) description;
      inherit (image.oci.spec.form) face maxLayers;
    };
    expected = {
      name = "web-server-oci";
      imageName = "example.com/web~server";
      repository = "example.com/web-server";
      tag = "1.2_3";
      fileName = "web~server-1.2_3.oci";
      description = "OCI image example.com/web~server: The program nginx";
      face = "oci";
      maxLayers = 120;
    };
  };
  ociForms = {
    expr = map (form: form.drvPath) [
      image.thin.oci
      image.static.oci.thin
      image.oci.aci
      (image.override { maxLayers = 5; })
    ];
    expected = map (form: form.drvPath) [
      image.oci.thin
      image.oci.static.thin
      image
      # It has no layers.
      image
    ];
  };
  # The scripts beside a layout call the builder, so its references count; an archive that shows names of store paths is
  # apart.
  ociReferences = {
    expr = map (kind: builtins.attrNames (kind.drvAttrs.unsafeDiscardReferences or { })) [
      image.oci
      image.oci.static
      image.oci.thin
      (image.oci.override { compression = "none"; })
    ];
    expected = [
      [ ]
      [ ]
      [ ]
      [ "packed" ]
    ];
  };

  # What makes the same bytes later.
  recipe = {
    expr =
      map
        (form: {
          inherit (form) name fileName;
          inherit (form.meta) description;
          inherit (form.spec.form) recipe;
          program = baseNameOf form.app.program;
          references = !(form.drvAttrs ? unsafeDiscardReferences);
        })
        [
          image.recipe
          image.oci.thin.recipe
        ];
    expected = [
      {
        name = "web-server-recipe";
        fileName = "web~server-1.2_3.aci";
        description = "Recipe of the App Container Image example.com/web~server: The program nginx";
        recipe = true;
        program = "save";
        references = true;
      }
      {
        name = "web-server-oci-recipe";
        fileName = "web~server-1.2_3-thin.oci";
        description = "Recipe of the OCI image example.com/web~server: The program nginx";
        recipe = true;
        program = "save";
        references = true;
      }
    ];
  };
  recipeForms = {
    expr = map (form: form.drvPath) [
      image.recipe.oci.thin
      (image.recipe.override { recipe = false; })
      image.recipe.manifest
    ];
    expected = map (form: form.drvPath) [
      image.oci.thin.recipe
      image
      image.manifest
    ];
  };
  # What tells about the image, in each form; neither does the image depend on it, nor it on what limits the image.
  report = {
    expr = {
      names = map (form: form.report.name) [
        image
        image.oci
        image.thin
        image.recipe
      ];
      inherit (image.report) drvAttrs;
      isSame =
        map (form: form.drvPath) [
          image.recipe.report
          (image.override { maxPaths = 1; }).report
          (image.override { report = { }; }).report
          (image.override { sbom = true; }).report
          (image.override { report.files = false; })
        ] == map (form: form.drvPath) [
          image.report
          image.report
          image.report
          image.report
          image
        ];
      about = map (form: form.report.drvAttrs.about) [
        image.oci
        (image.override { report.files = false; })
      ];
    };
    expected = {
      names = [
        "web-server-report"
        "web-server-report"
        "web-server-report"
        "web-server-report"
      ];
      drvAttrs = removeAttrs image.drvAttrs [ "outputs" ] // {
        name = "web-server-report";
        about.report.files = true;
        unsafeDiscardReferences.out = true;
      };
      isSame = true;
      about = [
        { report.files = true; }
        { report.files = false; }
      ];
    };
  };
  # No layers are made apart for it.
  reportOfLayers = {
    expr =
      map (shared: shared ? output)
        (image.oci.override { layers = [ pkgs.redis ]; }).report.drvAttrs.shared;
    expected = [ false ];
  };

  # It says nothing of recipes where none is wanted.
  recipeNone = {
    expr = image.spec.form ? recipe;
    expected = false;
  };

  # What an image says of itself, without the image.
  manifest = {
    expr = {
      inherit (image.manifest) name imageName fileName;
      inherit (image.manifest.meta) description;
      inherit (image.manifest.spec.form) face;
      layers = image.manifest.spec.form ? maxLayers;
    };
    expected = {
      name = "web-server-manifest";
      imageName = "example.com/web~server";
      fileName = "manifest";
      description = "Manifest of the image example.com/web~server: The program nginx";
      face = "manifest";
      layers = false;
    };
  };
  # It is the same for both, whatever they are compressed with.
  manifestForms = {
    expr = map (form: form.drvPath) [
      image.oci.manifest
      image.thin.manifest
      image.manifest.aci
    ];
    expected = map (form: form.drvPath) [
      image.manifest
      image.manifest.thin
      image
    ];
  };
  manifestCompressed = {
    expr = map (method: (image.override { compression = method; }).manifest.problems) [
      "xz"
      "zstd"
    ];
    expected = [
      [ ]
      [ ]
    ];
  };

  # Tags have fewer characters than versions.
  tag = {
    expr =
      (mkACI {
        packages = [ pkgs.nginx ];
        acVersion = "1.0~rc1+2";
      }).tag;
    expected = "1.0-rc1-2";
  };

  # A packed image refers to nothing, a thin one to all that it mounts.
  references = {
    expr = map (kind: kind.drvAttrs.unsafeDiscardReferences.out or false) [
      image.fat
      image.static
      image.thin
    ];
    expected = [
      true
      true
      false
    ];
  };

  forms = {
    expr = map (form: form.spec.form.kind) [
      image
      image.thin
      image.fat
      image.static
      image.static.thin
      image.thin.fat
    ];
    expected = [
      "fat"
      "thin"
      "fat"
      "static"
      "thin"
      "fat"
    ];
  };
  sameForm = {
    expr = image.fat.drvPath == image.drvPath && image.thin.fat.drvPath == image.drvPath;
    expected = true;
  };
  thinSameRoots = {
    expr = image.thin.closureRoots == image.closureRoots;
    expected = true;
  };

  override = {
    expr = [
      (image.override { user = "5"; }).spec.image.user
      (image.override (old: {
        exec = old.exec ++ [ "-v" ];
      })).spec.image.exec
      (image.override { user = "5"; }).thin.spec.image.user
    ];
    expected = [
      "5"
      [
        "/bin/nginx"
        "-v"
      ]
      "5"
    ];
  };

  # As those of nixpkgs do, on every form of the image; the old arguments are all there.
  overrideForms = {
    expr =
      let
        user = image: [
          image.spec.image.user
          image.spec.form.kind
          image.spec.form.face
        ];
        other = image.override { user = "5"; };
      in
      map user [
        (image.thin.override { user = "5"; })
        (image.oci.override (old: {
          user = "5${old.user}";
        }))
        (image.thin.oci.override { thin = false; })
        (image.override {
          __functor = _: old: { user = if old.env == { } then "5" else "6"; };
        })
        other.oci.thin
      ];
    expected = [
      [
        "5"
        "thin"
        "aci"
      ]
      [
        "50"
        "fat"
        "oci"
      ]
      [
        "0"
        "fat"
        "oci"
      ]
      [
        "5"
        "fat"
        "aci"
      ]
      [
        "5"
        "thin"
        "oci"
      ]
    ];
  };
  overrideNothing = {
    expr = map (form: form.drvPath) [
      (image.override { })
      (image.override (old: old))
      ((image.override { user = "5"; }).override { user = "0"; })
    ];
    expected = builtins.genList (_: image.drvPath) 3;
  };
  overrideAttrs = {
    expr = [
      (builtins.isFunction image.overrideAttrs)
      (builtins.tryEval (image.overrideAttrs (_: { })).name).success
    ];
    expected = [
      true
      false
    ];
  };

  # `meta.outputsToInstall` and `mainProgram` of the package say nothing about the image.
  meta = {
    expr = image.meta;
    expected = {
      description = "App Container Image example.com/web~server: The program nginx";
      platforms = [ "x86_64-linux" ];
    };
  };

  # The machine that packs need not be the machine that runs.
  cross = {
    expr =
      let
        foreign = mkACI {
          packages = [ pkgs.nginx ];
          pkg = pkgs.nginx // {
            stdenv.hostPlatform.system = "aarch64-linux";
          };
        };
      in
      [
        foreign.system
        foreign.spec.image.platform.arch
      ];
    expected = [
      "x86_64-linux"
      "aarch64"
    ];
  };

  # A package set that lacks a program can still be asked for its image's forms.
  lazy = {
    expr =
      let
        broken = mkACI {
          packages = [ (throw "not in this package set") ];
          exec = throw "not in this package set";
        };
      in
      [
        (broken ? thin)
        (builtins.tryEval broken.drvPath).success
      ];
    expected = [
      true
      false
    ];
  };

  noProblems = {
    expr = image.problems;
    expected = [ ];
  };
}
