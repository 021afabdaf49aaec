/**
  The image that changes, in all its forms: an application on 101 store paths.

  # Inputs

  `pkgs`
  : the embedded package set

  `builder`
  : the path of the real builder

  `version`
  : what the application says of itself; another one is another build

  `added`, `dropped`
  : names of programs that are in the image besides, or not any more
*/
{
  pkgs,
  builder,
  version,
  added ? [ ],
  dropped ? [ ],
}:

let
  inputs = import ./inputs.nix { inherit pkgs; };
  inherit (inputs) ranked;

  # Says how long it took, and that it was needed.
  timed = pkgs.writeScriptBin "nix2aci" ''
    #!${pkgs.bash}/bin/bash
    TIMEFORMAT='nix2aci took %R %U %S'
    time ${
      builtins.path {
        path = builder;
        name = "nix2aci";
      }
    } "$@"
  '';
  inherit
    (import ../.. {
      inherit pkgs;
      builder = timed;
    })
    mkACI
    ;

  application = inputs.application version;
  runtime = map (name: pkgs.${name}) (
    builtins.filter (name: !builtins.elem name dropped) inputs.runtime ++ added
  );
  image =
    arguments:
    mkACI (
      {
        acName = "application";
        acVersion = "1";
        exec = "/bin/application";
      }
      // arguments
    );

  alone = image { packages = ranked ([ application ] ++ runtime); };
  based = image {
    packages = [ application ];
    dependencies = [
      (mkACI {
        acName = "runtime";
        acVersion = "1";
        packages = ranked runtime;
      })
    ];
  };
  layered = image {
    packages = [ application ];
    layers = [ runtime ];
  };
in
{
  # What there is before any image is built.
  packages = [ application ] ++ runtime;

  aci = alone;
  aci-on-base = based;
  aci-recipe = alone.recipe;
  inherit (alone) oci thin;
  oci-layers = layered.oci;
  oci-on-base = based.oci;
  oci-recipe = alone.oci.recipe;
  thin-oci = alone.thin.oci;
}
