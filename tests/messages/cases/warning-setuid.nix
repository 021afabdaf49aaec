{ mkACI, pkgs, ... }:
mkACI {
  packages = [ pkgs.hello ];
  exec = "/bin/hello";
  perms."/bin/hello".mode = "4755";
}
