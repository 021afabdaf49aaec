{ mkACI, pkgs }:
mkACI {
  packages = [ pkgs.hello ];
  exec = "/bin/hello";
  isolators."resource/memory" = {
    request = "1K";
    limit = "1GB";
  };
}
