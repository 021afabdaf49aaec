/**
  A small DNS and DHCP server. It answers from `/etc/hosts` and asks the servers of `/etc/resolv.conf` for the rest;
  further arguments of the program configure it, and so do files in `/etc/dnsmasq.d`.
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
  packages = [ pkgs.dnsmasq ];
  exec = [
    "/bin/dnsmasq"
    "--keep-in-foreground"
    "--conf-file=/etc/dnsmasq.conf"
  ];
  files = {
    "/etc/dnsmasq.conf".text = ''
      log-facility=-
      pid-file=/run/dnsmasq.pid
      user=nobody
      group=nogroup
      domain-needed
      bogus-priv
      dhcp-leasefile=/var/lib/dnsmasq/leases
      conf-dir=/etc/dnsmasq.d,*.conf
    '';
    "/etc/dnsmasq.d".directory = true;
    # Root's: the leases are opened before dnsmasq becomes nobody, by a root that may not write everywhere.
    "/var/lib/dnsmasq".directory = true;
  };
  ports = {
    dns = {
      protocol = "udp";
      port = 53;
    };
    dns-tcp = {
      protocol = "tcp";
      port = 53;
    };
    dhcp = {
      protocol = "udp";
      port = 67;
    };
  };
  isolators."os/linux/capabilities-retain-set".set = [
    "CAP_CHOWN"
    "CAP_NET_ADMIN"
    "CAP_NET_BIND_SERVICE"
    "CAP_NET_RAW"
    "CAP_SETGID"
    "CAP_SETPCAP"
    "CAP_SETUID"
  ];
}
