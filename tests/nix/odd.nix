/**
  Packages as there are: what they say of themselves in other forms than text, and what is made of it.
*/
{
  mkACI,
  package,
  pkgs,
  stdenvFor,
  ...
}:
let
  inherit (builtins) head stringLength substring;
  base = package {
    pname = "thing";
    version = "2.0";
  };
  of = package: mkACI { packages = [ package ]; };
  with' = attributes: of (base // attributes);
  first = package: (head (of package).spec.root.packages).paths;

  # A store path with a name, as Nix has it for a text.
  stored =
    name:
    derivation {
      inherit name;
      builder = "/none";
      system = "x86_64-linux";
      outputs = [
        "out"
        "bin"
        "python"
      ];
    };
  calls = package: [
    (of package).imageName
    (of package).version
  ];
  hashed = package: substring (stringLength builtins.storeDir + 1) 12 "${package}";
  unnumbered = stored "tool" // {
    name = "tool";
  };
  manual = package {
    pname = "manual";
    version = "3";
    outputs = [
      "out"
      "man"
      "doc"
      "devdoc"
    ];
    meta.outputsToInstall = [
      "out"
      "man"
    ];
  };
  documents = package {
    pname = "pages";
    version = "3";
    outputs = [ "man" ];
    meta.outputsToInstall = [ "man" ];
  };
