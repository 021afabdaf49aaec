{ mkACI, pkgs }:
mkACI {
  packages = [ pkgs.hello ];
  exec = "/bin/hello";
  annotations = {
    created = "yesterday";
    homepage = "example.com";
  };
}
