/**
  Checkers for the kinds of value that an image knows: names, image paths, modes, owners, argument lists.
*/
{ names, check }:

let
  facts = import ./facts.nix;

  inherit (builtins)
    concatStringsSep
    elem
    filter
    head
    isInt
    isList
    isString
    length
    split
    stringLength
    storeDir
    substring
    toJSON
    unsafeDiscardStringContext
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

  mend = word: text: if text == "" then "" else "; ${word} ${toJSON text}";

  # What is wrong with the name of a user or group, or null.
  accountFault =
    text:
    let
      lower = names.lower (substring 0 100 text);
    in
    textFault "account" (_: mend "try" (if names.fits "account" lower then lower else "")) text;

  # What is wrong with a text of this kind, or null; `how` makes the end of the message from it.
  textFault =
    kind: how: text:
    if names.fits kind text then null else facts.texts.${kind}.rule + how text;

  argument = both string (
    path: value:
    if stringLength value > facts.argument.longest then
      bad path value "must have at most ${toString facts.argument.longest} bytes, as Linux passes no more"
    else
      ok value
  );
in
rec {
  inherit argument mend;

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
    What is wrong with a text, or null, and a checker for it, by what `rules.json` calls such texts.
  */
  fault = kind: textFault kind (_: "");
  text = kind: faultless (fault kind);

  /**
    The same for texts that can be mended.
  */
  identifierFault = textFault "identifier" (text: mend "try" (names.toIdentifier text));
  nameFault = textFault "name" (text: mend "try" (names.toName text));
  versionFault = textFault "version" (
    text:
    let
      mapped = names.toVersion text;
    in
    mend "try" (if names.fits "version" mapped then mapped else "")
  );

  identifier = faultless identifierFault;

  address = faultless (
    textFault "address" (
      text:
      let
        bare = names.matches 200 "[a-z0-9-]+([.][a-z0-9-]+)+(/[^ ]*)?" text;
      in
      mend "write" (if bare then "https://${text}" else "")
    )
  );

  /**
    What is wrong with an absolute path in the image, or null: it has no `.`, `..`, doubled or trailing slashes and
    control characters.
  */
  pathFault =
    text:
    if !names.fitsFileSystems text then
      "must have at most ${toString facts.path.longestName} bytes in each name and ${toString facts.path.longest} in all"
      + ", as file systems take no more"
    else if names.hasControls text then
      "must not have control characters; leave them out"
    else if text != "" && names.isCleanPath text then
      null
    else
      "must be an absolute path without ., .. or needless slashes"
      + mend "write" (if text == "" then "" else names.cleanPath text);

  /**
    The same, but for the root itself.
  */
  innerPathFault =
    text: if text == "/" then "must not be the root itself; name a path below it" else pathFault text;

  /**
    The same, but for what lies in the store, which has its own content.
  */
  ownPathFault =
    text:
    if names.isWithin storeDir text then
      "must not lie in ${storeDir}, whose content is verified and shared; name a path outside it"
    else
      innerPathFault text;

  imagePath = faultless pathFault;

  /**
    The same, and it may lie in a package.
  */
  pathInContext = both string (
    path: value:
    let
      rule = pathFault (builtins.unsafeDiscardStringContext value);
    in
    if rule == null then ok value else bad path value rule
  );

  /**
    A directory of packages, which have no store in them.
  */
  linkedPath = faultless (
    text:
    if names.isWithin storeDir text then
      "must not lie in ${storeDir}; name a directory of the packages, such as \"/bin\""
    else
      pathFault text
  );

  /**
    Where a volume may be mounted.
  */
  mountPath = faultless (
    text:
    if text != storeDir && names.isWithin storeDir text then
      "must not lie in ${storeDir}, where only store paths belong; mount it somewhere else"
    else if innerPathFault text != null then
      innerPathFault text
    else if names.matches facts.path.longest "[^${facts.path.notInMounts}]*" text then
      null
    else
      "must not have colons or commas, which runtimes cannot write in a volume"
  );

  /**
    What a symbolic link may point to.
  */
  linkTarget = both string (
    path: value:
    if value == "" then
      bad path value "must name what the link points to"
    else if stringLength value > facts.path.longest then
      bad path value
        "must have at most ${toString facts.path.longest} bytes, as file systems take no more"
    else if names.hasControls value then
      bad path value "must not have control characters; leave them out"
    else
      ok value
  );

  /**
    One of so many words that an example says more than all of them.
  */
  word =
    known: what: example:
    both plain (
      path: value:
      if elem value known then
        ok value
      else
        bad path value
          "is not ${what}; ${
            if names.nearest value known == null then "write one as in ${example}" else check.meant value known
          }"
    );

  /**
    Octal digits as a text, such as "0644".
  */
  mode =
    path: value:
    if isString value && names.fits "mode" value then
      ok value
    else
      bad path value (
        facts.texts.mode.rule
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
  id = integer facts.numbers.id;

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
      both (integer (facts.numbers.id // { digits = true; })) (_: id: ok (toString id)) path value
    else
      faultless accountFault path text;

  /**
    A program and its arguments; a text alone is a program without any.
  */
  command =
    path: value:
    let
      words = if isList value then value else [ value ];
      first = head words;
      place = if isList value then "${path}[0]" else path;
      # A word alone is most likely a program that a package has in its `bin`.
      example = "/bin/${if names.matches 100 "[A-Za-z0-9._+-]+" first then first else "sh"}";
      checked = listOf argument path words;
      parts = filter (part: isString part && part != "") (
        split "[[:space:]]+" (substring 0 1000 (unsafeDiscardStringContext value))
      );
    in
    if value == [ ] then
      bad path value "must name a program"
    else if isString value && length parts > 1 then
      bad path value
        "is one word, whose blanks separate nothing; write program and arguments as a list, ${
          if stringLength value > 200 then
            "[ ${toJSON (head parts)} … ]"
          else
            "[ ${concatStringsSep " " (map toJSON parts)} ]"
        }"
    else if !isList value && (string path value).problems != [ ] then
      bad path value "must be a list of strings"
    else if isString first && substring 0 1 first != "/" then
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
