/**
  Isolators: the limits and rights that a runtime gives the program. Every name and value of the specification is known
  here, since tools refuse a whole image for one that they do not know.
*/
{ names, check }:

let
  inherit (builtins)
    attrNames
    elem
    elemAt
    filter
    floor
    fromJSON
    hasContext
    head
    isAttrs
    isFloat
    isList
    isString
    length
    mapAttrs
    match
    readFile
    split
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
    oneOf
    plain
    record
    test
    unique
    wrong
    ;

  # What the suffixes of quantities stand for: powers of ten and, as numbers, of two.
  powers = {
    n = "e-9";
    u = "e-6";
    m = "e-3";
    k = "e3";
    M = "e6";
    G = "e9";
    T = "e12";
    P = "e15";
    E = "e18";
    Ki = 1024;
    Mi = 1048576;
    Gi = 1073741824;
    Ti = 1099511627776;
    Pi = 1125899906842624;
    Ei = 1152921504606846976;
  };

  # The fractional number that a quantity is. JSON knows neither leading zeros nor suffixes.
  amount =
    quantity:
    let
      parts = match "0*((0|[1-9][0-9]*)([.][0-9]+)?)([a-zA-Z].*)?" (toString quantity);
      suffix = elemAt parts 3;
      power = if suffix == null then "e0" else powers.${suffix} or suffix;
    in
    if isString power then fromJSON "${head parts}${power}" else fromJSON "${head parts}e0" * power;

  # A number this high has no fraction, and may not fit where it is rounded.
  isWhole =
    quantity:
    let
      number = amount quantity;
    in
    number >= 9007199254740992 || floor number == number;
  wholeRule = "M is a million, m a thousandth";

  quantity =
    path: value:
    let
      # A fraction is handed over as text: versions of Nix print it differently in JSON.
      text = if check.isNumber value then check.number value else value;
      thousand = match "([0-9.]+)K" text;
      bytes = match "([0-9.]+)([kKMGTPEmgtpe])[bB]" text;
      point = match "[.][0-9].*" text;
      unit = letter: if names.lower letter == "k" then "k" else names.upper letter;
      mend =
        if thousand != null then
          "; write \"${head thousand}k\" or \"${head thousand}Ki\""
        else if bytes != null then
          "; write \"${head bytes}${unit (elemAt bytes 1)}\""
        else if point != null then
          "; write \"0${text}\""
        else
          "";
    in
    if !isString text then
      bad path value "must be a number or a text such as \"512Mi\""
    else if
      !(names.matches 40 "[0-9]+([.][0-9]+)?([numkMGTPE]|[KMGTPE]i|[eE][-+]?0*[0-9]{1,2})?" text)
    then
      bad path value "must be a positive number with one of n u m k M G T P E Ki Mi Gi Ti Pi Ei${mend}"
    else if amount text == 0 then
      bad path value "must be above 0; leave it out where nothing is meant"
    else if amount text > 9223372036854775807 then
      bad path value "must be at most 9223372036854775807"
    else
      ok (if isFloat value then text else value);

  memory = both quantity (
    path: value:
    if !(isWhole value) then
      bad path value "must be a whole number of bytes; ${wholeRule}"
    else if amount value < 4096 then
      bad path value
        "must be at least 4096 bytes, the least with which rkt starts a program; write \"4Ki\" or more"
    else
      ok value
  );

  limiting =
    path: value:
    if value ? request || value ? limit then ok value else wrong path "limits nothing; write limit = …";

  # A checker for a quantity where a set of them is wanted.
  notAlone =
    quantity: around: checker: path: value:
    if isString value || check.isNumber value then
      bad path value
        "must be a set; write { ${around}limit = ${
          if (quantity path value).problems == [ ] then check.show value else "…"
        }; }"
    else
      checker path value;

  requestAndLimit =
    quantity:
    notAlone quantity "" (
      both (record {
        default = both check.bool (test (value: !value) "must be false or left out");
        request = quantity;
        limit = quantity;
      }) (both limiting requestWithinLimit)
    );

  requestWithinLimit =
    path: value:
    if value ? request && value ? limit && amount value.request > amount value.limit then
      bad "${path}.request" value.request
        "is above the limit ${toString value.limit}; request that much or less"
    else
      ok value;

  wholeQuantity = both quantity (test isWhole "must be a whole number; ${wholeRule}");
  limitByDefault = notAlone wholeQuantity "default = true; " (
    both (record {
      default = {
        check = both check.bool (test (value: value) "must be true");
        missing = "write default = true";
      };
      limit = wholeQuantity;
    }) limiting
  );

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

  # One entry a line; the builder compiles the same files in.
  listed =
    name:
    filter (line: isString line && line != "") (
      split "\n" (readFile (../src/rules + "/${name}.txt"))
    );
  capabilities = listed "capabilities";
  calls = listed "syscalls";
  errors = listed "errors";

  # One of so many words that an example says more than all of them.
  word =
    known: what: example:
    both plain (
      path: value:
      if elem value known then
        ok value
      else
        bad path value
          "is not ${what}; ${
            if names.nearest value known == null then "write one as in ${example}" else meant value known
          }"
    );

  capability = both plain (
    path: value:
    let
      prefixed = "CAP_${names.upper value}";
    in
    if elem prefixed capabilities then
      bad path value "is not a capability; did you mean ${toJSON prefixed}?"
    else
      word capabilities "a capability" "CAP_NET_RAW" path value
  );

  # A system call, or a set of them that a runtime knows by name.
  call = both plain (
    path: value:
    if names.matches 1000 "@appc[.]io/.*" value then
      oneOf [ "@appc.io/all" "@appc.io/empty" ] path value
    else if names.matches 1000 "@.*" value then
      test (
        set: names.isIdentifier (substring 1 1000 set) && names.matches 1000 ".*/.*" set
      ) "must be a set of system calls as in \"@appc.io/all\"" path value
    else
      word calls "a system call of Linux" "openat" path value
  );

  syscalls = setWith call {
    errno = word errors "an error of Linux" "EPERM";
  };

  contextPart = {
    check = both plain (
      test (names.matches 1000 "[!-9;-~]+") "must be letters, digits and signs without blanks and colons"
    );
    missing = "an SELinux context has user, role, type and level";
  };

  settingFault =
    name:
    if names.matches 1000 "[A-Za-z0-9_:@-]+([./][A-Za-z0-9_:@-]+)+" name then
      null
    else
      "must be that of a kernel setting, as in \"net.ipv4.tcp_mtu_probing\"";

  settings = both (attrsOf settingFault (
    both plain (test (text: length (split "\n" text) == 1) "must be one line")
  )) (test (settings: settings != { }) "must not be empty");

  known = {
    "resource/cpu" = requestAndLimit quantity;
    "resource/memory" = requestAndLimit memory;
    "resource/block-bandwidth" = limitByDefault;
    "resource/block-iops" = limitByDefault;
    "resource/network-bandwidth" = limitByDefault;
    "os/linux/capabilities-retain-set" = setWith capability { };
    "os/linux/capabilities-remove-set" = setWith capability { };
    "os/linux/seccomp-retain-set" = syscalls;
    "os/linux/seccomp-remove-set" = syscalls;
    "os/linux/no-new-privileges" = check.bool;
    "os/linux/oom-score-adj" = integer {
      least = -1000;
      most = 1000;
      what = "the score";
    };
    "os/linux/cpu-shares" = integer {
      least = 2;
      most = 262144;
      what = "the number of shares";
    };
    "os/linux/selinux-context" = record {
      user = contextPart;
      role = contextPart;
      type = contextPart;
      level = contextPart // {
        check = both plain (
          test (names.matches 1000 "[!-~]+") "must be letters, digits and signs without blanks"
        );
      };
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
