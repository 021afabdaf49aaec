/**
  Packages that need not be built: their content lies beside this file.

  `hello` and `tools` both have a `bin/hello`, and `service` refers to `hello`. The others have what may not be meant so:
  `app` is a package that refers to some of them.
*/
let
  system = "x86_64-linux";

  named =
    pname: version: path:
    let
      name = "${pname}-${version}";
      outPath = builtins.path { inherit path name; };
    in
    {
      type = "derivation";
      inherit
        name
        pname
        version
        system
        outPath
        ;
    };

  package = pname: named pname "1.0";

  # A directory of links into other packages, as Nix itself makes profiles.
  links =
    pname: version: packages:
    derivation {
      name = "${pname}-${version}";
      inherit system;
      builder = "builtin:buildenv";
      manifest = "${builtins.head packages}";
      derivations = map (package: "true 5 1 ${package}") packages;
    }
    // {
      inherit pname version;
    };
in
rec {
  hello = package "hello" ./hello;
  tools = package "tools" ./tools;

  service = links "service" "2.1" [ hello ];

  gcc = named "gcc" "13.2.0" ./gcc;
  openssl = named "openssl" "3.0.13-dev" ./openssl;
  zlib = named "zlib" "1.3.1" ./zlib;
  olderZlib = named "zlib" "1.2.13" ./zlib;
  manual = named "manual" "1.0-doc" ./tools/etc;
  broken = package "broken" ./broken;
  keys = package "keys" ./keys;

  # What refers to some of them, as programs do.
  app = links "app" "1.0";
}
