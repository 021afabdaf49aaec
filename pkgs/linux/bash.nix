/**
  A shell, and the small programs without which no script gets far.
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
