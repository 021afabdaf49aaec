{ mkACI, pkgs }:
mkACI {
  packages = [ pkgs.hello ];
  exec = "/bin/hello";
  maxSize = "120MB";
  maxClosureSize = "0.5";
  maxPaths = "20";
  forbid = [
    pkgs.tools
    "gcc 13"
  ];
}
