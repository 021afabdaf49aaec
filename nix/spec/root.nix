/**
  What an image's root file system is made of.
*/
let
  inherit (import ../check)
    check
    rules
    names
    facts
    ;
  closure = import ../closure.nix;
  packages = import ../packages.nix;

  inherit (builtins)
    attrNames
    concatMap
    concatStringsSep
    filter
    isAttrs
    isBool
    listToAttrs
    removeAttrs
    ;
  inherit (check)
    also
    attrsOf
    bad
    both
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
    symlink = rules.linkTarget;
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

  partsWith =
    value:
    listToAttrs (
      map (name: {
        inherit name value;
      }) facts.skeleton
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

  # A file has nothing below it. What a link or a source is, only the builder sees.
  belowFile =
    files:
    let
      isText = path: (files.${path}.text or null) != null;
      told =
        path: above:
        "${check.member "files" path}: cannot go below ${check.member "files" above}, which is no directory";
    in
    concatMap (path: map (told path) (filter isText (names.above path))) (attrNames files);

  files =
    path: value:
    also (if isAttrs value then belowFile value else [ ]) (attrsOf rules.ownPathFault file path value);

  packageList =
    given: documentation: path: value:
    if value == [ ] && given.files == { } then
      bad path value
        "must name at least one package; write packages = [ pkgs.busybox ], or give the image its files with files.\"/PATH\".source = …"
    else
      both (
        path: value:
        if builtins.isList value then ok value else bad path value "must be a list; write [ and ] around it"
      ) (listOf (both present (packages.package documentation))) path value;
in
args:
let
  documentation = check.bool "documentation" args.documentation;
in
{
  packages = check.also documentation.problems (
    packageList args (documentation.value == true) "packages" args.packages
  );
  pathsToLink = both (unique rules.linkedPath) (test (
    paths: paths != [ ]
  ) "must not be empty; [ \"/\" ] is everything") "pathsToLink" args.pathsToLink;
  layers =
    let
      group =
        path: value:
        if builtins.isList value then
          listOf (both present package) path value
        else
          let
            verdict = both present package path value;
          in
          verdict // { value = [ verdict.value ]; };
      package = packages.package (documentation.value == true);
      verdict = listOf group "layers" args.layers;
    in
    verdict // (if args.layers == [ ] then { value = null; } else { });
  files = files "files" args.files;
  perms = attrsOf rules.ownPathFault perms "perms" args.perms;
  skeleton = skeleton "skeleton" args.skeleton;
  dnsquirks = check.bool "dnsquirks" args.dnsquirks;
}
