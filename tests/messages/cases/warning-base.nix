{ mkOCI, pkgs, ... }:
mkOCI {
  packages = [
    pkgs.hello
    (pkgs.app [ pkgs.olderZlib ])
  ];
  dependencies = [
    (mkOCI {
      packages = [
        pkgs.keys
        pkgs.zlib
      ];
    })
  ];
  exec = "/bin/hello";
}
