/**
  The store paths that an image needs: what its packages are, and what the texts of its spec mention.

  Nix knows which derivations a text refers to (its context), but not which part of the text is a store path; the text
  alone does not tell where a store path ends (`${pkg}.` and `${pkg}-x` look like longer names). Both together do.
*/
let
  inherit (import ./check) names check;

  inherit (builtins)
    appendContext
    attrNames
    concatLists
    concatMap
    elemAt
    filter
    genList
    getContext
    head
    isAttrs
    isList
    isPath
    isString
    length
    listToAttrs
    match
    replaceStrings
    sort
    split
    storeDir
    storePath
    stringLength
    substring
    unsafeDiscardStringContext
    ;

  escaped = replaceStrings [ "." "+" ] [ "[.]" "[+]" ] storeDir;
  hash = "[0-9a-z]{32}";
  storeName = "[0-9A-Za-z+._?=-]+";
  # Of fixed length: a regular expression that matches much exhausts the evaluator's stack.
  mention = "${escaped}/(${hash})-";
  longestName = 211;

  nameOf = path: substring (stringLength storeDir + 34) (-1) path;
  # The names of the store paths that a context stands for.
  contextNames =
    context:
    concatMap (
      key:
      let
        entry = context.${key};
        name = nameOf key;
        base = substring 0 (stringLength name - 4) name;
      in
      map (output: if output == "out" then base else "${base}-${output}") (entry.outputs or [ ])
      ++ (if entry.path or false || entry.allOutputs or false then [ name ] else [ ])
    ) (attrNames context);

  # The longest of the names that `text` begins with.
  longestPrefix =
    known: text:
    let
      fit = filter (name: substring 0 (stringLength name) text == name) known;
      ordered = sort (a: b: stringLength a > stringLength b) fit;
    in
    if fit == [ ] then null else head ordered;

  # The store paths that a text mentions, each once: `HASH-` and as much of what follows as a name can have.
  written =
    text:
    let
      pieces = split mention (unsafeDiscardStringContext text);
      found =
        at:
        let
          name = match "(${storeName}).*" (substring 0 longestName (elemAt pieces (at + 1)));
        in
        if name == null then [ ] else [ "${head (elemAt pieces at)}-${head name}" ];
      all = concatLists (genList (at: found (2 * at + 1)) (length pieces / 2));
    in
    attrNames (
      listToAttrs (
        map (name: {
          inherit name;
          value = null;
        }) all
      )
    );

  inText =
    path: text:
    let
      context = getContext text;
      known = contextNames context;
      judge =
        part:
        let
          name = longestPrefix known (substring 33 (-1) part);
        in
        if name == null then
          {
            roots = [ ];
            problems = [
              "${path}: mentions ${storeDir}/${part} without depending on it; write \"\${package}\" or builtins.storePath"
            ];
          }
        else
          {
            roots = [ (appendContext "${storeDir}/${substring 0 33 part}${name}" context) ];
            problems = [ ];
          };
    in
    map judge (written text);

  search =
    path: value:
    if isString value then
      inText path value
    else if isList value then
      concatLists (genList (at: search "${path}[${toString at}]" (elemAt value at)) (length value))
    else if isAttrs value then
      concatMap (name: search (check.member path name) value.${name}) (attrNames value)
    else
      [ ];

in
rec {
  inherit nameOf;

  /**
    Whether a text is a store path, and nothing within one.
  */
  isRoot = text: names.matches 300 "${escaped}/${hash}-${storeName}" text;

  /**
    Every store path that a set mentions, however deep: `{ roots; problems; }`.

    # Type

    ```
    mentions :: AttrSet -> { roots :: [ String ], problems :: [ String ] }
    ```
  */
  mentions =
    spec:
    let
      verdicts = concatMap (name: search name spec.${name}) (attrNames spec);
    in
    {
      roots = concatMap (verdict: verdict.roots) verdicts;
      problems = concatMap (verdict: verdict.problems) verdicts;
    };

  /**
    Each store path once, in order.
  */
  unique =
    roots:
    builtins.attrValues (
      listToAttrs (
        map (root: {
          name = unsafeDiscardStringContext root;
          value = root;
        }) roots
      )
    );

  /**
    A source tree's path, or the text of a store path, as a store path that the image depends on. A path that is whole
    in the store already stays what it is, where the evaluator can ask the store (not in pure evaluation).
  */
  imported =
    value:
    if isRoot (toString value) && builtins ? currentSystem then
      storePath value
    else
      builtins.path {
        path = value;
        name = names.toStoreName (names.baseName (toString value));
      };

  /**
    A checker for content to copy: a path in the source tree, a derivation, or a path in the store.
  */
  source =
    path: value:
    if isPath value then
      check.ok (imported value)
    else if value ? outPath then
      check.ok "${value}"
    else if isString value && names.matches 4096 "${escaped}/.+" (unsafeDiscardStringContext value) then
      check.ok value
    else if isString value then
      check.bad path value "must be in the store; write a path without quotes, such as ./file"
    else
      check.bad path value "must be a path or a package";
}
