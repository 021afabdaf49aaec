{ mkACI, pkgs }:
mkACI {
  acName = "example.com/app";
  acVersion = "1.0";
  packages = [ ];
  files."/etc/app.conf".text = "greeting = hi";
  exec = "/bin/helo";
  dependencies = [
    (mkACI {
      acName = "example.com/base";
      packages = [ pkgs.hello ];
    })
  ];
}
