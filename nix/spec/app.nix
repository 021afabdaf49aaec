/**
  What runs in an image, and what it has to do with the outside: program, owner, environment, mounts, ports, isolators.
*/
let
  inherit (import ../check)
    names
    check
    rules
    facts
    ;
  isolators = import ./isolators.nix;

  inherit (builtins)
    attrNames
    concatMap
    elem
    elemAt
    isBool
    isList
    isString
    length
    split
    toJSON
    ;
  inherit (check)
    also
    attrsOf
    bad
    both
    integer
    listOf
    member
    ok
    optional
    plain
    record
    unique
    ;

  anyName = _: null;

  envValue =
    face: path: value:
    if check.isNumber value then
      ok (check.number value)
    else if isBool value then
      bad path value
        "must be a string; write ${toJSON (if value then "true" else "false")} or ${
          toJSON (if value then "1" else "0")
        }"
    else if isList value then
      bad path value "must be a string; join a list with builtins.concatStringsSep \":\" [ … ]"
    else
      both rules.argument (
        path: value:
        if face != "oci" && length (split "\n" value) > 1 then
          bad path value
            "must be one line, as rkt reads the environment line by line; only OCI images, the attribute oci, may have more"
        else
          ok value
      ) path value;

  # The names and paths of both kinds of mount are one name space.
  mountClashes =
    args: volumes:
    let
      rw = if builtins.isAttrs args.mounts then args.mounts else { };
      ro = if builtins.isAttrs args.mountsRo then args.mountsRo else { };
      all =
        map (name: {
          path = member "mounts" name;
          target = rw.${name};
        }) (attrNames rw)
        ++ map (name: {
          path = member "mountsRo" name;
          target = ro.${name};
        }) (attrNames ro);
      sameName = concatMap (
        name: if rw ? ${name} then [ "${member "mountsRo" name}: is a name of mounts already" ] else [ ]
      ) (attrNames ro);
      targets = check.doubles (mount: if isString mount.target then mount.target else null) all;
      sameTarget = map (
        { at, first }:
        "${(elemAt all at).path} = ${check.show (elemAt all at).target}: is the path of ${(elemAt all first).path} already"
      ) targets;
    in
    also (sameName ++ sameTarget) volumes;

  portNumber = integer (facts.numbers.port // { digits = true; });

  portRecord = record {
    protocol = {
      check = check.oneOf [
        "tcp"
        "udp"
      ];
      missing = "write protocol = \"tcp\"";
    };
    port = {
      check = portNumber;
      missing = "write port = 80";
    };
    count = integer (facts.numbers.portCount // { digits = true; });
    socketActivated = check.bool;
  };

  port =
    path: value:
    if builtins.isInt value || isString value then
      bad path value
        "must be a set; write { protocol = \"tcp\"; port = ${
          toString (if (portNumber path value).problems == [ ] then value else 80)
        }; }"
    else
      both portRecord (
        path: value:
        let
          end = value.port + (value.count or 1) - 1;
          last = facts.numbers.port.most;
        in
        if end > last then
          check.wrong path "${toString value.port} and ${toString (value.count - 1)} more ports end at ${toString end}, past ${toString last}"
        else
          ok value
      ) path value;

  handlers = record {
    pre-start = rules.command;
    post-stop = rules.command;
  };

  signal =
    path: value:
    let
      prefixed = "SIG${names.upper (builtins.substring 0 20 value)}";
    in
    if builtins.isInt value || isString value && names.matches 20 "-?[0-9]+" value then
      both (integer (facts.numbers.signal // { digits = true; })) (
        _: number: ok (toString number)
      ) path value
    else if isString value && elem prefixed facts.signals then
      bad path value "is not how signals are spelt here; did you mean ${toJSON prefixed}?"
    else
      rules.word facts.signals "a signal of Linux" "SIGTERM" path value;

  # Docker's own words for a test come before the program.
  test =
    path: value:
    let
      first = if isList value && value != [ ] then builtins.head value else null;
    in
    if
      elem first [
        "CMD"
        "CMD-SHELL"
      ]
    then
      bad path value
        "must be a program and its arguments; leave ${toJSON first} out${
          if first == "CMD-SHELL" then ", and write [ \"/bin/sh\" \"-c\" … ] for a shell's command" else ""
        }"
    else
      rules.command path value;

  healthcheck = record {
    test = {
      check = test;
      missing = "write test = [ \"/bin/PROGRAM\" ]";
    };
    interval = rules.text "span";
    timeout = rules.text "span";
    startPeriod = rules.text "span";
    retries = integer facts.numbers.retries;
  };

  labelValue = attrsOf anyName plain;
in
args: {
  exec = if args.exec == [ ] then ok [ ] else rules.command "exec" args.exec;
  args =
    if args.exec == [ ] && args.args != [ ] && isList args.args then
      rules.command "args" args.args
    else
      listOf rules.argument "args" args.args;
  terminal = check.bool "terminal" args.terminal;
  stopSignal = optional signal "stopSignal" args.stopSignal;
  healthcheck = optional healthcheck "healthcheck" args.healthcheck;
  user = rules.owner "user" args.user;
  group = rules.owner "group" args.group;
  workingDirectory = optional rules.imagePath "workingDirectory" args.workingDirectory;
  supplementaryGIDs = unique rules.id "supplementaryGIDs" args.supplementaryGIDs;
  env = attrsOf (rules.fault "variable") (envValue args.face) "env" args.env;
  mounts = mountClashes args (attrsOf rules.nameFault rules.mountPath "mounts" args.mounts);
  mountsRo = attrsOf rules.nameFault rules.mountPath "mountsRo" args.mountsRo;
  ports = attrsOf rules.nameFault port "ports" args.ports;
  isolators = isolators "isolators" args.isolators;
  rktSeccomp = check.oneOf facts.rktSeccomp "rktSeccomp" args.rktSeccomp;
  eventHandlers = handlers "eventHandlers" args.eventHandlers;
  userLabels = labelValue "userLabels" args.userLabels;
  userAnnotations = labelValue "userAnnotations" args.userAnnotations;
}
