{ mkACI, pkgs, ... }:
mkACI {
  packages = [
    pkgs.hello
    (pkgs.app [ pkgs.gcc ])
  ];
  exec = "/bin/hello";
}
