/**
  GnuPG with keys in a volume. The agent asks for passphrases on the terminal, which `rkt run --interactive` gives.
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
    pkgs.gnupg
    pkgs.pinentry-curses
  ];
  exec = [ "/bin/gpg" ];
  terminal = true;
  env.GNUPGHOME = "/var/lib/gnupg";
  mounts.keys = "/var/lib/gnupg";
  files = {
    "/var/lib/gnupg" = {
      directory = true;
      mode = "0700";
    };
    "/etc/gnupg/gpg-agent.conf".text = ''
      pinentry-program /bin/pinentry-curses
    '';
  };
}
