/**
  A package set with the attribute names of nixpkgs, made from the binary packages of Debian 12:
  for machines that reach a Debian mirror and no nixpkgs.

  `nix/debian/fetch redis` downloads what redis needs; `nix-build nix/debian -A redis` unpacks it.
  Wherever an expression takes `pkgs`, `import ./nix/debian { }` will do.

  # Guarantees

  - Every program runs from its store path, with nothing of the host but the kernel: interpreters,
    rpaths and script interpreters point at the store paths of the dependencies. check.nix proves
    it in the sandbox.
  - A store path depends on the contents of the `.deb` files and on this folder alone. Everything
    is built inside the sandbox; the first program in it is Debian's static busybox.
  - The closure is what is really used: a dependency that Debian states and no file refers to is
    not in it.
  - Evaluating one attribute needs the packages of that one alone.

  # Limits

  - One output per program, no compiler, no stdenv, no cross builds.
  - Paths that are compiled in are served by wrappers where the program offers a way; the comments
    in hooks/ say what remains. What Debian's libraries look for in Debian's places an image has
    there: certificates (with cacert), time zones (with tzdata), C.UTF-8 and further locales (with
    glibcLocales). Elsewhere the environment leads to them: SSL_CERT_FILE, TZDIR, LOCPATH; and
    everywhere GCONV_PATH to character sets.
  - What maintainer scripts do at installation is not done: no users, no default configuration.
    dnsmasq, dovecot and tcpdump want their users in /etc/passwd, or an option that names another.
  - Programs that start commands through the C library (git, initdb) want a /bin/sh.

  # To add a program

  One line in the file `programs`; when it does not find its own files, a hook in hooks/NAME.sh,
  which unpack.sh runs last; and a line in check.nix that starts it.

  # Inputs

  `system`
  : The platform; must be the one that the packages were fetched for.

  `dir`
  : Where `fetch` keeps the packages. A path is needed in pure evaluation.

  `overlays`
  : As in nixpkgs: functions of the final set and the set below.

  # Type

  ```
  { system ? String, dir ? Path | String, overlays ? [ (AttrSet -> AttrSet -> AttrSet) ], ... } -> AttrSet
  ```
*/
{
  system ? builtins.currentSystem,
  dir ? (
    let
      chosen = absolute "NIX2ACI_DEBIAN";
      cache = absolute "XDG_CACHE_HOME";
      absolute =
        name:
        let
          value = builtins.getEnv name;
        in
        if builtins.match "(/.*)?" value != null then
          value
        else
          throw ''${name} = "${value}" must be an absolute path'';
    in
    if chosen != "" then
      chosen
    else
      (if cache != "" then cache else builtins.getEnv "HOME" + "/.cache") + "/nix2aci/debian"
  ),
  overlays ? [ ],
  # `config` and the like, which nixpkgs takes and which say nothing here.
  ...
}:
let
  lib = import ./lib.nix;

  # The lines of the file `programs`, see there.
  lines = map (line: builtins.filter builtins.isString (builtins.split "[ \t]+" line)) (
    builtins.filter (line: builtins.match "(#.*)?" line == null) (
      lib.splitString "\n" (builtins.readFile ./programs)
    )
  );
  linesOf = kind: builtins.filter (fields: kindOf fields == kind) lines;
  kindOf =
    fields:
    if builtins.head fields == "skip" then
      "skip"
    else
      {
        "=" = "alias";
        "!" = "absent";
      }
      .${builtins.elemAt fields 1} or "row";
  fromLines =
    kind: f:
    builtins.listToAttrs (
      map (fields: lib.nameValuePair (builtins.head fields) (f (lib.drop 1 fields))) (linesOf kind)
    );

  rows = fromLines "row" (fields: {
    main = builtins.head fields;
    packages = builtins.filter (package: builtins.match "[+-].*" package == null) (
      builtins.tail fields
    );
  });

  units = import ./units.nix {
    inherit
      lib
      system
      rows
      ;
    # A string is a folder of this machine, also where its name has a context.
    dir =
      if builtins.isPath dir then
        dir
      else if lib.hasPrefix "/" dir then
        /. + dir
      else
        throw ''nix/debian: dir = "${dir}" must be an absolute path'';
  };

  /**
    The facts that nixpkgs gives with a package, around the derivation of a unit.
  */
  program =
    name: row:
    let
      facts = {
        pname = lib.removeSuffix "-static" name;
        version = units.versionOf name;
        inherit stdenv;
        meta = {
          description = units.descriptionOf name;
          inherit (units.derivations.${name}.meta) identifiers;
          platforms = lib.platforms.linux;
          outputsToInstall = [ "out" ];
          available = true;
        }
        // lib.optionalAttrs (row.main != "-") { mainProgram = row.main; }
        # As in nixpkgs: the applets give way to the programs they imitate.
        // lib.optionalAttrs (lib.hasPrefix "busybox" name) { priority = 15; };
        # Facts can be changed, what Debian built cannot.
        overrideAttrs =
          change:
          let
            before = program name row;
            once = lib.toFunction change before;
            after = if lib.isFunction once then once before else once;
          in
          before
          // builtins.intersectAttrs {
            meta = null;
            pname = null;
            version = null;
          } after
          // after.passthru or { };
        override =
          _:
          lib.warn "nix/debian: ${name} is as Debian made it, its options cannot be changed" (
            program name row
          );
      };
    in
    if !units.fetched name then
      throw "${name} is not fetched: run nix/debian/fetch ${name}"
    else
      units.derivations.${name} // facts;

  stdenv =
    let
      cpu = builtins.head (lib.splitString "-" system);
      platform = {
        inherit system;
        config = "${cpu}-unknown-linux-gnu";
        parsed = {
          cpu.name = cpu;
          kernel.name = "linux";
          vendor.name = "unknown";
          abi.name = "gnu";
        };
        isLinux = true;
        isDarwin = false;
        isStatic = false;
        isMusl = false;
        isGnu = true;
        is64bit = true;
        isx86 = cpu == "x86_64";
        isx86_64 = cpu == "x86_64";
        isAarch64 = cpu == "aarch64";
        isAarch = cpu == "aarch64";
        canExecute = other: other.system == system;
      };
    in
    {
      inherit system;
      hostPlatform = platform;
      buildPlatform = platform;
      targetPlatform = platform;
      isLinux = true;
      isDarwin = false;
    };

  base =
    pkgs:
    lib.mapAttrs program rows
    // fromLines "alias" (fields: pkgs.${builtins.elemAt fields 1})
    // {
      inherit lib stdenv system;
      inherit (stdenv) hostPlatform buildPlatform targetPlatform;
      inherit pkgs;

      busybox = program "busybox" rows.busybox // {
        override =
          arguments:
          if (lib.toFunction arguments { enableStatic = false; }).enableStatic or false then
            pkgs.busybox-static
          else
            pkgs.busybox;
      };
      pkgsStatic = {
        inherit lib stdenv system;
        busybox = pkgs.busybox-static;
        callPackage = lib.callPackageWith (pkgs // pkgs.pkgsStatic);
      };
      python3Packages = {
        inherit (pkgs) supervisor;
      };

      callPackage = pkgs.newScope { };
      newScope = extra: lib.callPackageWith (pkgs // extra);
      callPackages = pkgs.callPackage;
    }
    // lib.mapAttrs (name: reason: throw "${name} is not in this package set: ${reason}") (
      fromLines "absent" (fields: lib.concatStringsSep " " (builtins.tail fields))
    )
    // builders;

  builders = import ./builders.nix {
    inherit lib system;
    inherit (units.derivations) bash;
    busybox = units.derivations.busybox-static;
  };
in
lib.fix (lib.foldl' (below: overlay: lib.extends overlay below) base overlays)
