{ mkACI, pkgs }:
mkACI {
  packages = [ pkgs.hello ];
  exec = [
    "hello"
    "--port"
    80
  ];
}
