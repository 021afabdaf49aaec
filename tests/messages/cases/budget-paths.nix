{ mkACI, pkgs }:
mkACI {
  packages = [ pkgs.service ];
  exec = "/bin/hello";
  maxPaths = 1;
}
