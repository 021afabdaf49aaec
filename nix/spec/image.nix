/**
  What an image is called and what it is made for: name, version, platform, labels, annotations, dependencies.
*/
{ platform }:

let
  inherit (import ../check)
    names
    check
    rules
    facts
    ;
  packages = import ../packages.nix;

  labels = import ./labels.nix { inherit platform; };
  dates = import ./dates.nix;
  dependencies = import ./dependencies.nix { inherit labels; };

  inherit (builtins)
    head
    isList
    stringLength
    toJSON
    ;
  inherit (check)
    also
    attrsOf
    bad
    both
    ok
    plain
    wrong
    ;

  # Those that have rules of their own, by where they are written.
  annotation =
    let
      known = {
        "annotations.created" = dates.created;
        "annotations.homepage" = rules.address;
        "annotations.documentation" = rules.address;
        ${check.member "annotations" "appc.io/executor/supports-systemd-notify"} = rules.text "flag";
      };
    in
    path: known.${path} or plain path;
in
args:
let
  pkg =
    if args.pkg != null then
      args.pkg
    else if isList args.packages && args.packages != [ ] then
      head args.packages
    else
      null;
  checked = both check.present (packages.package false) "pkg" pkg;
  unnamed = pkg == null || checked.problems != [ ];

  # Files alone are an image too, which the user has to name.
  isOfFiles = pkg == null && args.packages == [ ] && args.files != { };

  # Nothing is derived from a package that is wrong itself.
  derive =
    argument: example: value:
    if isOfFiles then
      wrong argument "is needed, as no package gives it; write ${argument} = ${toJSON example}"
    else if unnamed then
      ok null
    else
      value;

  name =
    if args.acName != null then
      rules.identifier "acName" args.acName
    else
      derive "acName" "example.com/app" (
        let
          derived = names.toIdentifier (packages.nameWithin pkg checked.value);
        in
        if derived == "" then
          wrong "acName" "no name can be made from ${toJSON checked.value.name}; write acName = \"…\""
        else
          ok derived
      );

  baseVersion =
    if args.acVersion != null then
      rules.faultless rules.versionFault "acVersion" args.acVersion
    else
      derive "acVersion" "1.0" (
        let
          derived = packages.versionOf pkg checked.value;
        in
        if names.fits "version" derived then
          ok derived
        else
          wrong "acVersion" "the package's version ${toJSON derived} ${rules.fault "version" derived}; write acVersion = \"1.0\""
      );

  addon = plain "versionAddon" args.versionAddon;

  version =
    if baseVersion.problems ++ addon.problems != [ ] || baseVersion.value == null then
      {
        value = null;
        problems = baseVersion.problems ++ addon.problems;
      }
    else
      let
        whole = "${baseVersion.value}${addon.value}";
        fault = rules.fault "version" whole;
      in
      if fault == null then
        ok whole
      else
        bad "versionAddon" addon.value "the version ${check.show whole} ${fault}";

  # Files are called so, with an ending.
  stem =
    let
      length = stringLength "${names.baseName name.value}-${version.value}";
    in
    if name.value == null || version.value == null || length <= facts.stem.longest then
      [ ]
    else
      [
        "acName = ${check.show name.value}: its last component and the version ${check.show version.value} have ${toString length} bytes, and files are called so; together they may have ${toString facts.stem.longest}"
      ];

  system =
    if isOfFiles then
      platform.platformOf args.face { inherit (args) os arch; } { }
    else if unnamed && (args.os == null || args.arch == null) then
      {
        os = ok null;
        arch = ok null;
      }
    else
      platform.platformOf args.face { inherit (args) os arch; } pkg;

  free = labels.free "acLabels" args.acLabels;
  own = {
    inherit (args) face;
    thin = args.thin == true;
    name = name.value;
    os = system.os.value;
    arch = system.arch.value;
    labels = (if free.value == null then { } else free.value) // {
      version = version.value;
      inherit (own) os arch;
    };
  };
in
{
  members = {
    name = also stem name;
    inherit version;
    inherit (system) os arch;
    labels = free;
    annotations = attrsOf rules.identifierFault annotation "annotations" args.annotations;
    dependencies = dependencies own "dependencies" args.dependencies;
    pathWhitelist = check.unique rules.pathInContext "pathWhitelist" args.pathWhitelist;
  };
  # One that stands for the first of the packages is told there.
  problems = if args.pkg == null then [ ] else checked.problems;
  inherit pkg;
}
