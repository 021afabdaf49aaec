{
  description = "An App Container Image";

  inputs = {
    # Where nix2aci is, such as "git+file:///home/me/nix2aci"; or this, after `nix registry add nix2aci …`.
    nix2aci.url = "flake:nix2aci";
    nixpkgs.follows = "nix2aci/nixpkgs";
  };

  outputs =
    {
      self,
      nixpkgs,
      nix2aci,
      ...
    }:
    let
      pkgs = nixpkgs.legacyPackages.x86_64-linux;
    in
    {
      packages.x86_64-linux.default = nix2aci.lib.mkACI {
        inherit pkgs;
        packages = [ pkgs.busybox ];
        acName = "example.com/web";
        acVersion = "1.0";
        exec = [
          "/bin/httpd"
          "-f"
          "-p"
          "8080"
          "-h"
          "/srv"
        ];
        files."/srv/index.html".text = ''
          <p>Hello from an App Container Image.</p>
        '';
        ports.http = {
          protocol = "tcp";
          port = 8080;
        };
        user = "nobody";
        group = "nogroup";
      };

      # `nix run` links the image into ./ACIs, signs it, and says how to run it.
      apps.x86_64-linux.default = self.packages.x86_64-linux.default.app;
    };
}
