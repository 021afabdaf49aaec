{ mkACI, pkgs, ... }:
mkACI {
  packages = [
    pkgs.hello
    (pkgs.app [
      pkgs.gcc
      pkgs.openssl
      pkgs.manual
      pkgs.zlib
    ])
    pkgs.keys
    pkgs.broken
  ];
  layers = [ pkgs.olderZlib ];
  exec = "/bin/hello";
  files."/opt/current".symlink = "/opt/app-2";
  files."/srv/state" = {
    directory = true;
    mode = "0777";
  };
  perms."/bin/hello".mode = "4755";
}
