{ mkACI, pkgs }:
mkACI {
  packages = [ pkgs.hello ];
  exec = "/bin/hello";
  dependencies = [
    (mkACI {
      acName = "example.com/base";
      packages = [ pkgs.tools ];
      arch = "aarch64";
    })
  ];
}
