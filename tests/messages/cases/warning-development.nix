{ mkACI, pkgs, ... }:
mkACI {
  packages = [
    pkgs.hello
    (pkgs.app [ pkgs.openssl ])
  ];
  exec = "/bin/hello";
}
