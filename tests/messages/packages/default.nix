/**
  Two packages that need not be built: their content lies beside this file.

  `hello` and `tools` both have a `bin/hello`, and `service` refers to `hello`.
*/
let
  system = "x86_64-linux";

  package =
    pname: path:
    let
      outPath = builtins.path {
        inherit path;
        name = "${pname}-1.0";
      };
    in
    {
      type = "derivation";
      name = "${pname}-1.0";
      version = "1.0";
      inherit pname system outPath;
    };
in
rec {
  hello = package "hello" ./hello;
  tools = package "tools" ./tools;

  # A directory of links into other packages, as Nix itself makes profiles.
  service =
    derivation {
      name = "service-2.1";
      inherit system;
      builder = "builtin:buildenv";
      manifest = "${hello}/bin/hello";
      derivations = [ "true 5 1 ${hello}" ];
    }
    // {
      pname = "service";
      version = "2.1";
    };
}
