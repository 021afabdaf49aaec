/**
  Forwards a TCP port to another host: `LISTEN_PORT` here to `TARGET_PORT` of `TARGET_HOST`.
*/
{
  mkACI,
  pkgs,
  thin ? false,
  static ? false,
  ...
}:

let
  listenPort = 8080;
in
mkACI {
  inherit pkgs thin static;
  packages = [ (if static then pkgs.pkgsStatic.busybox else pkgs.busybox) ];
  acName = "busybox-pfwd";
  versionAddon = if static then "-static" else "";
  exec = [ "/bin/forward" ];
  files."/bin/forward" = {
    mode = "0755";
    text = ''
      #!/bin/sh
      if [ -z "$TARGET_HOST" ]; then
        echo "TARGET_HOST is not set: where should port $LISTEN_PORT lead?" >&2
        exit 64
      fi
      echo "Forwarding port $LISTEN_PORT to $TARGET_HOST, port $TARGET_PORT"
      exec busybox nc -ll -p "$LISTEN_PORT" -e /bin/busybox nc "$TARGET_HOST" "$TARGET_PORT"
    '';
  };
  env = {
    PATH = "/bin";
    LISTEN_PORT = listenPort;
    TARGET_HOST = "";
    TARGET_PORT = 80;
  };
  ports.forward = {
    protocol = "tcp";
    port = listenPort;
  };
  user = "nobody";
  group = "nogroup";
}
