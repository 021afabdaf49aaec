{ mkACI, pkgs }:
mkACI {
  packages = [ pkgs.hello ];
  exec = "/bin/hello";
  user = "servcie";
  files."/etc/passwd".text = "service:x:400:400::/:/bin/sh\n";
}
