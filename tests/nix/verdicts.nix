/**
  What the evaluation says to each of many sets of arguments: the spec that it would hand over, with the settings of what is
  told about the image, or what is wrong.

  # Inputs

  `cases`
  : path of a JSON file, a list of sets of arguments without `packages`

  # Type

  ```
  { cases :: String } -> [ { spec :: Spec | Null, about :: Settings | Null, problems :: [ String ] } ]
  ```
*/
{ cases }:
let
  inherit (import ./packages.nix) mkACI pkgs;
  verdict =
    arguments:
    let
      image = mkACI ({ packages = [ pkgs.nginx ]; } // arguments);
      right = image.problems == [ ];
    in
    {
      inherit (image) problems;
      spec = if right then image.spec else null;
      about = if right then image.report.drvAttrs.about else null;
    };
in
map verdict (builtins.fromJSON (builtins.readFile cases))
