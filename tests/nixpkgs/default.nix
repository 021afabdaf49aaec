/**
  What the test asks of a real nixpkgs.

  # Inputs

  `tree`
  : path of the nixpkgs

  `builder`
  : the program that packs
*/
{ tree, builder }:
let
  config = {
    allowAliases = false;
    allowUnfree = true;
    allowBroken = true;
    allowUnsupportedSystem = true;
    allowInsecurePredicate = _: true;
  };
  pkgs = import tree { inherit config; };
  projectOf = pkgs: import ../.. { inherit pkgs builder; };
  project = projectOf pkgs;
  inherit (project) mkACI;

  system = "x86_64-linux";
  mac = "aarch64-darwin";

  # The flake with this nixpkgs, as Nix would call it, but without a copy of the tree in the store.
  flake = (import ../../flake.nix).outputs {
    nixpkgs.legacyPackages = builtins.listToAttrs (
      map
        (system: {
          name = system;
          value = import tree { inherit config system; };
        })
        [
          system
          "aarch64-linux"
          mac
        ]
    );
  };

  calls = package: {
    inherit (mkACI { packages = [ package ]; }) imageName version problems;
  };
  outputs =
    package:
    map builtins.unsafeDiscardStringContext
      (builtins.head (mkACI { packages = [ package ]; }).spec.root.packages).paths;
  hashed = package: builtins.substring (builtins.stringLength builtins.storeDir + 1) 12 "${package}";
  named = imageName: version: {
    inherit imageName version;
    problems = [ ];
  };
  told = arguments: (mkACI ({ packages = [ pkgs.redis ]; } // arguments)).problems;

  script = pkgs.writeShellScriptBin "tool" "echo hello";
  environment = pkgs.buildEnv {
    name = "environment";
    paths = [ pkgs.redis ];
  };
in
{
  inherit pkgs;
  images = builtins.attrNames project.images;

  # Every form of an image, evaluated to its derivation.
  forms =
    name:
    let
      image = project.images.${name};
    in
    map (form: form.drvPath) [
      image
      image.thin
      image.static
      image.oci
      image.thin.oci
      image.manifest
    ];

  /**
    Tests `{ expr; expected; }` by name, none of which builds anything.
  */
  tests = {
    ruby = {
      expr = calls pkgs.ruby;
      expected = named "ruby" (toString pkgs.ruby.version);
    };
    bash = {
      expr = calls pkgs.bash;
      expected = named "bash" pkgs.bash.version;
    };
    openssl = {
      expr = calls "${pkgs.openssl.bin}";
      expected = named "openssl" pkgs.openssl.version;
    };
    python = {
      expr = calls (pkgs.python3.withPackages (python: [ python.setuptools ]));
      expected = named "python3" pkgs.python3.version;
    };
    perl = {
      expr = calls (pkgs.perl.withPackages (perl: [ perl.URI ]));
      expected = named "perl" pkgs.perl.version;
    };
    withoutVersion = {
      expr = map calls [
        script
        environment
        (pkgs.runCommand "made" { } "mkdir $out")
      ];
      expected = [
        (named "tool" (hashed script))
        (named "environment" (hashed environment))
        (named "made" (hashed (pkgs.runCommand "made" { } "mkdir $out")))
      ];
    };
    static = {
      expr = (calls pkgs.pkgsStatic.busybox).imageName;
      expected = "busybox";
    };
    # Documentation stays out unless it is asked for.
    documentation = {
      expr = builtins.concatMap outputs [
        pkgs.bash
        pkgs.bash.man
        pkgs.openssl
      ];
      expected = map builtins.unsafeDiscardStringContext [
        "${pkgs.bash.out}"
        "${pkgs.bash.man}"
        "${pkgs.openssl.bin}"
      ];
    };

    mistakes = {
      expr = told {
        exec = "/bin/redis-server --port 7000";
        contents = [ pkgs.bash ];
        enviroment = { };
      };
      expected = [
        "contents: is not an argument of mkACI; did you mean \"packages\"?"
        "enviroment: is not an argument of mkACI; did you mean \"env\"?"
        "exec = \"/bin/redis-server --port 7000\": is one word, whose blanks separate nothing; write program and arguments as a list, [ \"/bin/redis-server\" \"--port\" \"7000\" ]"
      ];
    };
    noPackage = {
      expr =
        map
          (
            package:
            builtins.length (told {
              packages = [ package ];
            })
          )
          [
            pkgs
            pkgs.lib
            pkgs.callPackage
            pkgs.python3Packages
            "redis"
          ];
      expected = builtins.genList (_: 1) 5;
    };
    macPackage = {
      expr = (mkACI { packages = [ (import tree { system = mac; }).hello ]; }).problems;
      expected = [
        "os = \"darwin\": runtimes run linux images alone; take the packages of a linux system, such as pkgs.pkgsLinux on a Mac"
      ];
    };

    # The flake: the same images from every system, each an app, with what packs it for its own Linux.
    flakeImages = {
      expr = map (
        system: builtins.all (name: flake.packages.${system} ? ${name}) (builtins.attrNames project.images)
      ) (builtins.attrNames flake.packages);
      expected = builtins.genList (_: true) 4;
    };
    flakeMac = {
      expr = flake.packages.${mac}.redis.drvPath == flake.packages.aarch64-linux.redis.drvPath;
      expected = true;
    };
    flakeApp = {
      expr = flake.apps.${system}.redis.program;
      expected = "${flake.packages.${system}.redis}/postprocess.sh";
    };
    flakeFunction =
      let
        darwin = import tree { system = mac; };
        image = flake.lib.mkACI {
          pkgs = darwin;
          packages = [ darwin.pkgsLinux.redis ];
        };
      in
      {
        expr = [
          image.problems
          image.system
          (image.builder == "${darwin.pkgsLinux.callPackage ../../nix/package.nix { }}/bin/nix2aci")
        ];
        expected = [
          [ ]
          "aarch64-linux"
          true
        ];
      };
    flakeOverlay = {
      expr =
        ((import tree { overlays = [ flake.overlays.default ]; }).mkOCI { packages = [ pkgs.redis ]; })
        .problems;
      expected = [ ];
    };
    flakeShell = {
      expr = flake.devShells.${system}.default.type;
      expected = "derivation";
    };
  };

  /**
    What is found of packages by their names: whether there is one, and what is wrong with an image of it.
  */
  sweep =
    names:
    let
      found =
        name:
        builtins.tryEval (
          let
            package = pkgs.${name};
          in
          if package.type or null == "derivation" then builtins.seq package.outPath true else false
        );
      told =
        name:
        let
          image = mkACI { packages = [ pkgs.${name} ]; };
          inherit (image) problems;
          used = [
            image.name
            image.imageName
            image.version
            image.tag
            image.meta.description
          ];
        in
        builtins.tryEval (
          if problems == [ ] then builtins.deepSeq used [ ] else builtins.deepSeq problems problems
        );
      judge =
        name:
        let
          package = found name;
          said = told name;
        in
        if !package.success || !package.value then
          [ ]
        else
          [
            {
              inherit name;
              problems = if said.success then said.value else [ "an error" ];
            }
          ];
    in
    builtins.concatMap judge names;

  /**
    Images of what is made without a compiler, with the machine's own tools as nixpkgs' stdenv.
  */
  native =
    let
      none =
        name: script:
        derivation {
          inherit name;
          system = builtins.currentSystem;
          builder = "/bin/sh";
          args = [
            "-euc"
            "PATH=/usr/bin:/bin; mkdir -p $out/bin; ${script}"
          ];
        };
      # What the stages would compile, and what they do not need for these.
      tools = _: _: {
        patchelf = none "patchelf" "";
        gnu-config = none "gnu-config" "" // {
          override = _: none "gnu-config" "";
        };
        xz = none "xz" "";
        perl = none "perl" "ln -s /usr/bin/perl $out/bin/perl";
        lndir =
          none "lndir" ''
            printf '#!/bin/sh\ncp -rs "$2/." "$3"\n' >$out/bin/lndir; chmod +x $out/bin/lndir
          ''
          // {
            meta.mainProgram = "lndir";
          };
      };
      pkgs = import tree {
        inherit config;
        overlays = [ tools ];
        stdenvStages =
          stages: import (tree + "/pkgs/stdenv/native") (removeAttrs stages [ "crossOverlays" ]);
      };
      inherit (projectOf pkgs) mkACI;
      tool = pkgs.runCommand "tool" { } ''
        mkdir -p $out/bin $out/share/man
        printf '#!/bin/tool\n' >$out/bin/tool
        chmod +x $out/bin/tool
      '';
      image = package: mkACI { packages = [ package ]; };
    in
    {
      runCommand = image tool;
      buildEnv = image (
        pkgs.buildEnv {
          name = "environment";
          paths = [ tool ];
        }
      );
      symlinkJoin = image (
        pkgs.symlinkJoin {
          name = "joined";
          paths = [ tool ];
        }
      );
    };
}
