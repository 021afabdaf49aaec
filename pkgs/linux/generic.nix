/**
  A shell with the tools one misses when looking into a network or a volume. It wants a terminal:
  `rkt run --interactive`, `podman run -it`.
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
    pkgs.bash
    pkgs.cacert
    pkgs.coreutils
    pkgs.curl
    pkgs.diffutils
    pkgs.file
    pkgs.findutils
    pkgs.gawk
    pkgs.gnugrep
    pkgs.gnused
    pkgs.gnutar
    pkgs.gzip
    pkgs.iproute2
    pkgs.iputils
    pkgs.jq
    pkgs.less
    pkgs.procps
    pkgs.xz
  ];
  acName = "generic";
  acVersion = "1.0";
  args = [
    "/bin/bash"
    "-l"
  ];
  terminal = true;
  env = {
    PATH = "/bin:/sbin";
    SSL_CERT_FILE = "/etc/ssl/certs/ca-bundle.crt";
  };
  isolators."os/linux/capabilities-retain-set".set = [
    "CAP_CHOWN"
    "CAP_DAC_OVERRIDE"
    "CAP_FOWNER"
    "CAP_KILL"
    "CAP_NET_ADMIN"
    "CAP_NET_RAW"
    "CAP_SETGID"
    "CAP_SETUID"
  ];
}
