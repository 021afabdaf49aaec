{ mkACI, pkgs, ... }:
mkACI {
  packages = [ pkgs.hello ];
  exec = "/bin/hello";
  files."/srv/state" = {
    directory = true;
    mode = "0777";
  };
  files."/srv/upload" = {
    directory = true;
    mode = "1777";
  };
  perms."/bin/hello".mode = "0777";
}
