/**
  The arguments of `mkACI`, each with what it is where it is not given. Nothing else says which arguments there are.

  # Type

  ```
  { packages :: [ Package ], acName :: Null | String, … }
  ```

  # Example

  ```nix
  mkACI {
    packages = [ pkgs.busybox ];
    exec = [ "/bin/httpd" "-f" "-p" "80" ];
    ports.http = { protocol = "tcp"; port = 80; };
  }
  ```
*/
{
  /**
    What the image holds, the first package being the one it is named after. A package stands for the outputs that
    it installs (`meta.outputsToInstall`) but for its documentation, one chosen output (`bash.man`) for itself; a path
    such as `./tree` or a whole store path does too.
    Without packages an image has `files`, and needs `acName` and `acVersion`.

    # Type

    [ Package ]
  */
  packages = [ ];

  /**
    The package that gives name, version and system; the first of `packages` unless given.
  */
  pkg = null;

  /**
    Image name, an AC Identifier such as `"example.com/busybox"`. Unless given, the package's name without its
    version, made valid.
  */
  acName = null;

  /**
    Version of the image; the package's unless given, each `-` made `_`. Where a package has none (`runCommand`,
    `writeShellApplication`, `buildEnv`, `./tree`), it is the beginning of its store path's hash, twelve characters: what
    changes the package changes it.
  */
  acVersion = null;

  /**
    Appended to the version as it stands, e.g. `"-static"`.
  */
  versionAddon = "";

  /**
    Label `arch` in the spelling of images (`"amd64"`, `"aarch64"`); the package's unless given. Each form of images has
    its own: only an OCI image may be for `"riscv64"`, only an App Container Image for `"aarch64_be"`.
  */
  arch = null;

  /**
    Label `os`; the package's unless given.
  */
  os = null;

  /**
    Further labels, name to value. `version`, `os` and `arch` have arguments of their own.
  */
  acLabels = { };

  /**
    Whether the store paths stay on the host and are mounted when the image runs. With `static` too, this counts:
    an expression that is always `static` still has a thin form (`-A busybox.thin`, `--arg thin true`).
  */
  thin = false;

  /**
    Whether only the packages themselves go in, which then must not refer to anything else.
  */
  static = false;

  /**
    Writable mount points, name to absolute path: `{ data = "/var/lib/data"; }`.
  */
  mounts = { };

  /**
    Read-only mount points, name to absolute path.
  */
  mountsRo = { };

  /**
    Ports by name: `{ http = { protocol = "tcp"; port = 80; }; }`, with `count` and `socketActivated` where wanted.
    A port or count may be a text of digits.
  */
  ports = { };

  /**
    Environment, name to value. A number becomes a string. Only in an OCI image may a value have several lines.
  */
  env = { };

  /**
    Program and arguments, the program by its absolute path in the image: `[ "/bin/redis-server" ]`. A string is a
    list of one.
  */
  exec = [ ];

  /**
    Further arguments, which whoever runs an OCI image replaces by their own: its `Cmd`, where `exec` is its
    `Entrypoint`. An App Container Image has them behind `exec`. Without an `exec`, the first one is the program.
  */
  args = [ ];

  /**
    Whether the program wants a terminal, as a shell does. The commands that `postprocess.sh` prints then give it one.
  */
  terminal = false;

  /**
    The signal that asks the program to end, `"SIGINT"` or a number; `SIGTERM` unless given. Only an OCI image says it.
  */
  stopSignal = null;

  /**
    How a runtime finds out whether the program does its work: `{ test = [ "/bin/redis-cli" "ping" ]; }`, with
    `interval`, `timeout` and `startPeriod` such as `"30s"`, and `retries`, where wanted. Docker reads it from an OCI
    image, podman where it was loaded as Docker's; an App Container Image does not say it.
  */
  healthcheck = null;

  /**
    User that the program runs as: a number, a name, or an image path whose owner is meant.
  */
  user = "0";

  /**
    Group that the program runs as, in the same forms.
  */
  group = "0";

  /**
    Further group ids, as numbers.
  */
  supplementaryGIDs = [ ];

  /**
    Directory in which the program starts.
  */
  workingDirectory = null;

  /**
    `pre-start` and `post-stop`, each a program and arguments like `exec`.
  */
  eventHandlers = { };

  /**
    Limits and rights, name to value: `{ "os/linux/capabilities-retain-set".set = [ "CAP_NET_BIND_SERVICE" ]; }`.
    A string is the value's JSON.
  */
  isolators = { };

  /**
    What rkt's systemd stage 1 forbids the program of an App Container Image where `isolators` says nothing of seccomp:
    the system calls of rkt's `"blacklist"`, all but those of its `"whitelist"`, or `"nothing"`. The whitelist is what
    rkt takes by itself; it is of 2017, and kills most of today's programs. OCI images have nothing of it.
  */
  rktSeccomp = "blacklist";

  /**
    Image annotations, name to text: `created`, `authors`, `homepage`, `documentation` and your own. `created` is a date
    (`"2026-01-31T12:00:00Z"`), or what flakes have: `self.lastModifiedDate`, `self.lastModified`.
  */
  annotations = { };

  /**
    Free labels of the app, name to text.
  */
  userLabels = { };

  /**
    Free annotations of the app, name to text.
  */
  userAnnotations = { };

  /**
    Images below this one, lowest first: images of `mkACI`, as in `[ base ]`, whose content is not packed again; or
    images from elsewhere, of which nothing else is known, as in `[ { imageName = "example.com/base"; } ]`, with
    `imageID`, `labels` and `size` where wanted.
  */
  dependencies = [ ];

  /**
    An image that another tool has made, which lies lowest in an OCI image: a path or a derivation, as `./base.tar` or
    `pkgs.dockerTools.pullImage { … }`. It is an OCI layout, an archive of one, or an archive of `docker save`. Its layers
    are taken as they are. Its environment, and what it exposes, are the image's too; its user, working directory and
    program are where the image names none of its own.
  */
  fromImage = null;

  /**
    Packages, or lists of packages, that are in the image with all that they need, and are not merged into the root. In
    an OCI image each of them has layers that are made apart, so that a change of the others does not make them again.
  */
  layers = [ ];

  /**
    The only paths that are seen when the image is rendered; empty is all.
  */
  pathWhitelist = [ ];

  /**
    Further content, image path to file: `{ "/etc/app.conf" = { text = "…"; mode = "0600"; }; }`, with one of
    `text`, `source`, `directory`, `symlink`, and `mode`, `uid`, `gid` where wanted.
  */
  files = { };

  /**
    Owner and mode of what packages bring, image path to `{ mode; uid; gid; recursive; }`.
  */
  perms = { };

  /**
    Whether the image gets what programs expect of a root file system; `{ tmp = false; }` leaves one part out. The
    parts are `tmp`, `directories`, `passwd`, `nsswitch`, `shell`, `env`, `certificates`, `timeZones` and `locale`.
  */
  skeleton = true;

  /**
    Directories of the packages that are merged into the root; `[ "/" ]` is everything.
  */
  pathsToLink = [ "/" ];

  /**
    Whether packages stand for their outputs `man`, `info`, `doc`, `devdoc` and `devman` too.
  */
  documentation = false;

  /**
    `"gzip"` or `"none"`, for an App Container Image also `"xz"`, for an OCI image also `"zstd"`; or
    `{ method; level; }`. Levels of gzip are 1 to 12, of xz 0 to 9, of zstd 1 to 19; without one, 5, 6 and 3.
  */
  compression = "gzip";

  /**
    The form of the image: `"aci"`, an App Container Image, `"oci"`, a layout of an OCI image, or `"manifest"`, the
    image manifest alone: one file of that name, the very one that the App Container Image has. Nothing is packed
    for it, but all is checked.
  */
  face = "aci";

  /**
    Whether the output is a recipe of the image instead of the image: a few kilobytes with what it is made of, and the
    scripts `save`, `load`, `push` and `cache`, which make it where it is wanted. Nothing is packed in the build, but
    all is checked; the packages stay as long as the recipe does.
  */
  recipe = false;

  /**
    Whether an OCI image has its bill of materials beside it, which registries then show as what refers to the image. It
    is in the directory `sbom` of the layout. The attribute `sbom` is the bill alone, of any form.
  */
  sbom = false;

  /**
    How many layers an OCI image has at most, 2 to 127. The more there are, the more images share and the less an
    update sends; a runtime stops at some 127, with those that another tool puts on top.
  */
  maxLayers = 120;

  /**
    Whether `/etc/hosts` is written where nothing else brings it.
  */
  dnsquirks = true;

  /**
    Whether `postprocess.sh` signs the image.
  */
  sign = true;

  /**
    Whether the finished archive is read again to its last byte and compared with its plan, which takes about as
    long as packing.
  */
  selfCheck = false;

  /**
    How many bytes the finished image has at most: the archive of an App Container Image, all layers of an OCI image
    together, those below included. A number, or a text such as `"120M"` or `"1.5Gi"`. What is larger is not built.
  */
  maxSize = null;

  /**
    The same, unpacked: all store paths of the image as Nix counts them (`nix path-info -S`), and the files of its root.
    A thin image is measured by what it mounts. Nothing is packed to find out.
  */
  maxClosureSize = null;

  /**
    How many store paths the image has at most.
  */
  maxPaths = null;

  /**
    What none of its store paths may be called: `[ "gcc" "*-dev" ]`. The name of a package means its main output,
    whatever the version; `*` and `?` stand for any characters and any one, and the whole name is then compared, with
    version and output. Who breaks it is told what brings it, and which file mentions it.
  */
  forbid = [ ];

  /**
    What is meant, and is not told at the end of the build: `[ "compiler" "dangling" ]`. The words are `secrets` (private
    keys, passwords), `writable` (files that anyone may write), `setuid`, `dangling` (links to nothing), `compiler`,
    `versions` (several of one package), `development` (headers, static libraries, outputs `dev`) and `documentation`.
  */
  allow = [ ];

  /**
    What `NAME.report` tells: `{ files = true; }` is everything, for which each file of the store paths is measured, and
    read where another one is as large, to find equal content. With `files = false` it tells of store paths alone, from
    what Nix has recorded of them, and no file is read beyond what planning an image reads. The image does not depend on
    it, and neither do budgets stop a report.
  */
  report = {
    files = true;
  };

  /**
    The package set that the packages come from. Nothing is taken from it; expressions may hand it on.
  */
  pkgs = null;
}
