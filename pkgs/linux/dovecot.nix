/**
  Mailboxes over IMAP, filled over LMTP. Users stand in the file `passwd` of the volume `users`, one per line:
  `name:{SHA512-CRYPT}$6$…`. It speaks no TLS: something before it has to.
*/
{
  mkACI,
  pkgs,
  thin ? false,
  static ? false,
  ...
}:

let
  # The owner of all mail; the configuration and etc/passwd say the same.
  id = 72;
  # The language of the configuration changed.
  before24 = builtins.compareVersions pkgs.dovecot.version "2.4" < 0;
in
mkACI {
  inherit pkgs thin static;
  packages = [ pkgs.dovecot ];
  exec = [
    "/bin/dovecot"
    "-F"
    "-c"
    "/etc/dovecot/dovecot.conf"
  ];
  files = {
    "/etc/dovecot/dovecot.conf".source =
      if before24 then ./dovecot/dovecot-2.3.conf else ./dovecot/dovecot-2.4.conf;
    "/etc/passwd".source = ./dovecot/passwd;
    "/etc/group".source = ./dovecot/group;
    # Where a dovecot looks for its parts that was compiled for a distribution.
    "/usr/lib/dovecot".symlink = "/lib/dovecot";
    "/var/lib/dovecot".directory = true;
    "/var/mail" = {
      directory = true;
      uid = id;
      gid = id;
    };
  };
  mounts.mail = "/var/mail";
  mountsRo.users = "/etc/dovecot/users";
  ports = {
    imap = {
      protocol = "tcp";
      port = 143;
    };
    lmtp = {
      protocol = "tcp";
      port = 24;
    };
  };
  isolators."os/linux/capabilities-retain-set".set = [
    "CAP_CHOWN"
    "CAP_DAC_OVERRIDE"
    "CAP_FOWNER"
    "CAP_KILL"
    "CAP_NET_BIND_SERVICE"
    "CAP_SETGID"
    "CAP_SETUID"
    "CAP_SYS_CHROOT"
  ];
}
