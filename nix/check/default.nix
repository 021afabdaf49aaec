/**
  What a user wrote, checked: names, values of each kind, and how what is wrong with them is said.

  # Type

  ```
  { facts :: AttrSet, names :: AttrSet, check :: AttrSet, rules :: AttrSet, quantities :: AttrSet }
  ```
*/
let
  names = import ./names.nix;
  check = import ./check.nix { inherit names; };
in
{
  inherit names check;
  facts = import ./facts.nix;
  rules = import ./rules.nix { inherit names check; };
  quantities = import ./quantities.nix { inherit names check; };
}
