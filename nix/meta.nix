/**
  What packages say of themselves: licence, homepage, description, and what lists of vulnerabilities and other ecosystems
  call them. It is for bills of materials; nothing of it is in an image.

  Packages come from everywhere, and a set of packages may forbid to ask: what cannot be evaluated is not said, and what
  has another form than here is left out. What is asked for is `meta` alone. The inputs of a package are known, since its
  own derivation was made of them, and so are their inputs.

  # Type

  ```
  meta :: [ Package ] -> [ { outputs, licence?, homepage?, description?, cpe?, purls } ]
  ```
*/
let
  packages = import ./packages.nix;

  inherit (builtins)
    concatMap
    deepSeq
    elem
    filter
    genericClosure
    head
    isAttrs
    isList
    isString
    listToAttrs
    tryEval
    unsafeDiscardStringContext
    ;
  inherit (packages) text;

  # What is wrong within a package set is as if it were not there.
  safely =
    default: value:
    let
      tried = tryEval (deepSeq value value);
    in
    if tried.success then tried.value else default;

  some = set: listToAttrs (filter ({ value, ... }: value != null) (pairs set));
  pairs =
    set:
    map (name: {
      inherit name;
      value = set.${name};
    }) (builtins.attrNames set);

  pathOf = value: unsafeDiscardStringContext value.outPath;
  isPackage = value: safely false (isAttrs value && isString (value.outPath or null));
  listOf = value: if isList value then value else [ ];

  # A licence by its names; a text is one that its author wrote in other words.
  named =
    value:
    if isString value then
      some { name = text value; }
    else
      some {
        id = text (value.spdxId or null);
        name = text (value.fullName or value.shortName or null);
        url = text (value.url or null);
      };
  isNamed =
    value: isString value || isAttrs value && value ? fullName || value ? shortName || value ? spdxId;

  # One licence, a list of them, all of which count, or what `lib.licenses.OR` and its like make.
  licence =
    value:
    let
      several = list: concatMap licence (listOf list);
    in
    if isList value then
      [ { all = several value; } ]
    else if isString value then
      [ { one = named value; } ]
    else if !isAttrs value then
      [ ]
    else if value.operator or null == "AND" then
      [ { all = several (value.licenses or null); } ]
    else if value.operator or null == "OR" then
      [ { any = several (value.licenses or null); } ]
    else if
      value.operator or null == "WITH"
      && isNamed (value.license or null)
      && isNamed (value.exception or null)
    then
      [
        {
          "with" = [
            (named value.license)
            (named value.exception)
          ];
        }
      ]
    else if value.operator or null == "+" && isNamed (value.license or null) then
      [ { plus = named value.license; } ]
    else if isNamed value then
      [ { one = named value; } ]
    else
      [ ];

  # Several addresses are one homepage and others.
  first =
    value: if isList value then if value == [ ] then null else text (head value) else text value;

  # Each fact for itself, so that one that cannot be evaluated leaves the others.
  said =
    value:
    let
      meta = value.meta or null;
      identifiers = safely { } (
        let
          found = meta.identifiers or null;
          own = if isAttrs found then found else { };
          v1 = if isAttrs (own.v1 or null) then own.v1 else { };
          purls = filter isString (listOf (own.purls or v1.purls or null));
          purl = own.purl or v1.purl or null;
        in
        {
          cpe = text (own.cpe or v1.cpe or null);
          purls = map text (if isString purl && !elem purl purls then [ purl ] ++ purls else purls);
        }
      );
      licences = safely [ ] (licence (meta.license or null));
    in
    some {
      licence = if licences == [ ] then null else head licences;
      homepage = safely null (first (meta.homepage or null));
      description = safely null (text (meta.description or null));
      cpe = identifiers.cpe or null;
    }
    // {
      purls = identifiers.purls or [ ];
    };

  # The store paths of all outputs, of which an image may have any.
  outputs =
    value:
    let
      names = safely [ ] (filter isString (listOf (value.outputs or null)));
      known = filter (name: isPackage (value.${name} or null)) names;
      said = safely null (text (value.outputName or null));
      name = if said == null then "out" else said;
    in
    listToAttrs (
      map (name: {
        inherit name;
        value = pathOf value.${name};
      }) known
    )
    // (if elem name known then { } else { ${name} = pathOf value; });

  inputs =
    value:
    let
      # Not deeply: a package is all that it is made of.
      of =
        name:
        let
          tried = tryEval (filter isPackage (listOf (value.${name} or null)));
        in
        if tried.success then tried.value else [ ];
    in
    concatMap of [
      "buildInputs"
      "propagatedBuildInputs"
    ];

  keyed = map (value: {
    key = pathOf value;
    inherit value;
  });
in
values:
map (item: { outputs = outputs item.value; } // said item.value) (genericClosure {
  startSet = keyed (filter isPackage values);
  operator = item: keyed (inputs item.value);
})
