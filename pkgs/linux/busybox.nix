/**
  The usual programs in one; as a single static file where `static` asks for it.
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
  packages = [ (if static then pkgs.pkgsStatic.busybox else pkgs.busybox) ];
  acName = "busybox";
  versionAddon = if static then "-static" else "";
  exec = [ "/bin/sh" ];
}
