/**
  Isolators: the limits and rights that a runtime gives the program. Every name and value of the specification is known
  here, since tools refuse a whole image for one that they do not know.
*/
let
  inherit (import ../check)
    names
    check
    rules
    facts
    quantities
    ;

  inherit (builtins)
    attrNames
    elem
    fromJSON
    hasContext
    isAttrs
    isList
    isString
    mapAttrs
    substring
    toJSON
    ;
  inherit (check)
    also
    attrsOf
    bad
    both
    integer
    joinAttrs
    meant
    member
    ok
    plain
    record
    test
    unique
    wrong
    ;

  inherit (quantities) cores limitByDefault memory;

  setWith =
    element: further: path: value:
    if isList value || isString value then
      bad path value "must be a set; write { set = [ … ]; }"
    else
      record (
        {
          set = {
            check = both (unique element) (test (set: set != [ ]) "must not be empty");
            missing = "write set = [ … ]";
          };
        }
        // further
      ) path value;

  capability = both plain (
    path: value:
    let
      prefixed = "CAP_${names.upper (substring 0 100 value)}";
    in
    if elem prefixed facts.capabilities then
      bad path value "is not a capability; did you mean ${toJSON prefixed}?"
    else
      rules.word facts.capabilities "a capability" "CAP_NET_RAW" path value
  );

  # A system call, or a set of them that a runtime knows by name: one that it does not know, it leaves out silently.
  call = both plain (
    path: value:
    if elem value facts.seccompSets then
      ok value
    else if substring 0 1 value == "@" then
      bad path value "is not a set of system calls that rkt knows; ${meant value facts.seccompSets}"
    else
      rules.word facts.syscalls "a system call of Linux" "openat" path value
  );

  syscalls = setWith call {
    errno = rules.word facts.errors "an error of Linux" "EPERM";
  };

  contextPart = kind: {
    check = rules.text kind;
    missing = "an SELinux context has user, role, type and level";
  };

  settings = both (attrsOf (rules.fault "setting") (rules.text "line")) (
    test (settings: settings != { }) "must not be empty"
  );

  known = {
    "resource/cpu" = cores;
    "resource/memory" = memory;
    "resource/block-bandwidth" = limitByDefault;
    "resource/block-iops" = limitByDefault;
    "resource/network-bandwidth" = limitByDefault;
    "os/linux/capabilities-retain-set" = setWith capability { };
    "os/linux/capabilities-remove-set" = setWith capability { };
    "os/linux/seccomp-retain-set" = syscalls;
    "os/linux/seccomp-remove-set" = syscalls;
    "os/linux/no-new-privileges" = check.bool;
    "os/linux/oom-score-adj" = integer facts.numbers.oomScoreAdj;
    "os/linux/cpu-shares" = integer facts.numbers.cpuShares;
    "os/linux/selinux-context" = record {
      user = contextPart "contextPart";
      role = contextPart "contextPart";
      type = contextPart "contextPart";
      level = contextPart "contextLevel";
    };
    "os/unix/sysctl" = settings;
  };

  # The JSON that values of isolators have: a set of scalars and lists of them, or one of these. Nix ends with an error
  # of its own where a text is no JSON, so only what is sure to be some is read.
  isJSON =
    let
      blanks = "[ \t\n\r]*";
      text = ''"([] !#-[^-~]|\\["\/bfnrt])*"'';
      number = "-?(0|[1-9][0-9]{0,17})([.][0-9]{1,18})?([eE][-+]?[0-9]{1,2})?";
      scalar = "(${text}|${number}|true|false|null)";
      several = item: "(${item}${blanks}(,${blanks}${item}${blanks})*)?";
      value = "(${scalar}|\\[${blanks}${several scalar}])";
      set = "[{]${blanks}${several "${text}${blanks}:${blanks}${value}"}[}]";
    in
    names.matches 8192 "${blanks}(${value}|${set})${blanks}";

  # No value of an isolator is a text, so a text is the value's JSON.
  one =
    path: name: value:
    if !(known ? ${name}) then
      wrong path "is not an isolator that runtimes know; ${meant name (attrNames known)}"
    else if value == null then
      bad path value "must have a value; leave the isolator out instead"
    else if !(isString value) || hasContext value then
      known.${name} path value
    else if isJSON value then
      known.${name} path (fromJSON value)
    else if names.matches 8192 "[[:space:]]*[[{].*" value then
      bad path value "is not the JSON of an isolator; write it in Nix, without quotes around it"
    else
      known.${name} path value;

  exclusive =
    path: value: kind:
    let
      retain = "os/linux/${kind}-retain-set";
      remove = "os/linux/${kind}-remove-set";
    in
    if value ? ${retain} && value ? ${remove} then
      [ "${path}: ${toJSON retain} and ${toJSON remove} exclude each other; keep one" ]
    else
      [ ];
in
path: value:
if !isAttrs value then
  bad path value "must be a set, as in ${path}.\"os/linux/no-new-privileges\" = true"
else
  also (builtins.concatMap (exclusive path value) [
    "capabilities"
    "seccomp"
  ]) (joinAttrs (mapAttrs (name: one (member path name) name) value))
