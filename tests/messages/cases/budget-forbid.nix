{ mkACI, pkgs }:
mkACI {
  packages = [ pkgs.service ];
  exec = "/bin/hello";
  forbid = [
    "perl"
    "hello"
    "service-2.?"
  ];
}
