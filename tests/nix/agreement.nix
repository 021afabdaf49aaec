/**
  The table of values on which the evaluation and the builder must agree. The test of the builder is
  tests/manifest/agreement.rs.
*/
{ mkACI, pkgs, ... }:
let
  accepts =
    { argument, value, ... }:
    (mkACI {
      packages = [ pkgs.nginx ];
      ${argument} = value;
    }).problems == [ ];
in
builtins.listToAttrs (
  map (case: {
    name = "${case.argument} = ${builtins.toJSON case.value}";
    value = {
      expr = accepts case;
      expected = case.ok;
    };
  }) (builtins.fromJSON (builtins.readFile ./agreement.json))
)
