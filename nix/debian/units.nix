# From the index that `fetch` wrote to derivations: one for each line of the file `programs`, and
# one for each further package that those depend on.
#
# Word: a unit is the set of packages that share one derivation. Invariant: what a unit's
# derivation is given never leads back to it; packages that depend on each other share a unit.
{
  lib,
  system,
  dir,
  rows,
}:
let
  indexFile = dir + "/index.json";
  # An index that other rules made has other packages: it counts as none, so that `fetch` is asked for.
  rules = builtins.hashString "sha256" (
    builtins.readFile ./programs + builtins.readFile ./resolve.awk
  );
  found =
    if builtins.pathExists indexFile then builtins.fromJSON (builtins.readFile indexFile) else { };
  index = if found.rules or "" == rules then found else { packages = { }; };
  inherit (index) packages;

  architecture =
    {
      x86_64-linux = {
        debian = "amd64";
        triplet = "x86_64-linux-gnu";
      };
      aarch64-linux = {
        debian = "arm64";
        triplet = "aarch64-linux-gnu";
      };
    }
    .${system} or (throw "nix/debian: there are no Debian packages for ${system} here");

  # The unit of a package is named after the line of `programs` it stands in, or after itself.
  rowOf = builtins.listToAttrs (
    builtins.concatMap (name: map (package: lib.nameValuePair package name) rows.${name}.packages) (
      builtins.attrNames rows
    )
  );
  unitOf = package: rowOf.${package} or package;
  units = lib.genAttrs (lib.unique (map unitOf (builtins.attrNames packages))) (name: rec {
    members = rows.${name}.packages or [ name ];

    # The units that the members depend on, and everything that those lead to, near before far.
    direct = lib.remove name (
      lib.unique (map unitOf (builtins.concatMap (package: packages.${package}.depends) members))
    );
    reachable = map (item: item.key) (
      builtins.genericClosure {
        startSet = map (key: { inherit key; }) direct;
        operator = { key }: map (key: { inherit key; }) units.${key}.direct;
      }
    );

    # Whoever is reached and reaches back; the first by name stands for all.
    cycle = lib.naturalSort (
      lib.unique (
        [ name ] ++ builtins.filter (other: builtins.elem name units.${other}.reachable) reachable
      )
    );
  });

  # Any script may be run by these, without its package saying so.
  shells = [
    "dash"
    "bash"
  ];
  belowShells = lib.unique (shells ++ builtins.concatMap (shell: units.${shell}.reachable) shells);

  debOf =
    package:
    let
      record = packages.${package};
    in
    builtins.path {
      path = dir + "/${record.file}";
      name = record.file;
      recursive = false;
      inherit (record) sha256;
    };

  # The one program that Nix takes as it is: Debian's static busybox. It unpacks all the rest.
  bootstrap = builtins.path {
    path = dir + "/bootstrap";
    name = "busybox-bootstrap";
  };

  # 1:7.2+dfsg-7+deb12u18 is the upstream version 7.2.
  upstream =
    package:
    let
      version = packages.${package}.version;
      withoutEpoch = lib.last (lib.splitString ":" version);
      parts = lib.splitString "-" withoutEpoch;
      withoutRevision = lib.concatStringsSep "-" (
        if builtins.length parts > 1 then lib.init parts else parts
      );
    in
    builtins.head (builtins.match "([^+~]+).*" withoutRevision);

  # The first line of Debian's description of a unit's first package.
  descriptionOf = name: packages.${builtins.head units.${name}.members}.description;

  # What tools that know Debian's packages call one of them.
  purlOf =
    package:
    let
      inherit (packages.${package}) file version;
      escaped = builtins.replaceStrings [ "+" ] [ "%2B" ];
      arch = lib.last (lib.splitString "_" (lib.removeSuffix ".deb" file));
    in
    "pkg:deb/debian/${escaped package}@${escaped version}?arch=${arch}&distro=debian-12";

  unpack =
    {
      name,
      members,
      deps ? [ ],
      tools ? "",
      bash ? "",
      hook ? "",
      locale ? "",
    }:
    derivation {
      inherit
        name
        system
        deps
        tools
        bash
        hook
        locale
        ;
      inherit (architecture) triplet;
      builder = "${bootstrap}/busybox";
      args = [
        "sh"
        ./unpack.sh
      ];
      debs = map debOf members;
    };

  # A patchelf that runs before any derivation of the set has been linked.
  tools = unpack {
    name = "patchelf-bootstrap";
    members = [
      "patchelf"
      "libstdc++6"
      "libgcc-s1"
      "libc6"
    ];
    hook = ./bootstrap.sh;
  };

  derivations = lib.mapAttrs (
    name: unit:
    let
      first = builtins.head unit.cycle;
      members = builtins.concatMap (other: units.${other}.members) unit.cycle;
      needed = lib.subtractLists unit.cycle (
        lib.unique (unit.reachable ++ lib.optionals (!builtins.elem name belowShells) belowShells)
      );
      deps = lib.unique (map (other: derivations.${other}) needed);
      # The static busybox is finished like the other.
      hook = ./hooks + "/${lib.removeSuffix "-static" name}.sh";
    in
    if name != first then
      derivations.${first}
    else
      unpack {
        name = "${name}-${upstream (builtins.head unit.members)}";
        inherit members deps;
        # What loads all the others is as Debian made it.
        tools = lib.optionalString (name != "glibc") tools;
        bash = lib.optionalString (!builtins.elem name belowShells) derivations.bash;
        hook = lib.optionalString (builtins.pathExists hook) hook;
        # Debian has the C library's own locale with programs that need the C library.
        locale = lib.optionalString (name == "glibc") (debOf "libc-bin");
      }
      // {
        buildInputs = deps;
        meta = {
          description = descriptionOf name;
          identifiers.purls = map purlOf members;
        };
      }
  ) units;
in
{
  inherit derivations bootstrap descriptionOf;

  /**
    Whether every package of a line of `programs` was fetched.
  */
  fetched = name: builtins.all (package: packages ? ${package}) rows.${name}.packages;

  /**
    The version of the line's first package, as its authors number it.
  */
  versionOf = name: upstream (builtins.head rows.${name}.packages);
}
