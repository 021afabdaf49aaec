{ mkACI, pkgs }:
mkACI {
  packages = [ pkgs.hello ];
  exec = "/bin/hello";
  files."/etc/a.conf" = {
    text = "a";
    source = ./files-kinds.nix;
  };
  files."/etc/b.conf" = "b";
  files."etc/c.conf".text = "c";
}
