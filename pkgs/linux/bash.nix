/**
  A shell, and the small programs without which no script gets far. It wants a terminal, `rkt run --interactive` or
  `podman run -it`, or a script behind `-c`; with neither it ends at once. `podman run IMAGE ls` runs another program.
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
  args = [ "/bin/bash" ];
  terminal = true;
}
