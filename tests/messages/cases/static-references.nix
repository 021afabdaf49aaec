{ mkACI, pkgs }:
mkACI {
  packages = [ pkgs.service ];
  static = true;
  exec = "/bin/hello";
}
