/**
  `mkACI`: an image from packages and a few words about what runs in it. It is an App Container Image; its attribute
  `oci` is the same image for the runtimes that take OCI images.

  What can be wrong is checked here, all of it at once, and told in the words of the arguments. What is right goes, as
  one attribute, to the builder: a single program that reads it and writes the image. No shell runs in between, nothing
  is built to be evaluated, and no package set is needed: this file and those beside it use builtins alone.

  # Inputs

  `builder`
  : path of the executable that packs images, in the store

  `system`
  : the system that the builder runs on; the packages may be for another one

  # Type

  ```
  { builder :: String, system :: String } -> (Arguments -> Image)
  ```

  # Example

  ```nix
  mkACI {
    packages = [ pkgs.busybox ];
    exec = [ "/bin/httpd" "-f" "-p" "80" ];
    ports.http = { protocol = "tcp"; port = 80; };
  }
  => «derivation …-busybox.drv»
  ```
*/
{ builder, system }:

let
  names = import ./names.nix;
  check = import ./check.nix { inherit names; };
  rules = import ./rules.nix { inherit names check; };
  closure = import ./closure.nix { inherit names check; };
  assemble = import ./spec.nix {
    inherit
      names
      check
      rules
      closure
      system
      ;
  };

  mkACI =
    {
      /**
        What the image holds, the first package being the one it is named after. A package stands for the outputs that
        it installs, one chosen output (`bash.man`) for itself; a path such as `./tree` or a whole store path does too.

        # Type

        [ Package ], at least one
      */
      packages ? [ ],

      /**
        The package that gives name, version and system; the first of `packages` unless given.
      */
      pkg ? null,

      /**
        Image name, an AC Identifier such as `"example.com/busybox"`. Unless given, the package's name without its
        version, made valid.
      */
      acName ? null,

      /**
        Version of the image; the package's unless given, each `-` made `_`.
      */
      acVersion ? null,

      /**
        Appended to the version as it stands, e.g. `"-static"`.
      */
      versionAddon ? "",

      /**
        Label `arch` in the spelling of images (`"amd64"`, `"aarch64"`); the package's unless given.
      */
      arch ? null,

      /**
        Label `os`; the package's unless given.
      */
      os ? null,

      /**
        Further labels, name to value. `version`, `os` and `arch` have arguments of their own.
      */
      acLabels ? { },

      /**
        Whether the store paths stay on the host and are mounted when the image runs. With `static` too, this counts:
        an expression that is always `static` still has a thin form (`-A busybox.thin`, `--arg thin true`).
      */
      thin ? false,

      /**
        Whether only the packages themselves go in, which then must not refer to anything else.
      */
      static ? false,

      /**
        Writable mount points, name to absolute path: `{ data = "/var/lib/data"; }`.
      */
      mounts ? { },

      /**
        Read-only mount points, name to absolute path.
      */
      mountsRo ? { },

      /**
        Ports by name: `{ http = { protocol = "tcp"; port = 80; }; }`, with `count` and `socketActivated` where wanted.
        A port or count may be a text of digits.
      */
      ports ? { },

      /**
        Environment, name to value. A number becomes a string.
      */
      env ? { },

      /**
        Program and arguments, the program by its absolute path in the image: `[ "/bin/redis-server" ]`. A string is a
        list of one.
      */
      exec ? [ ],

      /**
        User that the program runs as: a number, a name, or an image path whose owner is meant.
      */
      user ? "0",

      /**
        Group that the program runs as, in the same forms.
      */
      group ? "0",

      /**
        Further group ids, as numbers.
      */
      supplementaryGIDs ? [ ],

      /**
        Directory in which the program starts.
      */
      workingDirectory ? null,

      /**
        `pre-start` and `post-stop`, each a program and arguments like `exec`.
      */
      eventHandlers ? { },

      /**
        Limits and rights, name to value: `{ "os/linux/capabilities-retain-set".set = [ "CAP_NET_BIND_SERVICE" ]; }`.
        A string is the value's JSON.
      */
      isolators ? { },

      /**
        Image annotations, name to text: `created`, `authors`, `homepage`, `documentation` and your own.
      */
      annotations ? { },

      /**
        Free labels of the app, name to text.
      */
      userLabels ? { },

      /**
        Free annotations of the app, name to text.
      */
      userAnnotations ? { },

      /**
        Images below this one, lowest first: `[ { imageName = "example.com/base"; } ]`, with `imageID`, `labels` and
        `size` where wanted.
      */
      dependencies ? [ ],

      /**
        The only paths that are seen when the image is rendered; empty is all.
      */
      pathWhitelist ? [ ],

      /**
        Further content, image path to file: `{ "/etc/app.conf" = { text = "…"; mode = "0600"; }; }`, with one of
        `text`, `source`, `directory`, `symlink`, and `mode`, `uid`, `gid` where wanted.
      */
      files ? { },

      /**
        Owner and mode of what packages bring, image path to `{ mode; uid; gid; recursive; }`.
      */
      perms ? { },

      /**
        Whether the image gets what programs expect of a root file system; `{ tmp = false; }` leaves one part out. The
        parts are `tmp`, `directories`, `passwd`, `nsswitch`, `shell`, `env` and `certificates`.
      */
      skeleton ? true,

      /**
        Directories of the packages that are merged into the root; `[ "/" ]` is everything.
      */
      pathsToLink ? [ "/" ],

      /**
        `"gzip"` or `"none"`, for an App Container Image also `"xz"`, for an OCI image also `"zstd"`; or
        `{ method; level; }`. Levels of gzip are 1 to 12, of xz 0 to 9, of zstd 1 to 19.
      */
      compression ? "gzip",

      /**
        The form of the image: `"aci"`, an App Container Image, `"oci"`, a layout of an OCI image, or `"manifest"`, the
        image manifest alone: one file of that name, the very one that the App Container Image has. Nothing is packed
        for it, but all is checked.
      */
      face ? "aci",

      /**
        How many layers an OCI image has at most, 2 to 127. The more there are, the more images share; a runtime stops
        at some 127, with those that another tool puts on top.
      */
      maxLayers ? 60,

      /**
        Whether `/etc/hosts` is written where nothing else brings it.
      */
      dnsquirks ? true,

      /**
        Whether `postprocess.sh` signs the image.
      */
      sign ? true,

      /**
        Whether the finished archive is read again to its last byte and compared with its plan, which takes about as
        long as packing.
      */
      selfCheck ? false,

      /**
        The package set that the packages come from. Nothing is taken from it; expressions may hand it on.
      */
      pkgs ? null,
      ...
    }@given:
    let
      arguments = {
        inherit
          packages
          pkg
          acName
          acVersion
          versionAddon
          arch
          os
          acLabels
          thin
          static
          mounts
          mountsRo
          ports
          env
          exec
          user
          group
          supplementaryGIDs
          workingDirectory
          eventHandlers
          isolators
          annotations
          userLabels
          userAnnotations
          dependencies
          pathWhitelist
          files
          perms
          skeleton
          pathsToLink
          compression
          face
          maxLayers
          dnsquirks
          sign
          selfCheck
          pkgs
          ;
      };
      assembled = assemble arguments given;
      # Every fact of the image goes through here, so that no part of a wrong spec is ever used.
      checked =
        if assembled.problems == [ ] then assembled else throw (assembled.report assembled.problems);
      inherit (checked) spec;
      baseName = names.baseName spec.name;
      stem = "${baseName}-${spec.version}";
      again = changes: mkACI (given // changes);

      image = derivation (
        {
          name = names.toStoreName (if face == "aci" then baseName else "${baseName}-${face}");
          inherit builder system;
          outputs = [ "out" ];
          __structuredAttrs = true;
          aci = spec;
          exportReferencesGraph.closure = checked.roots;
          # The closure is on this machine already; sending it elsewhere takes longer than packing it.
          preferLocalBuild = true;
        }
        # A packed image brings all it needs: names of store paths within it are no references. Those of a thin image
        # are, so that they live as long as the image does.
        // (if thin == true then { } else { unsafeDiscardReferences.out = true; })
      );
    in
    image
    // {
      # The same image in its other forms. Each is evaluated only when it is asked for.
      thin = again { thin = true; };
      fat = again {
        thin = false;
        static = false;
      };
      static = again {
        thin = false;
        static = true;
      };
      aci = again { face = "aci"; };
      oci = again { face = "oci"; };
      manifest = again { face = "manifest"; };

      /**
        The image with other arguments: a set of them, or a function from the old ones.
      */
      override = changes: again (if builtins.isFunction changes then changes given else changes);

      # What is wrong with the arguments, instead of an error.
      inherit (assembled) problems;
      inherit spec packages;
      imageName = spec.name;
      inherit (spec) version labels;
      # What the image is called among other files: an OCI image is a directory, which postprocess.sh links so.
      fileName = if face == "manifest" then face else "${stem}.${face}";
      # What the image is called where there are registries.
      repository = names.toRepository spec.name;
      tag = names.toTag spec.version (if spec.kind == "thin" then "-thin" else "");
      closureRoots = checked.roots;
      meta = checked.meta // {
        platforms = [ system ];
      };
    };
in
mkACI
