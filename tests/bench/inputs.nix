/**
  What the benchmark packs: for each size the attributes that Nix hands to the builder, as it wrote them.

  A builder that only keeps its `.attrs.json` takes the place of the real one, so spec and closure are those of a real
  derivation, and the packing can be measured alone.

  # Inputs

  `pkgs`
  : the embedded package set

  `builder`
  : the real builder, for the images that are built through Nix
*/
{
  pkgs,
  builder ? null,
}:

let
  inherit (builtins) attrValues genList length;

  project = import ../.. {
    inherit pkgs;
    builder = recorder;
  };

  recorder = pkgs.writeScriptBin "nix2aci" ''
    #!${pkgs.bash}/bin/bash
    attrs=$(<"$NIX_BUILD_TOP/.attrs.json")
    [[ $attrs =~ '"outputs":{"out":"'([^\"]*) ]]
    printf '%s\n' "$attrs" >"''${BASH_REMATCH[1]}"
  '';

  names = rec {
    tiny = [ "busybox-static" ];
    small = [
      "bash"
      "coreutils"
      "curl"
      "nginx"
      "python3"
      "redis"
    ];
    medium = small ++ [
      "busybox"
      "bzip2"
      "cacert"
      "dash"
      "diffutils"
      "dnsmasq"
      "dnsutils"
      "dovecot"
      "dovecot_pigeonhole"
      "etcd"
      "file"
      "findutils"
      "gawk"
      "getent"
      "getmail6"
      "git"
      "gnugrep"
      "gnupg"
      "gnused"
      "gnutar"
      "gzip"
      "haproxy"
      "hello"
      "iperf2"
      "iperf3"
      "iproute2"
      "iptables"
      "iputils"
      "jq"
      "less"
      "memcached"
      "nano"
      "openssh"
      "openssl"
      "perl"
      "postgresql"
      "procps"
      "qemu"
      "rsync"
      "runc"
      "socat"
      "sqlite"
      "strace"
      "supervisor"
      "tcpdump"
      "tzdata"
      "util-linux"
      "wget"
      "xz"
      "zstd"
    ];
    large = medium ++ [
      "containerd"
      "docker"
    ];
    # Packed with several numbers of threads.
    threads = medium;
    # With an application on top, images that go through changes.
    runtime = [
      "python3"
      "git"
      "nginx"
      "postgresql"
      "bash"
      "cacert"
      "coreutils"
      "curl"
      "diffutils"
      "findutils"
      "gawk"
      "gnugrep"
      "gnupg"
      "gnused"
      "gnutar"
      "gzip"
      "jq"
      "less"
      "nano"
      "openssh"
      "procps"
      "tzdata"
      "xz"
    ];
    programs =
      runtime
      ++ builtins.filter (name: !builtins.elem name runtime) medium
      ++ [
        "eject"
        "glibcLocales"
        "hostname"
        "httping"
        "msmtp"
        "ncurses"
        "patchelf"
        "pinentry"
        "tini"
      ];
  };

  /**
    A script that four programs are the runtime of, and that says its version.
  */
  application =
    version:
    pkgs.writeScriptBin "application" ''
      #!${pkgs.bash}/bin/bash
      # Version ${version}.
      export PATH=${pkgs.git}/bin:${pkgs.nginx}/bin:${pkgs.postgresql}/bin
      exec ${pkgs.python3}/bin/python3 "$@"
    '';

  packages = builtins.mapAttrs (_: map (name: pkgs.${name})) names // {
    runtime = [ (application "1") ] ++ map (name: pkgs.${name}) names.runtime;
    programs = [ (application "1") ] ++ map (name: pkgs.${name}) names.programs;
    # The set is below 1 GB and has large files: it is there three times, with many small files beside it. These are in
    # the closure as dependencies are, without links at the root.
    large = programs ++ [
      (pkgs.writeTextDir "share/large" ''
        ${copy 1} ${copy 2} ${small-files 65536}
      '')
    ];
  };
  programs = map (name: pkgs.${name}) names.large;

  /**
    Every store path that the programs lead to, copied into one.
  */
  copy =
    number:
    pkgs.runCommand "copy-${toString number}"
      {
        exportReferencesGraph = builtins.concatLists (
          genList (index: [
            "graph-${toString index}"
            (builtins.elemAt programs index)
          ]) (length programs)
        );
      }
      ''
        target=$out/share/copy-${toString number}
        mkdir -p "$target"
        cp -a $(grep -h "^$NIX_STORE/" "$NIX_BUILD_TOP"/graph-* | sort -u) "$target"
      '';

  # As much as each tree of files below holds, from files that are real. The letters are exchanged, so that it compresses
  # as before and names no store path.
  text = pkgs.runCommand "text" { } ''
    # Who writes on when there is enough is told so by a signal.
    set +o pipefail
    find -L ${pkgs.perl}/ ${pkgs.python3}/ ${pkgs.git}/ -type f | sort | while IFS= read -r file; do
      cat "$file"
    done | tr a-z b-za | head -c ${toString (64 * 1024 * 1024)} >"$out"
  '';

  /**
    The same 64 MiB in `count` files of the same size, at most 256 in a directory.
  */
  small-files =
    count:
    let
      directories = if count > 256 then count / 256 else 1;
    in
    pkgs.runCommand "files-${toString count}" { nativeBuildInputs = [ pkgs.coreutils ]; } ''
      mkdir -p "$out/share/files-${toString count}"
      cd "$out/share/files-${toString count}"
      split -n ${toString directories} -a 3 ${text} part-
      for part in part-*; do
        mkdir "directory-''${part#part-}"
        split -n ${toString (count / directories)} -a 3 "$part" "directory-''${part#part-}/file-"
        rm "$part"
      done
    '';

  # Programs that bring the same path: the first one of the list wins.
  ranked =
    list:
    genList (
      index:
      let
        package = builtins.elemAt list index;
      in
      package
      // {
        meta = package.meta or { } // {
          priority = index;
        };
      }
    ) (length list);

  image =
    name: list:
    project.mkACI {
      packages = ranked list;
      acName = name;
      acVersion = "1";
      static = name == "tiny";
    };

  files = count: image "files-${toString count}" [ (small-files count) ];
in
{
  attrs = builtins.mapAttrs image packages // {
    files-1 = files 1;
    files-4096 = files 4096;
    files-65536 = files 65536;
  };

  # One image, and what any derivation costs: a builder that makes an empty file.
  tiny =
    (import ../.. {
      inherit pkgs builder;
    }).busybox;
  empty = derivation {
    name = "empty";
    inherit (pkgs.busybox-static) system;
    builder = "${pkgs.busybox-static}/bin/busybox";
    args = [
      "touch"
      (builtins.placeholder "out")
    ];
  };

  # What the images that change are made of.
  inherit application ranked;
  inherit (names) runtime;

  roots = attrValues packages;
}
