/**
  The key-value store, as a cluster of one; further arguments of the program make it part of a larger one.
*/
{
  mkACI,
  pkgs,
  thin ? false,
  static ? false,
  ...
}:

mkACI {
  inherit pkgs thin static;
  packages = [ pkgs.etcd ];
  exec = [
    "/bin/etcd"
    "--data-dir=/var/lib/etcd"
    "--listen-client-urls=http://0.0.0.0:2379"
    "--advertise-client-urls=http://localhost:2379"
  ];
  mounts.data = "/var/lib/etcd";
  files."/var/lib/etcd" = {
    directory = true;
    mode = "0700";
  };
  ports = {
    client = {
      protocol = "tcp";
      port = 2379;
    };
    peer = {
      protocol = "tcp";
      port = 2380;
    };
  };
}
