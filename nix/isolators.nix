/**
  Isolators: the limits and rights that a runtime gives the program. Every name and value of the specification is known
  here, since tools refuse a whole image for one that they do not know.
*/
{ names, check }:

let
  inherit (builtins)
    addErrorContext
    attrNames
    elem
    elemAt
    filter
    fromJSON
    head
    isAttrs
    isFloat
    isList
    isString
    mapAttrs
    match
    split
    toJSON
    ;
  inherit (check)
    also
    attrsOf
    bad
    both
    integer
    joinAttrs
    listOf
    meant
    member
    ok
    plain
    record
    test
    unique
    wrong
    ;

  anyName = _: null;
  nonEmpty = both plain (test (text: text != "") "must not be empty");

  quantity =
    path: value:
    let
      # A fraction is handed over as text: versions of Nix print it differently in JSON.
      text = if check.isNumber value then check.number value else value;
      thousand = match "([0-9.]+)K" text;
      bytes = match "([0-9.]+)([kKMGTPEmgtpe])[bB]" text;
      unit = letter: if names.lower letter == "k" then "k" else names.upper letter;
      mend =
        if thousand != null then
          "; write \"${head thousand}k\" or \"${head thousand}Ki\""
        else if bytes != null then
          "; write \"${head bytes}${unit (elemAt bytes 1)}\""
        else
          "";
    in
    if !isString text then
      bad path value "must be a number or a text such as \"512Mi\""
    else if
      names.matches 40 "([0-9]+([.][0-9]*)?|[.][0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][-+]?[0-9]+)?" text
    then
      ok (if isFloat value then text else value)
    else
      bad path value "must be a positive number with one of n u m k M G T P E Ki Mi Gi Ti Pi Ei${mend}";

  limiting =
    path: value:
    if value ? request || value ? limit then ok value else wrong path "limits nothing; write limit = …";

  requestAndLimit = both (record {
    default = both check.bool (test (value: !value) "must be false or left out");
    request = quantity;
    limit = quantity;
  }) limiting;

  limitByDefault = both (record {
    default = {
      check = both check.bool (test (value: value) "must be true");
      missing = "write default = true";
    };
    limit = quantity;
  }) limiting;

  setWith =
    element: further: path: value:
    if isList value then
      bad path value "must be a set; write { set = [ … ]; }"
    else
      record (
        {
          set = {
            check = both (listOf element) (both unique (test (set: set != [ ]) "must not be empty"));
            missing = "write set = [ … ]";
          };
        }
        // further
      ) path value;

  knownCapabilities = map (name: "CAP_${name}") (
    filter isString (
      split "[ \n]+" (
        "AUDIT_CONTROL AUDIT_READ AUDIT_WRITE BLOCK_SUSPEND BPF CHECKPOINT_RESTORE CHOWN DAC_OVERRIDE DAC_READ_SEARCH "
        + "FOWNER FSETID IPC_LOCK IPC_OWNER KILL LEASE LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN "
        + "NET_BIND_SERVICE NET_BROADCAST NET_RAW PERFMON SETFCAP SETGID SETPCAP SETUID SYSLOG SYS_ADMIN SYS_BOOT "
        + "SYS_CHROOT SYS_MODULE SYS_NICE SYS_PACCT SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG "
        + "WAKE_ALARM"
      )
    )
  );

  capability = both plain (
    path: value:
    let
      prefixed = "CAP_${names.upper value}";
    in
    if elem value knownCapabilities then
      ok value
    else if elem prefixed knownCapabilities then
      bad path value "is not a capability; did you mean ${toJSON prefixed}?"
    else
      bad path value
        "is not a capability; ${
          if names.nearest value knownCapabilities == null then
            "capabilities are written as CAP_NET_RAW"
          else
            meant value knownCapabilities
        }"
  );

  syscalls = setWith nonEmpty {
    errno = both plain (
      test (names.matches 20 "E[A-Z0-9]+") "must be the name of an error, such as EPERM"
    );
  };

  contextPart = {
    check = both nonEmpty (test (names.matches 1000 "[^:]+") "must not have a colon");
    missing = "an SELinux context has user, role, type and level";
  };

  known = {
    "resource/cpu" = requestAndLimit;
    "resource/memory" = requestAndLimit;
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
        check = nonEmpty;
      };
    };
    "os/unix/sysctl" = attrsOf anyName plain;
  };

  # No value of an isolator is a text, so a text is the value's JSON.
  decode =
    path: value:
    if isString value then addErrorContext "while reading ${path} as JSON" (fromJSON value) else value;

  one =
    path: name: value:
    if !(known ? ${name}) then
      wrong path "is not an isolator that runtimes know; ${meant name (attrNames known)}"
    else if value == null then
      bad path value "must have a value; leave the isolator out instead"
    else
      known.${name} path (decode path value);

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
