{ mkACI, pkgs }:
mkACI {
  packages = [ pkgs.hello ];
  exec = "/bin/hello";
  files."/etc/app.conf".source = /nowhere/app.conf;
}
