{ mkACI, pkgs }:
mkACI {
  packages = [ pkgs.hello ];
  exec = "/bin/hello";
  ports.http = 8080;
  ports.dns = {
    protocol = "UDP";
    port = 53;
  };
}
