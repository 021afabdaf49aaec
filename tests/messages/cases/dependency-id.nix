{ mkACI, pkgs }:
mkACI {
  packages = [ pkgs.hello ];
  exec = "/bin/hello";
  dependencies = [
    {
      imageName = "example.com/base:1.0";
      imageID = "sha512-0123456789abcdef";
    }
  ];
}
