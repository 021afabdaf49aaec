{ mkACI, pkgs }:
mkACI {
  packages = [ pkgs.hello ];
  exec = "/bin/hello";
  isolators."os/linux/capabilities-retain-set".set = [
    "net_bind_service"
    "CAP_SYS_ADMN"
  ];
}
