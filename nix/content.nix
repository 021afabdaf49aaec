/**
  What is in an image's root file system, and how it is packed.
*/
{
  check,
  rules,
  closure,
}:

let
  inherit (builtins)
    attrNames
    concatStringsSep
    filter
    isAttrs
    isBool
    isString
    listToAttrs
    removeAttrs
    ;
  inherit (check)
    also
    attrsOf
    bad
    both
    integer
    listOf
    ok
    present
    record
    string
    test
    unique
    wrong
    ;

  kinds = [
    "text"
    "source"
    "directory"
    "symlink"
  ];

  fileRecord = record {
    text = string;
    source = both present closure.source;
    directory = both check.bool (
      test (value: value) "must be true; leave the entry out where no directory is wanted"
    );
    symlink = both string (test (target: target != "") "must name what the link points to");
    inherit (rules) mode;
    uid = rules.id;
    gid = rules.id;
  };

  file =
    path: value:
    if !isAttrs value || value ? outPath then
      bad path value "must be a set; write { text = …; } or { source = …; }"
    else
      let
        verdict = fileRecord path value;
        given = filter (kind: value.${kind} or null != null) kinds;
      in
      if given == [ ] && verdict.problems == [ ] then
        wrong path "needs one of ${concatStringsSep ", " kinds}"
      else if builtins.length given > 1 then
        also [ "${path}: has ${concatStringsSep " and " given}; keep one of them" ] verdict
      else if given == [ "symlink" ] && value.mode or null != null then
        also [ "${path}: a symlink has no mode; leave mode out" ] verdict
      else
        verdict;

  perms =
    both
      (record {
        inherit (rules) mode;
        uid = rules.id;
        gid = rules.id;
        recursive = check.bool;
      })
      (
        path: value:
        if removeAttrs value [ "recursive" ] == { } then
          wrong path "changes nothing; write mode, uid or gid"
        else
          ok value
      );

  skeletonParts = [
    "tmp"
    "directories"
    "passwd"
    "nsswitch"
    "shell"
    "env"
    "certificates"
  ];
  partsWith =
    value:
    listToAttrs (
      map (name: {
        inherit name value;
      }) skeletonParts
    );

  skeleton =
    path: value:
    if isBool value then
      ok (partsWith value)
    else
      let
        verdict = record (partsWith check.bool) path value;
      in
      verdict // { value = partsWith true // (if verdict.value == null then { } else verdict.value); };

  # The lowest and highest level of each method.
  levels = {
    zstd = [
      1
      19
    ];
    gzip = [
      1
      12
    ];
    xz = [
      0
      9
    ];
    none = null;
  };

  # What each form of an image cannot be compressed with, and why.
  unread = {
    aci.zstd = "runtimes of App Container Images do not read it; take \"gzip\" or \"xz\", or build the OCI image, the attribute oci";
    oci.xz = "OCI images have no such layers; take \"zstd\" or \"gzip\", as in .override { compression = \"zstd\"; }";
  };

  method =
    face: path: value:
    let
      refused = unread.${toString face} or { };
    in
    if isString value && refused ? ${value} then
      bad path value refused.${value}
    else
      check.oneOf (attrNames (removeAttrs levels (attrNames refused))) path value;

  level =
    method:
    if isString method && levels ? ${method} then
      if levels.${method} == null then
        path: _: wrong path "nothing is compressed; leave level out"
      else
        integer {
          least = builtins.head levels.${method};
          most = builtins.elemAt levels.${method} 1;
          what = "the level of ${method}";
        }
    else
      integer {
        least = 0;
        most = 19;
        what = "the level";
      };

  compression =
    face: path: value:
    if isString value then
      let
        verdict = method face path value;
      in
      verdict
      // {
        value = {
          method = verdict.value;
        };
      }
    else
      record {
        method = {
          check = method face;
          missing = "write method = \"gzip\"";
        };
        level = level (value.method or null);
      } path value;

  packages =
    path: value:
    if value == [ ] then
      bad path value "must name at least one package; write packages = [ pkgs.busybox ]"
    else
      both (
        path: value:
        if builtins.isList value then ok value else bad path value "must be a list; write [ and ] around it"
      ) (listOf (both present closure.package)) path value;
in
args:
let
  face = check.oneOf [ "aci" "manifest" "oci" ] "face" args.face;
  maxLayers = integer {
    least = 2;
    most = 127;
    what = "the number of layers";
  } "maxLayers" args.maxLayers;
  onlyIf = wanted: verdict: if wanted then verdict else verdict // { value = null; };
in
{
  packages = packages "packages" args.packages;
  pathsToLink = both (unique rules.imagePath) (test (
    paths: paths != [ ]
  ) "must not be empty; [ \"/\" ] is everything") "pathsToLink" args.pathsToLink;
  files = attrsOf rules.innerPathFault file "files" args.files;
  perms = attrsOf rules.innerPathFault perms "perms" args.perms;
  skeleton = skeleton "skeleton" args.skeleton;
  dnsquirks = check.bool "dnsquirks" args.dnsquirks;
  sign = check.bool "sign" args.sign;
  selfCheck = check.bool "selfCheck" args.selfCheck;
  compression = compression face.value "compression" args.compression;

  # Of what an App Container Image does not have, its spec says nothing.
  face = onlyIf (face.value != "aci") face;
  maxLayers = onlyIf (face.value == "oci") maxLayers;
}
