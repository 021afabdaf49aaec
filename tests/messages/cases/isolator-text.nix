{ mkACI, pkgs }:
mkACI {
  packages = [ pkgs.hello ];
  exec = "/bin/hello";
  user = "a b";
  isolators = {
    "resource/memory" = "1G";
    "os/linux/no-new-privileges" = "yes";
    "os/linux/capabilities-retain-set" = ''{ "set": [ "CAP_KILL", ] }'';
  };
}
