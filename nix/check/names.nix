/**
  Names: what makes one valid, what makes one valid that is not, and which known one a misspelt one was meant to be.

  Everything here is text to text, in builtins alone, so that it serves any package set.
*/
let
  facts = import ./facts.nix;

  inherit (builtins)
    all
    concatStringsSep
    elemAt
    filter
    foldl'
    fromJSON
    genList
    head
    isList
    isString
    length
    match
    replaceStrings
    sort
    split
    stringLength
    substring
    ;

  chars = text: genList (at: substring at 1 text) (stringLength text);
  upperLetters = chars "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  lowerLetters = chars "abcdefghijklmnopqrstuvwxyz";

  lower = replaceStrings upperLetters lowerLetters;
  upper = replaceStrings lowerLetters upperLetters;

  # A regular expression on a text of unbounded length can exhaust the evaluator's stack.
  matches =
    limit: pattern: text:
    stringLength text <= limit && match pattern text != null;

  # `text` with `word` for what the pattern matches.
  replaced =
    word: pattern: text:
    concatStringsSep "" (map (piece: if isList piece then word else piece) (split pattern text));

  last = list: elemAt list (length list - 1);
  fields = separator: text: filter isString (split separator text);

  # `text` in lower case, each run of other characters made one separator: the first of the run that `allowed` has.
  sanitise =
    allowed: text:
    let
      separator =
        run:
        let
          fit = filter (char: match allowed char != null) (chars run);
        in
        if fit == [ ] then "-" else head fit;
      joined = concatStringsSep "" (
        map (piece: if isList piece then separator (head piece) else piece) (
          split "([^a-z0-9]+)" (lower text)
        )
      );
    in
    trim joined;

  trim =
    text:
    let
      inner = match "[^a-z0-9]*(.*[a-z0-9])[^a-z0-9]*" text;
    in
    if inner == null then "" else head inner;

  shorten = limit: text: if stringLength text <= limit then text else trim (substring 0 limit text);

  # U+0080 to U+009F are two bytes in UTF-8, and regular expressions read bytes.
  controlPair =
    let
      from = fromJSON ''"\u0080"'';
      to = fromJSON ''"\u009f"'';
    in
    "${substring 0 1 from}[${substring 1 1 from}-${substring 1 1 to}]";

  # How many letters must change to make one text of another.
  distance =
    from: to:
    let
      source = chars from;
      target = chars to;
      least = a: b: if a < b then a else b;
      row =
        above: at:
        foldl' (
          row: to:
          row
          ++ [
            (least (least (elemAt row to + 1) (elemAt above (to + 1) + 1)) (
              elemAt above to + (if elemAt source at == elemAt target to then 0 else 1)
            ))
          ]
        ) [ (at + 1) ] (genList (to: to) (length target));
    in
    last (foldl' row (genList (at: at) (length target + 1)) (genList (at: at) (length source)));
in
rec {
  inherit lower matches upper;

  /**
    Whether a text is one of those that `rules.json` describes under this name, such as `identifier`
    (`example.com/busybox`) or `name` (`data-dir`).

    # Type

    ```
    fits :: String -> String -> Bool
    ```
  */
  fits =
    kind:
    let
      inherit (facts.texts.${kind}) longest pattern;
    in
    matches longest pattern;

  /**
    The nearest AC Identifier: `Image_Magick` is `image-magick`; "" where nothing is left.
  */
  toIdentifier =
    text: shorten facts.texts.identifier.longest (sanitise "[-._~/]" (substring 0 1000 text));

  /**
    The nearest AC Name: `data_dir` is `data-dir`; "" where nothing is left.
  */
  toName = text: shorten facts.texts.name.longest (sanitise "-" (substring 0 1000 text));

  /**
    A package's version as images have it: dashes would read as parts of the file name.
  */
  toVersion =
    text:
    let
      mapped = replaced "_" "[^A-Za-z0-9._+~]" (substring 0 1000 text);
    in
    head (match "[^A-Za-z0-9]*(.*)" mapped);

  /**
    Last component of a name or path.
  */
  baseName = text: last (fields "/" text);

  /**
    A name that the store accepts for a path: `a~b` is `a-b`, and a leading dot goes.
  */
  toStoreName =
    text:
    let
      mapped = replaced "-" "[^0-9A-Za-z+._?=-]+" (substring 0 200 text);
      undotted = match "[.]+(.*)" mapped;
      name = if undotted == null then mapped else head undotted;
    in
    if name == "" then "source" else name;

  /**
    The name of an image as registries write it: an AC Identifier, but that they have no `~`.
  */
  toRepository = replaceStrings [ "~" ] [ "-" ];

  /**
    The version of an image as a tag of registries, with a suffix that it keeps: `1.2~3+4` is `1.2-3-4`, cut where tags
    end.
  */
  toTag =
    version: suffix:
    substring 0 (facts.texts.tag.longest - stringLength suffix) (replaced "-" "[^A-Za-z0-9._-]" version)
    + suffix;

  /**
    Whether a text is an absolute path without `.`, `..`, doubled or trailing slashes. `/` itself is one.
  */
  isCleanPath = text: text == cleanPath text;

  /**
    Whether a text has control characters, those of ASCII or of Unicode.
  */
  hasControls = text: length (split "[[:cntrl:]]|${controlPair}" text) > 1;

  /**
    Whether a path is short enough for file systems and system calls, each of its names too.
  */
  fitsFileSystems =
    text:
    stringLength text <= facts.path.longest
    && all (name: stringLength name <= facts.path.longestName) (fields "/" text);

  /**
    Whether a path is a directory, or leads to something in it.
  */
  isWithin =
    directory: path:
    path == directory || substring 0 (stringLength directory + 1) path == "${directory}/";

  /**
    The clean absolute path that a text most likely means: `opt//app/` is `/opt/app`.
  */
  cleanPath =
    text:
    let
      step =
        above: component:
        if component == "" || component == "." then
          above
        else if component == ".." then
          genList (elemAt above) (if above == [ ] then 0 else length above - 1)
        else
          above ++ [ component ];
    in
    "/" + concatStringsSep "/" (foldl' step [ ] (fields "/" text));

  /**
    The paths above a clean path, but for the root: of `/a/b/c` they are `/a` and `/a/b`.
  */
  above =
    path:
    let
      parts = fields "/" path;
      first = count: concatStringsSep "/" (genList (elemAt parts) count);
    in
    genList (at: first (at + 2)) (if length parts > 2 then length parts - 2 else 0);

  /**
    The known word that a misspelt one was meant to be, or null. Of those that are near, one that goes on from the word
    (`gz`, `gzip`) comes before one that is nearer (`xz`).

    # Example

    ```nix
    nearest "exce" [ "env" "exec" ]
    => "exec"
    ```
  */
  nearest =
    word: known:
    let
      scored = map (candidate: {
        inherit candidate;
        score = distance (lower word) (lower candidate);
        goesOn = substring 0 (stringLength word) (lower candidate) == lower word;
      }) known;
      close = filter (entry: entry.score <= 1 + stringLength entry.candidate / 4) scored;
      best = sort (a: b: if a.goesOn == b.goesOn then a.score < b.score else a.goesOn) close;
    in
    if stringLength word > 100 || best == [ ] then null else (head best).candidate;
}
