/**
  Images that stand on others, and layers that are made apart: which derivations there are, and what each knows.
*/
{ mkACI, pkgs, ... }:
let
  image =
    arguments:
    mkACI (
      {
        acName = "example.com/app";
        packages = [
          pkgs.nginx
          pkgs.redis
          pkgs.busybox
        ];
        face = "oci";
      }
      // arguments
    );
  base = mkACI {
    acName = "example.com/base";
    packages = [ pkgs.busybox ];
  };
  left = mkACI {
    acName = "example.com/left";
    packages = [ pkgs.redis ];
    dependencies = [ base ];
  };
  right = mkACI {
    acName = "example.com/right";
    packages = [ pkgs.nginx ];
    dependencies = [ base ];
  };

  parts = image: builtins.filter (known: known ? output) image.drvAttrs.shared;
  outputs = image: map (part: part.output) (parts image);
  names = image: map (below: below.imageName) image.below;
in
{
  # The first package is what changes.
  partsOfAnImage = {
    expr = map (part: part.roots) (parts (image { }));
    expected = [
      (builtins.sort (a: b: a < b) [
        "${pkgs.redis}"
        "${pkgs.busybox}"
      ])
    ];
  };
  aChangeLeavesThem = {
    expr =
      outputs (image {
        packages = [
          pkgs.bash
          pkgs.redis
          pkgs.busybox
        ];
        exec = "/bin/bash";
        files."/etc/x".text = "y";
      }) == outputs (image { });
    expected = true;
  };
  aBudgetLeavesThem = {
    expr =
      outputs (image {
        maxSize = "1G";
        maxClosureSize = "1Gi";
        maxPaths = 100;
        forbid = [ "gcc" ];
        allow = [ "secrets" ];
      }) == outputs (image { });
    expected = true;
  };
  oneMoreLeavesThoseBefore = {
    expr =
      let
        more =
          packages:
          outputs (image {
            inherit packages;
            layers = [ pkgs.coreutils ];
          });
      in
      builtins.head (more [ pkgs.nginx ]) == builtins.head (more [
        pkgs.nginx
        pkgs.bash
      ]);
    expected = true;
  };
  layersComeFirst = {
    expr = map (part: part.roots) (
      parts (image {
        layers = [
          [
            pkgs.bash
            pkgs.redis
          ]
        ];
        packages = [ pkgs.nginx ];
      })
    );
    expected = [
      (builtins.sort (a: b: a < b) [
        "${pkgs.bash}"
        "${pkgs.redis}"
      ])
    ];
  };
  # Who wants few layers, a part of each package, or another form, shares none.
  none = {
    expr = map (arguments: (image arguments).drvAttrs.shared) [
      { maxLayers = 29; }
      { pathsToLink = [ "/bin" ]; }
      { thin = true; }
      { static = true; }
      { face = "aci"; }
      { packages = [ pkgs.nginx ]; }
    ];
    expected = builtins.genList (_: [ ]) 6;
  };
  # As many derivations as layers.nix says, the last with all other packages.
  atMostFour = {
    expr = map (part: builtins.length part.roots) (
      parts (image {
        layers = with pkgs; [
          bash
          coreutils
          curl
          file
          gawk
          gzip
        ];
      })
    );
    expected = [
      1
      1
      1
      5
    ];
  };

  diamond = {
    expr = names (mkACI {
      acName = "example.com/top";
      packages = [ pkgs.bash ];
      dependencies = [
        left
        right
      ];
    });
    expected = [
      "example.com/base"
      "example.com/left"
      "example.com/right"
    ];
  };
  formsOfBases = {
    expr =
      map
        (
          image:
          map (below: [
            below.spec.form.face
            below.spec.form.kind
          ]) image.below
        )
        [
          left
          left.oci
          left.thin
          left.manifest
        ];
    expected = [
      [
        [
          "aci"
          "fat"
        ]
      ]
      [
        [
          "oci"
          "fat"
        ]
      ]
      [
        [
          "aci"
          "thin"
        ]
      ]
      [
        [
          "aci"
          "fat"
        ]
      ]
    ];
  };
  # What an image stands on is no content of its own.
  bases = {
    expr = [
      left.closureRoots
      (map (dependency: dependency.output) left.spec.image.dependencies == [ "${base}" ])
      (builtins.elem "${pkgs.busybox}" left.drvAttrs.exportReferencesGraph.closure)
    ];
    expected = [
      [ "${pkgs.redis}" ]
      true
      true
    ];
  };
  # Where names of store paths are readable, the archive is apart from the links, whose targets are references.
  outputs = {
    expr = map (image: image.drvAttrs.outputs) [
      left
      (left.override { compression = "none"; })
      (left.thin.override { compression = "none"; })
      (image { compression.method = "none"; })
      (base.override { compression = "none"; })
    ];
    expected = [
      [ "out" ]
      [
        "out"
        "packed"
      ]
      [ "out" ]
      [
        "out"
        "packed"
      ]
      [ "out" ]
    ];
  };
  references = {
    expr = map (image: image.drvAttrs.unsafeDiscardReferences or { }) [
      left
      (left.override { compression = "none"; })
      base
    ];
    expected = [
      { }
      { packed = true; }
      { out = true; }
    ];
  };
}
