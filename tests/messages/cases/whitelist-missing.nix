{ mkACI, pkgs }:
mkACI {
  packages = [ pkgs.hello ];
  pathWhitelist = [ "/bin/helo" ];
}
