/**
  Parts of messages: how a value, a place and a word that is meant are written.
*/
{ names }:

let
  inherit (builtins)
    attrNames
    concatStringsSep
    elemAt
    genList
    head
    isFloat
    isInt
    length
    match
    removeAttrs
    stringLength
    substring
    toJSON
    typeOf
    unsafeDiscardStringContext
    ;

  isIdentifier = text: names.matches 60 "[A-Za-z_][A-Za-z0-9_'-]*" text;
in
rec {
  /**
    A value for a message: short, on one line, never evaluated deeply.
  */
  show =
    value:
    let
      text = toJSON (unsafeDiscardStringContext value);
      shown = {
        string = if stringLength text > 80 then "${substring 0 76 text}…\"" else text;
        int = toString value;
        float = number value;
        bool = if value then "true" else "false";
        null = "null";
        path = toString value;
        lambda = "a function";
        list = if value == [ ] then "[ ]" else "[ … ] (${toString (length value)} elements)";
        set =
          if value.type or null == "derivation" then
            "a derivation"
          else if value == { } then
            "{ }"
          else
            let
              all = attrNames value;
              shown = genList (elemAt all) (if length all > 8 then 8 else length all);
              more = if length all > 8 then [ "…" ] else [ ];
            in
            "{ ${concatStringsSep " " (map (name: "${name} = …;") shown ++ more)} }";
      };
    in
    shown.${typeOf value} or "a value of type ${typeOf value}";

  /**
    The path of a member: quoted where Nix wants quotes.
  */
  member = path: name: "${path}.${if isIdentifier name then name else toJSON name}";

  /**
    The end of a message about a word that is not known.
  */
  meant =
    word: known:
    let
      nearest = names.nearest word known;
    in
    if nearest == null then
      "known are ${concatStringsSep ", " known}"
    else
      "did you mean ${toJSON nearest}?";

  /**
    What is said of members of a set that are not known.
  */
  unknown =
    path: known: value:
    map (name: "${path name}: is not known here; ${meant name known}") (
      attrNames (removeAttrs value known)
    );

  /**
    All problems of what is called `title`, told at once.
  */
  report =
    title: problems:
    concatStringsSep "\n  " (
      [
        "${title} has ${
          if length problems == 1 then "a problem" else "${toString (length problems)} problems"
        }:"
      ]
      ++ problems
    );

  /**
    A fractional number as text with no more digits than it needs, the same under every version of Nix.
  */
  number =
    value:
    if isInt value then
      toString value
    else
      let
        whole = match "(-?[0-9]+)[.]?0*" (toString value);
        part = match "(-?[0-9]+[.][0-9]*[1-9])0*" (toString value);
      in
      head (if whole != null then whole else part);

  isNumber = value: isInt value || isFloat value;
}
