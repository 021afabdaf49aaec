{ mkACI, pkgs }:
mkACI {
  packages = [ pkgs.hello ];
  exec = "/bin/hello";
  ports = {
    http = {
      protocol = "tcp";
      port = 0;
    };
    high = {
      protocol = "tcp";
      port = 70000;
    };
    name = {
      protocol = "tcp";
      port = "http";
    };
  };
}
