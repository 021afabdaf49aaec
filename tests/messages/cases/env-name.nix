{ mkACI, pkgs }:
mkACI {
  packages = [ pkgs.hello ];
  exec = "/bin/hello";
  env = {
    "A=B" = "1";
    MOTD = "hello\nworld\n";
    DEBUG = true;
  };
}
