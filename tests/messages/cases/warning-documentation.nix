{ mkACI, pkgs, ... }:
mkACI {
  packages = [
    pkgs.hello
    (pkgs.app [ pkgs.manual ])
  ];
  exec = "/bin/hello";
}
