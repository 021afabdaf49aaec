{ mkACI, pkgs }:
mkACI {
  packages = [ pkgs.hello ];
  exec = "/bin/hello";
  pathWhitelist = [ "bin/hello" ];
}
