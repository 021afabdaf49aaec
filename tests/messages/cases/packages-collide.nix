{ mkACI, pkgs }:
mkACI {
  packages = [
    pkgs.hello
    pkgs.tools
  ];
  exec = "/bin/hello";
}
