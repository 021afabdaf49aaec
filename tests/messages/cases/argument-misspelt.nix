{ mkACI, pkgs }:
mkACI {
  packages = [ pkgs.hello ];
  exce = [ "/bin/hello" ];
  volumes.data = "/data";
}
