/**
  The usual programs in one; as a single static file where `static` asks for it. What runs is the shell: without a
  terminal it finds nothing to read and ends at once, and well. `rkt run --interactive IMAGE` or `podman run -it` gives
  it one, `rkt run IMAGE -- -c 'httpd -f'` or `podman run IMAGE httpd -f` something to do.
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
  args = [ "/bin/sh" ];
  terminal = true;
}
