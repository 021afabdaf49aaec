/**
  What can be tested of the Nix side without building anything.

  Each file beside this one gives a set of tests, `{ expr; expected; }` by name. `failed` has the names of those where
  the two differ, `report` what they are.
*/
{ }:
let
  fake = import ./packages.nix;

  files = {
    arguments = import ./arguments.nix fake;
    derivation = import ./derivation.nix fake;
    foreign = import ./foreign.nix fake;
    images = import ./images.nix fake;
    indices = import ./indices.nix fake;
    meta = import ./meta.nix fake;
    names = import ./names.nix;
    odd = import ./odd.nix fake;
    references = import ./references.nix fake;
    shared = import ./shared.nix fake;
  }
  // builtins.listToAttrs (
    map (theme: {
      name = "mistakes.${theme}";
      value = mistakes.${theme};
    }) (builtins.attrNames mistakes)
  );
  mistakes = import ./mistakes fake;

  tests = builtins.concatMap (
    file:
    map (name: {
      name = "${file}.${name}";
      test = files.${file}.${name};
    }) (builtins.attrNames files.${file})
  ) (builtins.attrNames files);

  # A test that cannot be evaluated has failed.
  differs =
    { test, ... }:
    let
      same = builtins.tryEval (test.expr == test.expected);
    in
    !(same.success && same.value);
  failures = builtins.filter differs tests;

  show =
    value:
    let
      shown = builtins.tryEval (builtins.toJSON value);
    in
    if shown.success then shown.value else "an error";
in
{
  count = builtins.length tests;
  failed = map (failure: failure.name) failures;
  report = map (
    failure:
    "${failure.name}\n  expected ${show failure.test.expected}\n  got      ${show failure.test.expr}"
  ) failures;
}
