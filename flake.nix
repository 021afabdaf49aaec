{
  description = "App Container Images from Nix expressions";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

  outputs =
    { nixpkgs, ... }:
    let
      inherit (import ./nix/linux.nix) systemFor;
      linuxes = [
        "x86_64-linux"
        "aarch64-linux"
      ];
      # From a Mac, images of Linux are built by a remote builder.
      systems = linuxes ++ [
        "x86_64-darwin"
        "aarch64-darwin"
      ];
      # What a function gives for the packages of Linux on each of the systems, as far as there are packages.
      for =
        systems: function:
        builtins.listToAttrs (
          map (system: {
            name = system;
            value = function nixpkgs.legacyPackages.${systemFor system};
          }) (builtins.filter (system: nixpkgs.legacyPackages ? ${systemFor system}) systems)
        );

      # What default.nix gives for a package set.
      projectOf =
        pkgs:
        import ./. {
          inherit pkgs;
          inherit (pkgs.stdenv.hostPlatform) system;
        };

      # A package set may lack a program: images of it are then left out.
      available =
        images:
        builtins.removeAttrs images (
          builtins.filter (
            name:
            !(builtins.tryEval (
              builtins.foldl' (_: package: builtins.seq package null) null images.${name}.packages
            )).success
          ) (builtins.attrNames images)
        );

      # A small package set may have no development tools.
      optional = condition: attributes: if condition then attributes else { };
    in
    {
      packages = for systems (
        pkgs:
        let
          project = projectOf pkgs;
        in
        available project.images
        // {
          inherit (project) nix2aci;
          default = project.busybox;
        }
      );

      # `nix run .#redis` does what `./result/postprocess.sh` does.
      apps = for systems (
        pkgs:
        let
          project = projectOf pkgs;
        in
        builtins.mapAttrs (_: image: image.app) (available project.images // { default = project.busybox; })
      );

      lib = rec {
        /**
          `mkACI` for the package set that is given as its argument `pkgs`; see nix/arguments.nix for all others.

          # Example

          ```nix
          nix2aci.lib.mkACI {
            inherit pkgs;
            packages = [ pkgs.hello ];
            exec = [ "/bin/hello" ];
          }
          ```
        */
        mkACI =
          {
            pkgs ? throw "nix2aci.lib.mkACI: pkgs is missing; write inherit pkgs",
            ...
          }@arguments:
          (projectOf pkgs).mkACI arguments;

        /**
          The same function; its images are OCI images unless asked otherwise.
        */
        mkOCI = arguments: mkACI ({ face = "oci"; } // arguments);

        /**
          One name for images of several platforms; see nix/mk-index.nix.
        */
        mkIndex =
          {
            pkgs ? throw "nix2aci.lib.mkIndex: pkgs is missing; write inherit pkgs",
            ...
          }@arguments:
          (projectOf pkgs).mkIndex (builtins.removeAttrs arguments [ "pkgs" ]);

        /**
          Images as a directory for a web server, on which rkt finds them by name; nix/site tells of its arguments.
        */
        mkSite =
          {
            pkgs ? throw "nix2aci.lib.mkSite: pkgs is missing; write inherit pkgs",
            ...
          }@arguments:
          (projectOf pkgs).mkSite (builtins.removeAttrs arguments [ "pkgs" ]);

        /**
          What tells the second image from the first, for people and for programs.
        */
        diffImages = older: newer: newer.diff older;
      };

      overlays.default = final: _: {
        nix2aci = final.callPackage ./nix/package.nix { };
        inherit (projectOf final)
          mkACI
          mkIndex
          mkOCI
          mkSite
          ;
      };

      checks = for linuxes (
        pkgs:
        let
          project = projectOf pkgs;
        in
        {
          inherit (project) nix2aci;
          # Evaluates the tests before it builds the image.
          evaluation =
            let
              inherit (import ./tests/nix { }) failed;
            in
            if failed == [ ] then
              project.busybox
            else
              throw "these evaluation tests failed: ${toString failed}";
          fat = project.busyboxFat;
          thin = project.busyboxThin;
        }
      );

      devShells = for linuxes (
        pkgs:
        optional (pkgs ? mkShell) {
          default = pkgs.mkShell {
            packages = [
              pkgs.cargo
              pkgs.clippy
              pkgs.deadnix
              pkgs.nixfmt
              pkgs.rustc
              pkgs.rustfmt
              pkgs.shellcheck
            ];
          };
        }
      );

      formatter = for (builtins.filter (system: nixpkgs.legacyPackages ? ${system}.nixfmt-tree) linuxes) (
        pkgs: pkgs.nixfmt-tree
      );

      templates.default = {
        path = ./nix/template;
        description = "A first image of one's own";
        welcomeText = ''
          First set `nix2aci.url` in flake.nix to where nix2aci is. Then `nix build` and `./result/postprocess.sh`: the
          image is then in the directory ACIs.
        '';
      };
    };
}
