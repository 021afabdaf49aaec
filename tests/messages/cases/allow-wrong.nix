{ mkACI, pkgs }:
mkACI {
  packages = [ pkgs.hello ];
  exec = "/bin/hello";
  allow = [
    "compilers"
    "secrets"
    "secrets"
    "gcc"
  ];
}
