{ mkACI, pkgs, ... }:
mkACI {
  packages = [
    pkgs.hello
    pkgs.keys
  ];
  exec = "/bin/hello";
  files."/data/.ssh/id_ed25519".text = "…";
  files."/srv/.env".text = "PORT=80\nDB_PASSWORD=1234\n";
  files."/srv/.env.example".text = "DB_PASSWORD=yours\n";
  files."/srv/server.pem".source = "${pkgs.keys}/share/tests/server.pem";
}
