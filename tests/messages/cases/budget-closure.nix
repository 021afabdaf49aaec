{ mkACI, pkgs }:
mkACI {
  packages = [ pkgs.service ];
  exec = "/bin/hello";
  maxClosureSize = 1000;
}
