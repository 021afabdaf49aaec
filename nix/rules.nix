/**
  Checkers for the kinds of value that an image knows: names, image paths, modes, owners, argument lists.
*/
{ names, check }:

let
  inherit (builtins)
    isInt
    isList
    isString
    substring
    toJSON
    ;
  inherit (check)
    bad
    both
    integer
    listOf
    ok
    plain
    show
    string
    ;

  suggest = text: if text == "" then "" else "; try ${toJSON text}";

  ids = {
    least = 0;
    most = 4294967294;
    what = "an id";
  };

  isAccount = names.matches 32 "[a-z_][a-z0-9_-]*";

  # What is wrong with the name of a user or group, or null.
  accountFault =
    text:
    let
      lower = names.lower text;
    in
    if isAccount text then
      null
    else
      "must be one number, one name or an image path; a name is at most 32 lower-case letters, digits, _ and -"
      + ", beginning with a letter or _"
      + suggest (if isAccount lower then lower else "");
in
rec {
  /**
    A checker for a text from what finds fault with it: null, or the rule that is broken.
  */
  faultless =
    fault:
    both plain (
      path: value:
      let
        rule = fault value;
      in
      if rule == null then ok value else bad path value rule
    );

  /**
    What is wrong with an AC Identifier that the user typed, or null.
  */
  identifierFault =
    text:
    if names.isIdentifier text then
      null
    else
      "must be lower-case letters and digits, joined by single - . _ ~ or /"
      + ", the last component at most ${toString names.componentLimit} characters"
      + suggest (names.toIdentifier text);

  /**
    What is wrong with an AC Name that the user typed, or null.
  */
  nameFault =
    text:
    if names.isName text then
      null
    else
      "must be lower-case letters and digits, joined by single dashes, at most ${toString names.nameLimit} characters"
      + suggest (names.toName text);

  identifier = faultless identifierFault;

  /**
    What is wrong with an absolute path in the image, or null: it has no `.`, `..`, doubled or trailing slashes and
    control characters.
  */
  pathFault =
    text:
    if names.hasControls text then
      "must not have control characters; leave them out"
    else if !names.fitsFileSystems text then
      "must have at most 255 bytes in each name and 4095 in all, as file systems take no more"
    else if text != "" && names.isCleanPath text then
      null
    else
      "must be an absolute path without ., .. or needless slashes"
      + (if text == "" then "" else "; write ${toJSON (names.cleanPath text)}");

  /**
    The same, but for the root itself.
  */
  innerPathFault =
    text: if text == "/" then "must not be the root itself; name a path below it" else pathFault text;

  imagePath = faultless pathFault;
  innerPath = faultless innerPathFault;

  /**
    Octal digits as a text, such as "0644".
  */
  mode =
    path: value:
    if isString value && names.matches 4 "[0-7]{3,4}" value then
      ok value
    else
      bad path value (
        "must be three or four octal digits in quotes"
        + (
          if isInt value && names.matches 3 "[0-7]{3}" (toString value) then
            "; write \"0${toString value}\""
          else
            ", such as \"0644\""
        )
      );

  /**
    The number of a user or group.
  */
  id = integer ids;

  /**
    A user or group: a number, a name, or an image path whose owner is meant.
  */
  owner =
    path: value:
    let
      text = if isInt value then toString value else value;
    in
    if !isString text then
      bad path value "must be a name, a number or an image path"
    else if substring 0 1 text == "/" then
      imagePath path text
    else if names.matches 100 "-?[0-9]+" text then
      both (integer (ids // { digits = true; })) (_: id: ok (toString id)) path value
    else
      faultless accountFault path text;

  /**
    A program and its arguments; a text alone is a program without any.
  */
  command =
    path: value:
    let
      words = if isList value then value else [ value ];
      first = builtins.head words;
      place = if isList value then "${path}[0]" else path;
      # A word alone is most likely a program that a package has in its `bin`.
      example = "/bin/${if names.matches 100 "[A-Za-z0-9._+-]+" first then first else "sh"}";
      checked = if isList value then listOf string path value else listOf string path words;
    in
    if value == [ ] then
      bad path value "must name a program"
    else if !isList value && checked.problems != [ ] then
      bad path value "must be a list of strings"
    else if isString first && !names.matches 4096 "/.*" first then
      checked
      // {
        value = null;
        problems = [
          "${place} = ${show first}: must be the absolute path of a program in the image, such as ${toJSON example}"
        ]
        ++ checked.problems;
      }
    else
      checked;
}
