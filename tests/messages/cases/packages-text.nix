{ mkACI, pkgs }:
mkACI {
  packages = [
    pkgs.hello
    "tools"
  ];
  exec = "/bin/hello";
}
