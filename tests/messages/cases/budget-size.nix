{ mkACI, pkgs }:
mkACI {
  packages = [ pkgs.hello ];
  exec = "/bin/hello";
  compression = "none";
  maxSize = "1k";
}
