/**
  Fetches mail once, as `getmailrc` in the volume `config` says, and ends. Mail goes where that file says: `/var/mail`,
  the volume `mail`, is there for it, with the Maildir or mbox that the file names. getmail delivers nothing as root, so
  both volumes belong to the user 73; in `config` it notes what it has fetched.
*/
{
  mkACI,
  pkgs,
  thin ? false,
  static ? false,
  ...
}:

let
  id = 73;
  own = {
    directory = true;
    mode = "0700";
    uid = id;
    gid = id;
  };
in
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
  files = {
    "/var/lib/getmail" = own;
    "/var/mail" = own;
  };
  mounts = {
    config = "/var/lib/getmail";
    mail = "/var/mail";
  };
  user = id;
  group = id;
  workingDirectory = "/var/lib/getmail";
}
