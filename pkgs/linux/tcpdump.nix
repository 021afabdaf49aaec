/**
  Prints what passes on every interface of the network it is given.
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
  packages = [ pkgs.tcpdump ];
  exec = [
    "/bin/tcpdump"
    "-Z"
    "nobody"
    "-n"
    "-l"
  ];
  args = [
    "-i"
    "any"
  ];
  isolators."os/linux/capabilities-retain-set".set = [
    "CAP_NET_ADMIN"
    "CAP_NET_RAW"
    "CAP_SETGID"
    "CAP_SETUID"
  ];
}
