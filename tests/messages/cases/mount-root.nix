{ mkACI, pkgs }:
mkACI {
  packages = [ pkgs.hello ];
  exec = "/bin/hello";
  mounts.all = "/";
  mounts.data_dir = "var/lib";
}
