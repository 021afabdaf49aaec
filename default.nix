/**
  The images, and what makes them: `nix-build . -A busybox`, then `./result/postprocess.sh`.

  Every image has its other forms as attributes (`-A redis.thin`, `-A redis.oci`). Nothing is fetched but what the chosen attribute
  needs.

  # Inputs

  `system`
  : the system of the packages and of the builder; on a Mac the Linux of the same processor, which a remote builder has

  `pkgs`
  : the package set; the one that `flake.lock` pins unless given. `import ./nix/debian { }` is one that needs a Debian
    mirror alone. Of a Mac's, the set `pkgsLinux` is taken

  `builder`
  : the program that packs images: a package, a directory with `bin/nix2aci`, or the program itself. Unless given, the
    `nix2aci` of the package set where it has one, as with the flake's overlay, or else compiled by that set

  `thin`, `static`
  : what images are when they do not say themselves
*/
{
  system ? builtins.currentSystem,
  pkgs ? import (
    let
      inherit ((builtins.fromJSON (builtins.readFile ./flake.lock)).nodes.nixpkgs) locked;
    in
    builtins.fetchTarball {
      url = "https://github.com/${locked.owner}/${locked.repo}/archive/${locked.rev}.tar.gz";
      sha256 = locked.narHash;
    }
  ) { system = (import ./nix/linux.nix).systemFor system; },
  builder ? null,
  thin ? false,
  static ? false,
}:

let
  linux = import ./nix/linux.nix;

  packageSet =
    if builtins.isAttrs pkgs then
      linux.packagesFor pkgs
    else
      throw "pkgs is a ${
        if builtins.isFunction pkgs then "function" else builtins.typeOf pkgs
      }, and must be a package set: write --arg pkgs 'import ./nix/debian { }'";

  # What packs the images runs here, whatever system they are for.
  native = packageSet.buildPackages or packageSet;
  nix2aci =
    if builder != null then
      builder
    else
      native.nix2aci or (
        if native ? rustPlatform then
          native.callPackage ./nix/package.nix { }
        else
          throw "this package set cannot compile the builder, as it has no rustPlatform: run ./build.sh busybox once, which does, and pass --arg builder ./target/${builtins.head (builtins.split "-" system)}-unknown-linux-gnu/release/nix2aci"
      );
  packer = import ./nix/builder.nix {
    builder = nix2aci;
    system = linux.systemFor system;
  };

  common = {
    builder = packer.executable;
    inherit (packer) system;
    # Engines are the host's.
    tools = {
      push = [
        (native.skopeo or null)
        (native.gnupg or null)
      ];
      sign = [ (native.gnupg or null) ];
      verify = [
        (native.skopeo or null)
        (native.gnupg or null)
      ];
      export-key = [ (native.gnupg or null) ];
    };
  };
  mkACI = import ./nix/mk-aci.nix common;
  mkIndex = import ./nix/mk-index.nix common;

  mkOCI = arguments: mkACI ({ face = "oci"; } // arguments);

  /**
    Images as a directory for a web server, on which rkt finds them by name; see nix/site.
  */
  mkSite = import ./nix/site {
    builder = packer.executable;
    inherit (packer) system;
  };

  /**
    What tells the second image from the first: `diffImages before.redis.oci now.redis.oci`.
  */
  diffImages =
    older: newer:
    if builtins.isAttrs newer && newer ? diff then
      newer.diff older
    else
      throw "diffImages: the newer image is none that mkACI has made";

  image =
    file: changes:
    import file (
      {
        # Images may stand on others.
        inherit
          mkACI
          images
          thin
          static
          ;
        pkgs = packageSet;
        inherit (packageSet) lib;
      }
      // changes
    );

  /**
    One name for an image of `images` on the processors that most machines have, where the package set compiles for both.
  */
  indexOf =
    name: image:
    mkIndex {
      images = map (
        { system, cross }:
        if packageSet.stdenv.hostPlatform.system == system then
          image
        else
          (import ./. {
            inherit thin static;
            system = packer.system;
            builder = nix2aci;
            pkgs =
              packageSet.pkgsCross.${cross}
                or (throw "${name}.index needs packages of both processors, and this package set has no pkgsCross.${cross}; write mkIndex { images = [ … ]; } with an image for each");
          }).images.${name}
      ) (import ./nix/linux.nix).processors;
    };

  images = builtins.mapAttrs (name: image: image // { index = indexOf name image; }) {
    bash = image ./pkgs/linux/bash.nix { };
    busybox = image ./pkgs/linux/busybox.nix { static = true; };
    busyboxFat = image ./pkgs/linux/busybox.nix {
      thin = false;
      static = false;
    };
    busyboxThin = image ./pkgs/linux/busybox.nix {
      thin = true;
      static = false;
    };
    busybox-pfwd = image ./pkgs/linux/busybox-pfwd.nix { };
    dnsmasq = image ./pkgs/linux/dnsmasq.nix { };
    docker = image ./pkgs/linux/docker.nix { };
    dovecot = image ./pkgs/linux/dovecot.nix { };
    etcd = image ./pkgs/linux/etcd.nix { };
    flannel = image ./pkgs/linux/flannel.nix { };
    generic = image ./pkgs/linux/generic.nix { };
    getmail = image ./pkgs/linux/getmail.nix { };
    gnupg = image ./pkgs/linux/gnupg.nix { };
    iperf = image ./pkgs/linux/iperf.nix { };
    nginx = image ./pkgs/linux/nginx.nix { };
    pixiecore = image ./pkgs/linux/pixiecore.nix { };
    postgresql = image ./pkgs/linux/postgresql.nix { };
    qemu = image ./pkgs/linux/qemu.nix { };
    redis = image ./pkgs/linux/redis.nix { };
    tcpdump = image ./pkgs/linux/tcpdump.nix { };
  };
in
images
// {
  inherit
    diffImages
    images
    mkACI
    mkIndex
    mkOCI
    mkSite
    nix2aci
    ;
}
