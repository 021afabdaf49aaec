{ mkACI, pkgs }:
mkACI {
  packages = [ pkgs.hello ];
  exec = "/bin/hello";
  user = "www data";
  group = "0:0";
  supplementaryGIDs = [ "wheel" ];
}
