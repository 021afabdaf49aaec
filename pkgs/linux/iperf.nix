/**
  The server side of network measurements with iperf3, or, with arguments of one's own (`podman run IMAGE -c HOST`), the
  other one.
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
  packages = [ pkgs.iperf3 ];
  acName = "iperf";
  exec = [ "/bin/iperf3" ];
  args = [
    "--server"
    # Each line at once, so that logs have it.
    "--forceflush"
  ];
  ports = {
    iperf = {
      protocol = "tcp";
      port = 5201;
    };
    iperf-udp = {
      protocol = "udp";
      port = 5201;
    };
  };
  user = "nobody";
  group = "nogroup";
}