in
{
  versions = {
    expr = map (version: (with' { inherit version; }).version) [
      {
        major = "3";
        __toString = self: "${self.major}.4-p1";
      }
      4
      1.5
      null
      [ "1" ]
      { }
      (_: "1")
      ""
      "--"
    ];
    expected = [
      "3.4_p1"
      "4"
      "1.5"
      "2.0"
      "2.0"
      "2.0"
      "2.0"
      "2.0"
      "2.0"
    ];
  };
  names = {
    expr = map (pname: (with' { inherit pname; }).imageName) [
      {
        __toString = _: "other";
      }
      null
      [ ]
      "bash-interactive"
    ];
    expected = [
      "other"
      "thing"
      "thing"
      "bash"
    ];
  };
  # Whatever form it has, it is taken or told; nothing of it ends the evaluation.
  others = {
    expr =
      map
        (
          attributes:
          let
            image = with' attributes;
          in
          if image.problems == [ ] then "${image.imageName} ${image.meta.description}" else image.problems
        )
        [
          { name = [ ]; }
          { meta = null; }
          { meta.description = [ ]; }
          { meta.outputsToInstall = "out"; }
          { meta.outputsToInstall = [ 5 ]; }
          { meta.outputsToInstall = [ "lib" ]; }
          { outputs = "out"; }
          { meta.priority = "10"; }
          { meta.priority = 1.5; }
          { system = { }; }
          {
            system = "builtin";
            stdenv = null;
          }
          { stdenv = { }; }
          { stdenv.hostPlatform.system = 5; }
          {
            meta = { };
            outPath = "/${builtins.concatStringsSep "" (builtins.genList (_: "0") 52)}";
          }
          {
            meta = { };
            outPath = "${base}/share";
          }
        ];
    expected = [
      "thing App Container Image thing: The program thing"
      "thing App Container Image thing"
      "thing App Container Image thing"
      "thing App Container Image thing"
      "thing App Container Image thing"
      [
        "packages[0].meta.outputsToInstall = [ … ] (1 elements): names lib, which the package has no outputs for"
      ]
      "thing App Container Image thing: The program thing"
      "thing App Container Image thing"
      [ "packages[0].meta.priority = 1.5: must be a whole number" ]
      "thing App Container Image thing: The program thing"
      "thing App Container Image thing: The program thing"
      "thing App Container Image thing: The program thing"
      "thing App Container Image thing: The program thing"
      [
        "packages[0].outPath = \"/0000000000000000000000000000000000000000000000000000\": has no store path before it is built, as it is content-addressed; take a package set without contentAddressedByDefault"
      ]
      [
        "packages[0].outPath = \"${builtins.unsafeDiscardStringContext "${base}"}/share\": must be a whole store path"
      ]
    ];
  };
  set = {
    expr =
      (mkACI {
        packages = [
          pkgs.nginx
          (builtins.listToAttrs (
            builtins.genList (at: {
              name = "p${toString at}";
              value = null;
            }) 9
          ))
        ];
      }).problems;
    expected = [
      "packages[1] = { p0 = …; p1 = …; p2 = …; p3 = …; p4 = …; p5 = …; p6 = …; p7 = …; … }: must be a package"
    ];
  };

  # What was put together of a package is called as it is.
  together = {
    expr = map calls [
      (stored "python3-3.13.13-env" // { name = "python3-3.13.13-env"; })
      (stored "ruby-3.4.8-with-packages" // { name = "ruby-3.4.8-with-packages"; })
      "${(stored "openssl-3.6.2").bin}"
      "${(stored "samba-4.1").python}"
      "${stored "foo-0-unstable-2026-01-31"}"
    ];
    expected = [
      [
        "python3"
        "3.13.13"
      ]
      [
        "ruby"
        "3.4.8"
      ]
      [
        "openssl"
        "3.6.2"
      ]
      [
        "samba"
        "4.1"
      ]
      [
        "foo"
        "0_unstable_2026_01_31"
      ]
    ];
  };
  # Without a version, the store path tells one from another.
  unnumbered = {
    expr = calls unnumbered ++ [ (of unnumbered).fileName ] ++ calls "${stored "tool"}";
    expected = [
      "tool"
      (hashed unnumbered)
      "tool-${hashed unnumbered}.aci"
      "tool"
      (hashed unnumbered)
    ];
  };
  unnumberedTree = {
    expr = stringLength (of ../nix).version;
    expected = 12;
  };

  # Documentation stays out unless it is asked for.
  documentation = {
    expr = [
      (first manual == [ "${manual}" ])
      (first (manual.man // { outputSpecified = true; }) == [ "${manual.man}" ])
      (first documents == [ "${documents}" ])
      (
        (head
          (mkACI {
            packages = [ manual ];
            documentation = true;
          }).spec.root.packages
        ).paths == [
          "${manual.out}"
          "${manual.man}"
          "${manual.doc}"
          "${manual.devdoc}"
        ]
      )
    ];
    expected = [
      true
      true
      true
      true
    ];
  };

  # From a Mac: its set has the packages of Linux, and with them what packs.
  mac =
    let
      system = "aarch64-darwin";
      linux = package {
        pname = "redis";
        version = "8";
        system = "aarch64-linux";
      };
      nix2aci = package {
        pname = "nix2aci";
        version = "0";
        system = "aarch64-linux";
      };
      image =
        (import ../.. {
          pkgs = {
            stdenv = stdenvFor system;
            nix2aci = throw "this one packs on no Linux";
            pkgsLinux = {
              stdenv = stdenvFor "aarch64-linux";
              inherit nix2aci;
            };
          };
          inherit system;
        }).mkACI
          { packages = [ linux ]; };
    in
    {
      expr = [
        image.problems
        image.labels.arch
        image.system
        (image.builder == "${nix2aci}/bin/nix2aci")
      ];
      expected = [
        [ ]
        "aarch64"
        "aarch64-linux"
        true
      ];
    };
  linux = {
    expr = map (import ../../nix/linux.nix).systemFor [
      "aarch64-darwin"
      "x86_64-darwin"
      "x86_64-linux"
    ];
    expected = [
      "aarch64-linux"
      "x86_64-linux"
      "x86_64-linux"
    ];
  };
  app = {
    expr =
      (with' { }).app == {
        type = "app";
        program = "${with' { }}/postprocess.sh";
      };
    expected = true;
  };
}
