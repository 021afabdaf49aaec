{ mkACI, pkgs }:
mkACI {
  packages = [ pkgs.hello ];
  exec = "/lib/data/one";
}
