/**
  The key-value store, keeping its data in a volume. Who reaches the port may do anything: it is open to whom you open
  it.
*/
{
  mkACI,
  pkgs,
  thin ? false,
  static ? false,
  ...
}:

let
  # The volume belongs to this user: nothing runs as root.
  id = 71;
in
mkACI {
  inherit pkgs thin static;
  packages = [ pkgs.redis ];
  exec = [
    "/bin/redis-server"
    "/etc/redis.conf"
  ];
  files = {
    "/etc/redis.conf".text = ''
      bind * -::*
      protected-mode no
      port 6379
      dir /var/lib/redis
      save 3600 1 300 100 60 10000
      appendonly yes
    '';
    "/var/lib/redis" = {
      directory = true;
      mode = "0750";
      uid = id;
      gid = id;
    };
  };
  mounts.data = "/var/lib/redis";
  ports.redis = {
    protocol = "tcp";
    port = 6379;
  };
  user = id;
  group = id;
}
