/**
  A shell, and the small programs without which no script gets far. It wants a terminal, `rkt run --interactive` or
  `podman run -it`, or a script behind `-c`; with neither it ends at once.
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
    pkgs.coreutils
  ];
  acName = "bash";
  exec = [ "/bin/bash" ];
}
