{ mkACI, pkgs }:
mkACI {
  packages = [ pkgs.hello ];
  exec = "/bin/helo";
  workingDirectory = "/srv";
  perms."/bin/nothing".mode = "0755";
  eventHandlers.pre-start = [ "/bin/prepare" ];
}
