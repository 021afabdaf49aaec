/**
  Fetches mail once, as `getmailrc` in the volume `config` says, and ends. Mail goes where that file says: `/var/mail`
  is there for it.
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
    pkgs.getmail6
    pkgs.cacert
  ];
  acName = "getmail";
  exec = [
    "/bin/getmail"
    "--getmaildir=/var/lib/getmail"
  ];
  env.SSL_CERT_FILE = "/etc/ssl/certs/ca-bundle.crt";
  mounts = {
    config = "/var/lib/getmail";
    mail = "/var/mail";
  };
}
