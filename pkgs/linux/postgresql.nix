/**
  The database server. The first start makes the database in the volume `data`, with the password of the user `postgres`
  from the environment variable POSTGRES_PASSWORD; without one, only local programs get in.
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
  id = 70;
  own = mode: {
    directory = true;
    inherit mode;
    uid = id;
    gid = id;
  };
in
mkACI {
  inherit pkgs thin static;
  packages = [
    pkgs.postgresql
    pkgs.bash
    pkgs.coreutils
  ];
  exec = [ "/bin/start-postgresql" ];
  files = {
    "/bin/start-postgresql" = {
      source = ./postgresql/start.sh;
      mode = "0755";
    };
    "/var/lib/postgresql" = own "0700";
    "/run/postgresql" = own "0755";
  };
  env = {
    PATH = "/bin";
    PGDATA = "/var/lib/postgresql/data";
  };
  mounts.data = "/var/lib/postgresql";
  ports.postgresql = {
    protocol = "tcp";
    port = 5432;
  };
  user = id;
  group = id;
  workingDirectory = "/var/lib/postgresql";
}
