{ mkACI, pkgs }:
mkACI {
  packages = [ pkgs.hello ];
  exec = [ "/usr/local/bin/app" ];
}
