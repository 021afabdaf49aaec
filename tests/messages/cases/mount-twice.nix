{ mkACI, pkgs }:
mkACI {
  packages = [ pkgs.hello ];
  exec = "/bin/hello";
  mounts.data = "/var/lib/app";
  mountsRo.config = "/var/lib/app";
}
