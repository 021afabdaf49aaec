/**
  Slashes at the end of paths: they mean nothing, so they go, and a note says so.

  # Type

  ```
  slashes :: Arguments -> { arguments :: Arguments, notes :: [ String ] }
  ```
*/
let
  inherit (import ../check) check;

  inherit (builtins)
    attrNames
    concatLists
    concatMap
    elemAt
    filter
    genList
    hasContext
    head
    isAttrs
    isList
    isString
    length
    listToAttrs
    mapAttrs
    match
    stringLength
    ;

  # A path without the slash at its end, or null where it has none. What refers to the store is no path of an image.
  clean =
    value:
    if !isString value || stringLength value > 4096 || hasContext value then
      null
    else
      let
        parts = match "(/.*[^/])/+" value;
      in
      if parts == null then null else head parts;
  note = "the slash at its end means nothing and is left out";

  value =
    path: given:
    let
      cleaned = clean given;
    in
    if cleaned == null then
      {
        value = given;
        notes = [ ];
      }
    else
      {
        value = cleaned;
        notes = [ "${path} = ${check.show given}: ${note}" ];
      };

  values =
    path: given:
    if isList given then
      let
        all = genList (at: value "${path}[${toString at}]" (elemAt given at)) (length given);
      in
      {
        value = map (one: one.value) all;
        notes = concatMap (one: one.notes) all;
      }
    else if isAttrs given && !(given ? outPath) then
      let
        all = mapAttrs (name: value (check.member path name)) given;
      in
      {
        value = mapAttrs (_: one: one.value) all;
        notes = concatMap (name: all.${name}.notes) (attrNames all);
      }
    else
      value path given;

  # A path that is there without the slash too stays, and is told.
  keys =
    path: given:
    if !isAttrs given || given ? outPath then
      value path given
    else
      let
        all = attrNames given;
        renamed = name: clean name != null && !(given ? ${clean name});
      in
      {
        value = listToAttrs (
          map (name: {
            name = if renamed name then clean name else name;
            value = given.${name};
          }) all
        );
        notes = map (name: "${check.member path name}: ${note}") (filter renamed all);
      };

  places = {
    files = keys;
    mounts = values;
    mountsRo = values;
    pathWhitelist = values;
    pathsToLink = values;
    perms = keys;
    workingDirectory = value;
  };
in
arguments:
let
  cleaned = mapAttrs (name: place: place name arguments.${name}) places;
in
{
  arguments = arguments // mapAttrs (_: one: one.value) cleaned;
  notes = concatLists (map (name: cleaned.${name}.notes) (attrNames cleaned));
}
