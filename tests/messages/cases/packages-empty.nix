{ mkACI, ... }:
mkACI {
  packages = [ ];
  exec = "/bin/hello";
}
