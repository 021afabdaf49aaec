/**
  What packages say of themselves, as bills of materials are given it; and what is asked of them for it.
*/
{
  mkACI,
  package,
  pkgs,
  ...
}:
let
  of =
    meta:
    package {
      pname = "tool";
      version = "1";
      inherit meta;
    };
  about = packages: (mkACI { inherit packages; }).sbom.drvAttrs.about.sbom.packages;
  said = meta: builtins.removeAttrs (builtins.head (about [ (of meta) ])) [ "outputs" ];
  licences = map (license: (said { inherit license; }).licence or null);

  mit = {
    spdxId = "MIT";
    fullName = "MIT License";
    shortName = "mit";
    url = "https://spdx.org/licenses/MIT.html";
    free = true;
  };
  unfree = {
    fullName = "Unfree";
    shortName = "unfree";
    free = false;
  };
  mitSaid = {
    id = "MIT";
    name = "MIT License";
    url = "https://spdx.org/licenses/MIT.html";
  };
  unfreeSaid = {
    name = "Unfree";
  };
in
{
  facts = {
    expr = said {
      license = mit;
      homepage = "https://example.com/";
      description = "A tool";
      identifiers = {
        cpe = "cpe:2.3:a:example:tool:1:*:*:*:*:*:*:*";
        purl = "pkg:github/example/tool@1";
        # A guess is none.
        possibleCPEs = [ { cpe = "cpe:2.3:a:tool:tool:1:*:*:*:*:*:*:*"; } ];
      };
    };
    expected = {
      licence.one = mitSaid;
      homepage = "https://example.com/";
      description = "A tool";
      cpe = "cpe:2.3:a:example:tool:1:*:*:*:*:*:*:*";
      purls = [ "pkg:github/example/tool@1" ];
    };
  };

  identifiers = {
    expr = map (identifiers: builtins.removeAttrs (said { inherit identifiers; }) [ "description" ]) [
      { v1.cpe = "c"; }
      {
        purl = "a";
        purls = [
          "a"
          "b"
        ];
      }
      {
        cpe = null;
        purl = null;
        possibleCPEs = [ { cpe = "c"; } ];
      }
      "no set"
    ];
    expected = [
      {
        cpe = "c";
        purls = [ ];
      }
      {
        purls = [
          "a"
          "b"
        ];
      }
      { purls = [ ]; }
      { purls = [ ]; }
    ];
  };

  licences = {
    expr = licences [
      mit
      unfree
      "MIT OR ISC"
      [
        mit
        "free text"
      ]
      { shortName = "short"; }
      [ ]
      null
      5
    ];
    expected = [
      { one = mitSaid; }
      { one = unfreeSaid; }
      { one.name = "MIT OR ISC"; }
      {
        all = [
          { one = mitSaid; }
          { one.name = "free text"; }
        ];
      }
      { one.name = "short"; }
      { all = [ ]; }
      null
      null
    ];
  };

  # As `lib.licenses.OR` and its like make them.
  compound = {
    expr = licences [
      {
        licenseType = "compound";
        operator = "OR";
        licenses = [
          mit
          unfree
        ];
      }
      {
        licenseType = "compound";
        operator = "AND";
        licenses = [ mit ];
      }
      {
        licenseType = "exception";
        operator = "WITH";
        license = mit;
        exception.spdxId = "LLVM-exception";
      }
      {
        licenseType = "plus";
        operator = "+";
        license = mit;
      }
    ];
    expected = [
      {
        any = [
          { one = mitSaid; }
          { one = unfreeSaid; }
        ];
      }
      { all = [ { one = mitSaid; } ]; }
      {
        "with" = [
          mitSaid
          { id = "LLVM-exception"; }
        ];
      }
      { plus = mitSaid; }
    ];
  };

  # One that cannot be evaluated leaves the others.
  broken = {
    expr = [
      (said {
        license = throw "no licence";
        homepage = [
          "https://example.com/"
          "https://example.org/"
        ];
        identifiers = throw "no identifiers";
      })
      (builtins.tryEval
        (mkACI {
          packages = [ (pkgs.nginx // { meta = throw "is marked as broken"; }) ];
          acName = "a";
        }).drvPath
      ).success
    ];
    expected = [
      {
        description = "The program tool";
        homepage = "https://example.com/";
        purls = [ ];
      }
      # The packages of an image have to be evaluated for the image, too.
      false
    ];
  };

  # All outputs are of one package, and so is one of them.
  outputs =
    let
      names =
        package:
        builtins.mapAttrs (_: path: builtins.substring 44 (-1) path)
          (builtins.head (about [ package ])).outputs;
    in
    {
      expr = map names [
        pkgs.manual
        pkgs.manual.man
      ];
      expected = [
        {
          bin = "manual-3-bin";
          man = "manual-3-man";
          out = "manual-3";
        }
        {
          bin = "manual-3-bin";
          man = "manual-3-man";
          out = "manual-3";
        }
      ];
    };

  # What a package was made of, and what that was made of; what is wrong with one of them does not matter.
  inputs =
    let
      library = of { license = mit; } // {
        buildInputs = [ pkgs.nginx ];
      };
      wrong = of { } // {
        outPath = throw "is marked as broken";
      };
      tool = pkgs.redis // {
        buildInputs = [
          library
          null
          wrong
          "text"
        ];
        propagatedBuildInputs = throw "no list";
        nativeBuildInputs = throw "not asked for";
      };
    in
    {
      expr = map (facts: facts.licence.one.id or facts.description) (about [ tool ]);
      expected = [
        "The program redis"
        "MIT"
        "The program nginx"
      ];
    };

  # Packages, layers, and those of the images below; each once.
  sources =
    let
      base = mkACI {
        packages = [ pkgs.nginx ];
      };
      image = mkACI {
        packages = [ pkgs.redis ];
        layers = [
          [ pkgs.bash ]
          pkgs.curl
        ];
        dependencies = [ base ];
        pkg = pkgs.redis;
      };
    in
    {
      expr = map (facts: facts.description) image.oci.sbom.drvAttrs.about.sbom.packages;
      expected = map (name: "The program ${name}") [
        "nginx"
        "redis"
        "bash"
        "curl"
      ];
    };

  # It depends on the packages and on nothing that they say, and of an OCI image on its layout.
  derivation = {
    expr =
      let
        image = mkACI { packages = [ pkgs.nginx ]; };
        layout = form: form.sbom.drvAttrs.about.sbom.layout or null;
      in
      [
        image.sbom.name
        image.sbom.drvAttrs.unsafeDiscardReferences.out
        (image.sbom.drvAttrs.exportReferencesGraph == image.drvAttrs.exportReferencesGraph)
        (layout image)
        (layout image.oci == "${image.oci}")
        (layout image.oci.recipe)
        (image.recipe.sbom.drvPath == image.sbom.drvPath)
        (image.oci.recipe.sbom.drvAttrs.aci == image.oci.drvAttrs.aci)
      ];
    expected = [
      "nginx-sbom"
      true
      true
      null
      true
      null
      true
      true
    ];
  };

  # Beside an OCI image; other forms have no place for it.
  beside =
    let
      image = mkACI {
        packages = [ pkgs.nginx ];
        sbom = true;
      };
      plain = mkACI { packages = [ pkgs.nginx ]; };
    in
    {
      expr = [
        (map (facts: facts.description) image.oci.spec.form.sbom)
        (map (facts: facts.description) image.oci.recipe.spec.form.sbom)
        image.problems
        (image.drvPath == plain.drvPath)
        (image.manifest.drvPath == plain.manifest.drvPath)
        (plain.oci.spec.form ? sbom)
        # The bill says the same, and is of the image itself.
        (image.oci.sbom.drvAttrs.aci == plain.oci.sbom.drvAttrs.aci)
      ];
      expected = [
        [ "The program nginx" ]
        [ "The program nginx" ]
        [ ]
        true
        true
        false
        true
      ];
    };

  # An image is the same whatever its packages say.
  unchanged =
    let
      path =
        license:
        (mkACI {
          packages = [
            (
              pkgs.nginx
              // {
                meta = pkgs.nginx.meta // {
                  inherit license;
                };
              }
            )
          ];
        }).drvPath;
    in
    {
      expr = path mit == path (throw "not asked for");
      expected = true;
    };
}
