{ mkACI, pkgs, ... }:
mkACI {
  packages = [
    pkgs.hello
    pkgs.broken
  ];
  exec = "/bin/hello";
  files."/opt/current".symlink = "/opt/app-2";
  files."/opt/data".symlink = "/data/app";
  files."/opt/log".symlink = "/var/log/app";
  mounts.data = "/data";
}
