{ mkACI, pkgs }:
mkACI {
  packages = [ pkgs.hello ];
  exec = "/bin/hello";
  files."/etc/a.conf" = {
    text = "a";
    mode = "644x";
  };
  files."/etc/b.conf" = {
    text = "b";
    mode = 644;
  };
}
