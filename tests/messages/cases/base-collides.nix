{ mkACI, pkgs }:
mkACI {
  acName = "example.com/app";
  packages = [ pkgs.tools ];
  exec = "/bin/hello";
  dependencies = [
    (mkACI {
      acName = "example.com/base";
      packages = [ pkgs.hello ];
    })
  ];
}
