{ mkACI, pkgs }:
mkACI {
  packages = [ pkgs.hello ];
  exec = "/bin/hello";
  eventHandlers.pre-stop = [ "/bin/hello" ];
}
