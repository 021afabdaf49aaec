{ mkACI, pkgs, ... }:
let
  project = import ../../.. {
    inherit pkgs;
    builder = throw "nothing is built";
  };
  image =
    arguments:
    mkACI (
      {
        packages = [ pkgs.hello ];
        exec = "/bin/hello";
      }
      // arguments
    );
in
project.mkIndex {
  images = [
    (image { })
    (image { arch = "arm64"; })
    (image { acName = "other"; })
    pkgs.hello
  ];
  tags = "latest";
}
