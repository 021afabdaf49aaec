/**
  Packages: what of one goes into an image, and what it is called.

  Packages come from everywhere, and what they say of themselves may have any form: a version that is a set with
  `__toString`, no `meta` at all. What can be read is taken; without the rest it goes on.
*/
let
  inherit (import ./check) names check facts;
  closure = import ./closure.nix;

  inherit (builtins)
    all
    attrNames
    concatMap
    concatStringsSep
    elem
    filter
    fromJSON
    getContext
    hasContext
    head
    isAttrs
    isFunction
    isInt
    isList
    isPath
    isString
    match
    parseDrvName
    storeDir
    storePath
    stringLength
    substring
    unsafeDiscardStringContext
    ;
  inherit (closure) imported isRoot nameOf;

  # What people read, and programs do not need. A package that has nothing else is taken as it is.
  inherit (facts.outputs) documentation;

  # What stands behind the version in names of store paths: outputs, and how a package was put together.
  endings = [
    "env"
    "wrapper"
    "wrapped"
    "with-packages"
  ]
  ++ facts.outputs.others
  ++ documentation;

  # The text that an attribute stands for, or null.
  text =
    value:
    if isString value then
      unsafeDiscardStringContext value
    else if check.isNumber value then
      check.number value
    else if isAttrs value && isFunction (value.__toString or null) then
      text (value.__toString value)
    else
      null;
  read =
    name: pkg:
    let
      found = text (pkg.${name} or null);
    in
    if found == "" then null else found;

  without =
    endings: name:
    let
      ends =
        ending:
        let
          at = stringLength name - stringLength ending - 1;
        in
        at > 0 && substring at (-1) name == "-${ending}";
      found = filter ends endings;
    in
    if found == [ ] then name else substring 0 (stringLength name - stringLength (head found) - 1) name;

  # The outputs that the context of a text names: `"${openssl.bin}"` is of `bin`.
  outputsOf =
    text:
    let
      context = getContext text;
    in
    concatMap (key: context.${key}.outputs or [ ]) (attrNames context);

  isNames = value: isList value && all isString value;
  has = value: output: isString (value.${output}.outPath or null);

  # The outputs that a package stands for, by name; null where it stands for one store path.
  outputs =
    documented: value:
    let
      installed = value.meta.outputsToInstall or null;
      programs = filter (output: !elem output documentation) installed;
      all = value.outputs or null;
      texts = filter (output: elem output documentation && has value output) (
        if isNames all then all else [ ]
      );
    in
    if value.outputSpecified or false == true || !(value ? outputs) || !isNames installed then
      null
    else if documented then
      programs ++ texts
    else if programs == [ ] then
      installed
    else
      programs;

  priority =
    value:
    let
      given = value.meta.priority or null;
    in
    if given == null then
      5
    else if isString given && names.matches 9 "0|-?[1-9][0-9]*" given then
      fromJSON (unsafeDiscardStringContext given)
    else
      given;

  noStorePath =
    path:
    if match "/[0-9a-z]{52}" (substring 0 53 path) != null then
      "has no store path before it is built, as it is content-addressed; take a package set without contentAddressedByDefault"
    else
      "must be a whole store path";

  # A package or another set that stands for a store path.
  ofSet =
    documented: path: value:
    let
      wanted = outputs documented value;
      missing = filter (output: !has value output) wanted;
      paths = if wanted == null then [ value.outPath ] else map (output: value.${output}.outPath) wanted;
      odd = filter (path: !isRoot (unsafeDiscardStringContext path)) paths;
      found = read "name" value;
    in
    if wanted != null && missing != [ ] then
      check.bad "${path}.meta.outputsToInstall" value.meta.outputsToInstall
        "names ${concatStringsSep ", " missing}, which the package has no outputs for"
    else if odd != [ ] then
      check.bad "${path}.outPath" (head odd) (noStorePath (unsafeDiscardStringContext (head odd)))
    else if !isInt (priority value) then
      check.bad "${path}.meta.priority" (priority value) "must be a whole number"
    else
      check.ok {
        name = if found == null then nameOf (unsafeDiscardStringContext value.outPath) else found;
        inherit paths;
        priority = priority value;
      };

  whole = text: {
    name = without (outputsOf text) (nameOf (unsafeDiscardStringContext text));
    paths = [ text ];
    priority = 5;
  };
in
rec {
  inherit text;

  /**
    A checker for one of `packages`: `{ name; paths; priority; }`, its outputs by the argument `documentation`. A package
    stands for the outputs that it installs but for documentation, one chosen output (`bash.man`) for itself.
  */
  package =
    documented: path: value:
    if isAttrs value && isString (value.outPath or null) then
      ofSet documented path value
    else if isPath value then
      check.ok (whole (imported value))
    else if isString value && isRoot (unsafeDiscardStringContext value) then
      check.ok (whole (if hasContext value then value else storePath value))
    else if isString value then
      check.bad path value (
        "must be a package or a whole store path"
        + (
          if names.matches 60 "[a-z][A-Za-z0-9_-]*" value then "; write pkgs.${value}, without quotes" else ""
        )
      )
    else
      check.bad path value "must be a package";

  /**
    A package's name without its version, as its author gave it. `known` is the checked package.
  */
  nameWithin =
    pkg: known:
    let
      pname = read "pname" pkg;
    in
    without [ "interactive" ] (if pname == null then (parseDrvName known.name).name else pname);

  /**
    A package's version: what it says, what its name says, or what tells its store path from others, the beginning of
    the hash.
  */
  versionOf =
    pkg: known:
    let
      said = read "version" pkg;
      named = without endings (parseDrvName known.name).version;
      hash = substring (stringLength storeDir + 1) 12 (unsafeDiscardStringContext (head known.paths));
      right = filter (version: version != "") [
        (if said == null then "" else names.toVersion said)
        (names.toVersion named)
        hash
      ];
    in
    head right;
}
