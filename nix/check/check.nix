/**
  Checking what a user wrote.

  A *checker* is given the path of a value, as the user wrote it (`ports.http.port`), and the value. Its *verdict* is
  `{ value; problems; }`: the value in the builder's spelling and a list of texts, empty when all is well. Verdicts are
  joined, never thrown, so that one evaluation tells every problem.
*/
{ names }:

let
  inherit (builtins)
    attrNames
    attrValues
    concatMap
    concatStringsSep
    elem
    filter
    genList
    groupBy
    elemAt
    hasContext
    head
    isAttrs
    isBool
    isFunction
    isInt
    isList
    isPath
    isString
    length
    mapAttrs
    pathExists
    removeAttrs
    sort
    tail
    toJSON
    unsafeDiscardStringContext
    ;

  imap = function: list: genList (at: function at (elemAt list at)) (length list);
in
rec {
  inherit (import ./messages.nix { inherit names; })
    isNumber
    meant
    member
    number
    report
    show
    unknown
    ;

  /**
    The verdict on a value that is right.
  */
  ok = value: {
    inherit value;
    problems = [ ];
  };

  /**
    The verdict on a value that breaks a rule. The rule says what is right, and how to mend it.
  */
  bad = path: value: rule: {
    value = null;
    problems = [ "${path} = ${show value}: ${rule}" ];
  };

  /**
    The verdict on something that is not there, or should not be.
  */
  wrong = path: rule: {
    value = null;
    problems = [ "${path}: ${rule}" ];
  };

  /**
    The verdicts of a set as the verdict on the set. Members whose value is null are left out.
  */
  joinAttrs = verdicts: {
    value = removeAttrs (mapAttrs (_: verdict: verdict.value) verdicts) (
      filter (name: verdicts.${name}.value == null) (attrNames verdicts)
    );
    problems = concatMap (verdict: verdict.problems) (attrValues verdicts);
  };

  /**
    The verdict with further problems.
  */
  also = problems: verdict: verdict // { problems = verdict.problems ++ problems; };

  /**
    A second checker for what the first one found right.
  */
  both =
    first: second: path: value:
    let
      verdict = first path value;
    in
    if verdict.problems == [ ] then second path verdict.value else verdict;

  /**
    A checker from a predicate and its rule.
  */
  test =
    predicate: rule: path: value:
    if predicate value then ok value else bad path value rule;

  /**
    A checker that lets null pass: the argument is then as good as not given.
  */
  optional =
    checker: path: value:
    if value == null then ok null else checker path value;

  bool = test isBool "must be true or false";

  /**
    Anything but a path in the source tree that is not there: Nix tells of it without the argument.
  */
  present =
    path: value:
    if isPath value && !pathExists value then
      bad path value "is not there; in a flake, git must know it (git add)"
    else
      ok value;

  /**
    A text. A derivation and a path in the source tree stand for their store path.
  */
  string = both present (
    path: value:
    if isString value then
      ok value
    else if isPath value || value ? outPath then
      ok "${value}"
    else
      bad path value (
        if isNumber value then "must be a string; write ${toJSON (number value)}" else "must be a string"
      )
  );

  /**
    A text that does not refer to the store.
  */
  plain =
    path: value:
    if isString value && hasContext value then
      bad path value "must not refer to a store path"
    else if isPath value || value ? outPath then
      bad path value "must be a string"
    else
      string path value;

  /**
    A whole number within bounds; a text of digits is taken too where `digits` says so.
  */
  integer =
    {
      least,
      most,
      what,
      digits ? false,
    }:
    path: value:
    let
      # Nineteen digits and more do not fit; leading zeros are no number in JSON.
      parsed =
        if digits && isString value && names.matches 18 "0|[1-9][0-9]*" value then
          builtins.fromJSON value
        else
          value;
    in
    if isInt parsed && parsed >= least && parsed <= most then
      ok parsed
    else
      bad path value "${what} is a whole number from ${toString least} to ${toString most}";

  /**
    A list, each element checked under its index.
  */
  listOf =
    checker: path: value:
    if !isList value then
      bad path value "must be a list"
    else
      let
        verdicts = imap (at: checker "${path}[${toString at}]") value;
      in
      {
        value = map (verdict: verdict.value) verdicts;
        problems = concatMap (verdict: verdict.problems) verdicts;
      };

  /**
    The numbers of a list's elements that are there before already, each with the number of the first: elements with
    one key are one. An element whose key is null is like no other.

    # Type

    ```
    doubles :: (Element -> Null | String) -> [ Element ] -> [ { at :: Int, first :: Int } ]
    ```
  */
  doubles =
    key: list:
    let
      keys = map key list;
      keyed = filter (at: elemAt keys at != null) (genList (at: at) (length list));
      groups = attrValues (groupBy (at: unsafeDiscardStringContext (elemAt keys at)) keyed);
      pairs = concatMap (
        group:
        map (at: {
          inherit at;
          first = head group;
        }) (tail group)
      ) groups;
    in
    sort (a: b: a.at < b.at) pairs;

  /**
    A list without doubles. An element that is wrong itself is told once.
  */
  unique =
    checker: path: value:
    let
      verdict = listOf checker path value;
      twice = doubles (element: if element == null then null else toJSON element) verdict.value;
    in
    if verdict.value == null then
      verdict
    else
      also (map (
        { at, ... }: "${path}[${toString at}] = ${show (elemAt value at)}: is there twice"
      ) twice) verdict;

  /**
    A set with free names: `fault` says what is wrong with a name, or null; `checker` judges a value.
  */
  attrsOf =
    fault: checker: path: value:
    if !isAttrs value || value ? outPath then
      bad path value "must be a set, as in ${path}.NAME = …"
    else
      let
        verdicts = mapAttrs (name: checker (member path name)) value;
        keys = concatMap (
          name:
          let
            rule = fault name;
          in
          if rule == null then [ ] else [ "${member path name}: the name ${rule}" ]
        ) (attrNames value);
      in
      also keys (joinAttrs verdicts);

  /**
    A set with known members. A member is a checker, or `{ check; missing; }` where it has to be there: `missing` then
    says how to write it.
  */
  record =
    members: path: value:
    if !isAttrs value || value ? outPath then
      bad path value "must be a set with ${concatStringsSep ", " (attrNames members)}"
    else
      let
        judge =
          name: known:
          if value ? ${name} && value.${name} != null then
            (if isFunction known then known else known.check) (member path name) value.${name}
          else if isFunction known then
            ok null
          else
            wrong (member path name) "is missing; ${known.missing}";
      in
      also (unknown (member path) (attrNames members) value) (joinAttrs (mapAttrs judge members));

  /**
    One of some words.
  */
  oneOf =
    words: path: value:
    if isString value && elem value words then
      ok (unsafeDiscardStringContext value)
    else
      bad path value (
        let
          rule = "must be ${concatStringsSep " or " (map toJSON words)}";
          nearest = if isString value then names.nearest value words else null;
        in
        if nearest == null then rule else "${rule}; did you mean ${toJSON nearest}?"
      );
}
