/**
  Boots machines over the network with the kernel and the initial file system in the volume `boot`. It wants the network
  of the machines it serves, beside the DHCP server that is there.
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
  packages = [ pkgs.pixiecore ];
  exec = [ "/bin/pixiecore" ];
  args = [
    "boot"
    "/boot/kernel"
    "/boot/initrd"
  ];
  mountsRo.boot = "/boot";
  ports = {
    dhcp = {
      protocol = "udp";
      port = 67;
    };
    tftp = {
      protocol = "udp";
      port = 69;
    };
    pxe = {
      protocol = "udp";
      port = 4011;
    };
    http = {
      protocol = "tcp";
      port = 80;
    };
  };
  isolators."os/linux/capabilities-retain-set".set = [
    "CAP_NET_BIND_SERVICE"
    "CAP_NET_RAW"
  ];
}
