/**
  What an image may weigh, what may not be in it, and what may. Nothing of it is in the image.
*/
let
  inherit (import ../check)
    names
    check
    rules
    facts
    quantities
    ;

  inherit (builtins) isList isString toJSON;
  inherit (check)
    bad
    integer
    ok
    oneOf
    optional
    unique
    ;

  pattern =
    path: value:
    if
      value ? outPath
      || isString value && names.fits "storeName" (baseNameOf value) && value != baseNameOf value
    then
      bad path value "must be a name, as in ${toJSON "gcc"}"
    else
      rules.text "storeName" path value;

  forbid =
    path: value:
    if value == [ ] then
      ok null
    else if isList value then
      unique pattern path value
    else
      bad path value "must be a list; write [ and ] around it";

  allow =
    path: value:
    if value == [ ] then
      ok null
    else if isList value then
      unique (oneOf facts.concerns) path value
    else
      bad path value "must be a list; write [ and ] around it";
in
args: {
  maxSize = optional quantities.bytes "maxSize" args.maxSize;
  maxClosureSize = optional quantities.bytes "maxClosureSize" args.maxClosureSize;
  maxPaths = optional (integer facts.numbers.maxPaths) "maxPaths" args.maxPaths;
  forbid = forbid "forbid" args.forbid;
  allow = allow "allow" args.allow;
}
