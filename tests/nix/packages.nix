/**
  A package set of derivations that are evaluated and never built: what there is to know about a package, and no more.

  `mkACI` for it packs with a program that does not exist.
*/
let
  system = "x86_64-linux";

  stdenvFor = system: {
    hostPlatform = {
      inherit system;
      parsed = {
        cpu.name = builtins.head (builtins.split "-" system);
        kernel.name = builtins.elemAt (builtins.split "-" system) 2;
      };
    };
  };

  package =
    {
      pname,
      version,
      system ? "x86_64-linux",
      outputs ? [ "out" ],
      meta ? { },
      ...
    }:
    derivation {
      name = "${pname}-${version}";
      builder = "/none";
      inherit system outputs;
    }
    // {
      inherit pname version;
      stdenv = stdenvFor system;
      meta = {
        description = "The program ${pname}";
        outputsToInstall = [ "out" ];
      }
      // meta;
    };

  named =
    version: names:
    builtins.listToAttrs (
      map (pname: {
        name = pname;
        value = package { inherit pname version; };
      }) names
    );
in
{
  inherit package stdenvFor system;

  mkACI = import ../../nix/mk-aci.nix {
    builder = "/none/bin/nix2aci";
    inherit system;
  };

  pkgs =
    named "1.2-3" [
      "bash"
      "cacert"
      "containerd"
      "coreutils"
      "curl"
      "diffutils"
      "dnsmasq"
      "docker"
      "dovecot"
      "etcd"
      "file"
      "findutils"
      "flannel"
      "gawk"
      "getmail6"
      "gnugrep"
      "gnupg"
      "gnused"
      "gnutar"
      "gzip"
      "iperf3"
      "iproute2"
      "iptables"
      "iputils"
      "jq"
      "less"
      "nginx"
      "pinentry-curses"
      "pixiecore"
      "postgresql"
      "procps"
      "qemu"
      "redis"
      "runc"
      "tcpdump"
      "xz"
    ]
    // {
      stdenv = stdenvFor system;
      lib = { };
      busybox = package {
        pname = "busybox";
        version = "1.36.1";
      };
      pkgsStatic.busybox = package {
        pname = "busybox-static-x86_64-unknown-linux-musl";
        version = "1.36.1";
      };
      manual = package {
        pname = "manual";
        version = "3";
        outputs = [
          "bin"
          "out"
          "man"
        ];
        meta.outputsToInstall = [
          "bin"
          "man"
        ];
      };
      nix2aci = package {
        pname = "nix2aci";
        version = "0";
      };
    };
}
