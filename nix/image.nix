/**
  What an image is called and what it is made for: name, version, labels, kind, dependencies.
*/
{
  names,
  check,
  rules,
  closure,
  platformOf,
}:

let
  inherit (builtins)
    attrNames
    concatMap
    concatStringsSep
    head
    isList
    match
    parseDrvName
    split
    toJSON
    ;
  inherit (check)
    also
    attrsOf
    bad
    both
    integer
    ok
    plain
    record
    test
    unique
    wrong
    ;

  versionPattern = "[A-Za-z0-9][A-Za-z0-9._+~-]*";
  isVersion = names.matches 120 versionPattern;
  versionRule = "must be letters, digits and . _ + ~ -, beginning with a letter or digit";

  # A package's version as images have it: dashes would read as parts of the file name.
  toVersion =
    text:
    let
      mapped = concatStringsSep "" (
        map (piece: if isList piece then "_" else piece) (split "[^A-Za-z0-9._+~]" text)
      );
      inner = match "[^A-Za-z0-9]*(.*)" mapped;
    in
    head inner;

  versionFault =
    text:
    let
      mapped = toVersion text;
    in
    if isVersion text then
      null
    else
      versionRule + (if isVersion mapped then "; try ${toJSON mapped}" else "");

  labelValue = rules.faultless (
    text:
    if text == "" then
      "must not be empty; leave the label out"
    else if names.matches 4096 "[]A-Za-z0-9!$()*+.=@[_~-]+" text then
      null
    else
      "must be letters, digits and ! $ ( ) * + - . = @ [ ] _ ~, as labels stand unescaped in references and URLs"
  );

  labelFault =
    name:
    if name == "name" then "is reserved; the image's name is acName" else rules.identifierFault name;
in
args:
let
  inherit (args) packages;
  pkg =
    if args.pkg != null then
      args.pkg
    else if isList packages && packages != [ ] then
      head packages
    else
      null;
  known = both check.present closure.package "pkg" pkg;
  pkgName = known.value.name;
  unnamed = pkg == null || known.problems != [ ];

  # Nothing is derived from a package that is wrong itself.
  derive = value: if unnamed then ok null else value;

  name =
    if args.acName != null then
      rules.identifier "acName" args.acName
    else
      derive (
        let
          derived = names.toIdentifier (pkg.pname or (parseDrvName pkgName).name);
        in
        if derived == "" then
          wrong "acName" "no name can be made from ${toJSON pkgName}; write acName = \"…\""
        else
          ok derived
      );

  baseVersion =
    if args.acVersion != null then
      rules.faultless versionFault "acVersion" args.acVersion
    else
      derive (
        let
          derived = toVersion (pkg.version or (parseDrvName pkgName).version);
        in
        if derived == "" then
          wrong "acVersion" "the package ${pkgName} has no version; write acVersion = \"1.0\""
        else
          ok derived
      );

  addon = plain "versionAddon" args.versionAddon;

  version =
    if baseVersion.problems != [ ] || addon.problems != [ ] || baseVersion.value == null then
      ok null
    else if isVersion "${baseVersion.value}${addon.value}" then
      ok "${baseVersion.value}${addon.value}"
    else
      bad "versionAddon" addon.value
        "the version ${toJSON "${baseVersion.value}${addon.value}"} ${versionRule}";

  # The labels `os` and `arch` belong together: which processors there are depends on the system.
  platform =
    if unnamed && (args.os == null || args.arch == null) then
      {
        os = ok null;
        arch = ok null;
      }
    else
      platformOf { inherit (args) os arch face; } pkg;
  inherit (platform) os arch;

  labels =
    let
      ours = {
        version = "acVersion";
        os = "os";
        arch = "arch";
      };
      taken = concatMap (
        label:
        if args.acLabels ? ${label} then
          [ "acLabels.${label}: is always set; write the argument ${ours.${label}} instead" ]
        else
          [ ]
      ) (attrNames ours);
      free = attrsOf labelFault labelValue "acLabels" args.acLabels;
    in
    also taken (
      check.ok (
        (if free.value == null then { } else free.value)
        // {
          os = os.value;
          arch = arch.value;
        }
      )
      // {
        inherit (free) problems;
      }
    );

  kind =
    let
      thin = check.bool "thin" args.thin;
      static = check.bool "static" args.static;
      # `static` says which store paths are packed; a thin image packs none, whatever its packages are.
      value =
        if thin.value then
          "thin"
        else if static.value then
          "static"
        else
          "fat";
    in
    if thin.problems ++ static.problems == [ ] then
      ok value
    else
      {
        value = null;
        problems = thin.problems ++ static.problems;
      };

  dependency = record {
    imageName = {
      check = both rules.identifier (test (other: other != name.value) "is this image itself");
      missing = "write imageName = \"example.com/base\"";
    };
    imageID = both plain (
      test (names.matches 135 "sha512-[0-9a-f]{128}") "must be sha512- and 128 hexadecimal digits"
    );
    labels = attrsOf labelFault labelValue;
    size = integer {
      least = 1;
      most = 9223372036854775807;
      what = "a size in bytes";
    };
  };

  date = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?(Z|[-+][0-9]{2}:[0-9]{2})";
  webAddress = rules.faultless (
    text:
    if names.matches 4096 "[hH][tT][tT][pP][sS]?://[^ ]+" text then
      null
    else
      "must be an http or https address"
      + (
        if names.matches 200 "[a-z0-9-]+([.][a-z0-9-]+)+(/[^ ]*)?" text then
          "; write ${toJSON "https://${text}"}"
        else
          ""
      )
  );

  annotation =
    path: value:
    let
      special = {
        "annotations.created" =
          test (names.matches 60 date) "must be a date such as \"2026-01-31T12:00:00Z\"";
        "annotations.homepage" = webAddress;
        "annotations.documentation" = webAddress;
      };
    in
    both plain (special.${path} or (_: ok)) path value;
in
{
  inherit
    name
    version
    kind
    labels
    ;
  annotations = attrsOf rules.identifierFault annotation "annotations" args.annotations;
  dependencies = unique dependency "dependencies" args.dependencies;
  pathWhitelist = unique rules.imagePath "pathWhitelist" args.pathWhitelist;
  problems = concatMap (verdict: verdict.problems) [
    # One that stands for the first of the packages is told there.
    (if args.pkg == null then ok null else known)
    baseVersion
    addon
    os
    arch
  ];
  inherit pkg;
}
