/**
  The Docker daemon and its client. The daemon makes containers itself: it wants a host that lets it.
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
    pkgs.docker
    pkgs.cacert
    pkgs.containerd
    pkgs.iptables
    pkgs.runc
  ];
  exec = [ "/bin/dockerd" ];
  args = [
    "--host=unix:///run/docker.sock"
    "--data-root=/var/lib/docker"
  ];
  env = {
    PATH = "/bin:/sbin";
    SSL_CERT_FILE = "/etc/ssl/certs/ca-bundle.crt";
  };
  # Where the client looks for the daemon.
  files."/var/run".symlink = "/run";
  mounts.data = "/var/lib/docker";
  # Containers of its own may make any system call; what they must not, the daemon forbids them.
  rktSeccomp = "nothing";
  isolators."os/linux/capabilities-retain-set".set = [
    "CAP_AUDIT_WRITE"
    "CAP_CHOWN"
    "CAP_DAC_OVERRIDE"
    "CAP_FOWNER"
    "CAP_FSETID"
    "CAP_KILL"
    "CAP_MKNOD"
    "CAP_NET_ADMIN"
    "CAP_NET_BIND_SERVICE"
    "CAP_NET_RAW"
    "CAP_SETFCAP"
    "CAP_SETGID"
    "CAP_SETPCAP"
    "CAP_SETUID"
    "CAP_SYS_ADMIN"
    "CAP_SYS_CHROOT"
    "CAP_SYS_PTRACE"
    "CAP_SYS_RESOURCE"
  ];
}
