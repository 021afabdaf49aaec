{ mkACI, pkgs, ... }:
mkACI {
  packages = [
    pkgs.hello
    (pkgs.app [ pkgs.zlib ])
  ];
  layers = [ pkgs.olderZlib ];
  exec = "/bin/hello";
}
