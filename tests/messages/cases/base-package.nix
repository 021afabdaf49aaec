{ mkACI, pkgs }:
mkACI {
  packages = [ pkgs.hello ];
  exec = "/bin/hello";
  dependencies = [ pkgs.tools ];
}
