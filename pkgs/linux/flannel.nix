/**
  A network for containers across hosts; it wants the host's network and an etcd.
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
  packages = [
    pkgs.flannel
    pkgs.cacert
    pkgs.iptables
  ];
  exec = [ "/bin/flannel" ];
  args = [
    "--etcd-endpoints=http://localhost:2379"
    "--ip-masq"
  ];
  env = {
    PATH = "/bin:/sbin";
    SSL_CERT_FILE = "/etc/ssl/certs/ca-bundle.crt";
  };
  mounts.run = "/run/flannel";
  ports.vxlan = {
    protocol = "udp";
    port = 8472;
  };
  isolators."os/linux/capabilities-retain-set".set = [
    "CAP_NET_ADMIN"
    "CAP_NET_RAW"
  ];
}
