{ mkACI, pkgs }:
mkACI {
  acName = "example.com/app";
  packages = [ pkgs.hello ];
  exec = "/bin/hello";
  user = "web";
  files."/etc/passwd".text = "web:x:33:33::/:/bin/sh\n";
  dependencies = [
    (mkACI {
      acName = "example.com/base";
      packages = [ pkgs.hello ];
      user = "web";
    })
  ];
}
