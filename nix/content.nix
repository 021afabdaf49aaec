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
    isBool
    isString
    listToAttrs
    removeAttrs
    ;
  inherit (check)
    attrsOf
    bad
    both
    integer
    listOf
    ok
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
    inherit (closure) source;
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
    if isString value then
      bad path value "must be a set; write { text = …; } or { source = …; }"
    else
      both fileRecord (
        path: value:
        let
          given = filter (kind: value ? ${kind}) kinds;
        in
        if given == [ ] then
          wrong path "needs one of ${concatStringsSep ", " kinds}"
        else if builtins.length given > 1 then
          wrong path "has ${concatStringsSep " and " given}; keep one of them"
        else if value ? symlink && value ? mode then
          wrong path "a symlink has no mode; leave mode out"
        else
          ok value
      ) path value;

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
      both
        (record {
          method = {
            check = method face;
            missing = "write method = \"gzip\"";
          };
          level = integer {
            least = 0;
            most = 19;
            what = "the level";
          };
        })
        (
          path: value:
          let
            bounds = levels.${value.method};
            lowest = builtins.head bounds;
            highest = builtins.elemAt bounds 1;
          in
          if !(value ? level) then
            ok value
          else if bounds == null then
            wrong "${path}.level" "nothing is compressed; leave level out"
          else if value.level < lowest then
            bad "${path}.level" value.level "the lowest level of ${value.method} is ${toString lowest}"
          else if value.level > highest then
            bad "${path}.level" value.level "the highest level of ${value.method} is ${toString highest}"
          else
            ok value
        )
        path
        value;

  packages =
    path: value:
    if value == [ ] then
      bad path value "must name at least one package; write packages = [ pkgs.busybox ]"
    else
      both (
        path: value:
        if builtins.isList value then ok value else bad path value "must be a list; write [ and ] around it"
      ) (listOf closure.package) path value;
in
args:
let
  face = check.oneOf [ "aci" "oci" ] "face" args.face;
  maxLayers = integer {
    least = 2;
    most = 127;
    what = "the number of layers";
  } "maxLayers" args.maxLayers;
  ofOCI = verdict: if face.value == "oci" then verdict else verdict // { value = null; };
in
{
  packages = packages "packages" args.packages;
  pathsToLink = both (listOf rules.imagePath) (both unique (
    test (paths: paths != [ ]) "must not be empty; [ \"/\" ] is everything"
  )) "pathsToLink" args.pathsToLink;
  files = attrsOf rules.innerPathFault file "files" args.files;
  perms = attrsOf rules.innerPathFault perms "perms" args.perms;
  skeleton = skeleton "skeleton" args.skeleton;
  dnsquirks = check.bool "dnsquirks" args.dnsquirks;
  sign = check.bool "sign" args.sign;
  selfCheck = check.bool "selfCheck" args.selfCheck;
  compression = compression face.value "compression" args.compression;

  # Of what an App Container Image does not have, its spec says nothing.
  face = ofOCI face;
  maxLayers = ofOCI maxLayers;
}
