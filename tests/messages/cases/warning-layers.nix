{ mkOCI, pkgs, ... }:
mkOCI {
  packages = [
    pkgs.hello
    pkgs.keys
    pkgs.broken
  ];
  exec = "/bin/hello";
  # It is there for one of the links.
  files."/etc/app/app.conf".text = "";
}
