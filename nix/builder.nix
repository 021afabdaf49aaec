/**
  The builder's executable, from whatever the user has of it.

  # Inputs

  `builder`
  : a package with `bin/nix2aci`; or the path of a directory with `bin/nix2aci`, such as that of a `cargo install
    --root`; or the path of the program itself

  `system`
  : the system that the program runs on, where it is not a package that says so

  # Type

  ```
  { builder :: Package | Path | String, system :: String } -> { executable :: String, system :: String }
  ```
*/
{ builder, system }:

let
  inherit (builtins)
    baseNameOf
    dirOf
    hasContext
    isString
    pathExists
    readDir
    ;

  file = if isString builder then /. + builder else builder;
  nested = file + "/bin/nix2aci";
  chosen = if pathExists nested then nested else file;
  kind = if pathExists chosen then (readDir (dirOf chosen)).${baseNameOf chosen} else "missing";
in
if builder ? outPath || isString builder && hasContext builder then
  {
    executable = "${builder}/bin/nix2aci";
    system = builder.stdenv.hostPlatform.system or builder.system or system;
  }
else if kind == "regular" then
  {
    # The program alone, so that what lies beside it packs no image anew.
    executable = "${builtins.path {
      path = chosen;
      name = "nix2aci";
    }}";
    inherit system;
  }
else
  throw "builder = ${toString builder}: ${
    {
      missing = "there is nothing; it must be";
      directory = "has no bin/nix2aci; it must be";
      symlink = "is a link, which says nothing in the store; write what it points to, or";
    }
    .${kind} or "must be"
  } a package, a directory with bin/nix2aci, or the program itself${
    if kind == "missing" then "; ./build.sh busybox compiles it" else ""
  }"
