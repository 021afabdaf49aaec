/**
  What runs in an image, and what it has to do with the outside: program, owner, environment, mounts, ports, isolators.
*/
{
  names,
  check,
  rules,
  isolators,
}:

let
  inherit (builtins)
    attrNames
    concatMap
    filter
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
    member
    ok
    optional
    plain
    record
    string
    test
    unique
    ;

  anyName = _: null;

  variableFault =
    name:
    if names.matches 1000 "[A-Za-z_][A-Za-z_0-9.-]*" name then
      null
    else
      "must be letters, digits, _ . and -, beginning with a letter or _";

  envValue =
    path: value:
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
      both string (
        path: value:
        if length (split "\n" value) > 1 then
          bad path value "must be one line, as runtimes read the environment line by line"
        else
          ok value
      ) path value;

  mountPath = both rules.innerPath (
    test (names.matches 4096 "[^:,]*") "must not have colons or commas, which runtimes cannot write in a volume"
  );

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
      sameTarget = concatMap (
        mount:
        let
          others = filter (other: other.target == mount.target && other.path < mount.path) all;
        in
        map (
          other: "${mount.path} = ${check.show mount.target}: is the path of ${other.path} already"
        ) others
      ) all;
    in
    also (sameName ++ sameTarget) volumes;

  portNumber = integer {
    least = 1;
    most = 65535;
    what = "a port";
    digits = true;
  };

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
    count = integer {
      least = 1;
      most = 65535;
      what = "the number of ports";
      digits = true;
    };
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
        in
        if end > 65535 then
          check.wrong path "${toString value.port} and ${toString (value.count - 1)} more ports end at ${toString end}, past 65535"
        else
          ok value
      ) path value;

  handlers = record {
    pre-start = rules.command;
    post-stop = rules.command;
  };

  labelValue = attrsOf anyName plain;
in
args: {
  exec = if args.exec == [ ] then ok [ ] else rules.command "exec" args.exec;
  user = rules.owner "user" args.user;
  group = rules.owner "group" args.group;
  workingDirectory = optional rules.imagePath "workingDirectory" args.workingDirectory;
  supplementaryGIDs = unique rules.id "supplementaryGIDs" args.supplementaryGIDs;
  env = attrsOf variableFault envValue "env" args.env;
  mounts = mountClashes args (attrsOf rules.nameFault mountPath "mounts" args.mounts);
  mountsRo = attrsOf rules.nameFault mountPath "mountsRo" args.mountsRo;
  ports = attrsOf rules.nameFault port "ports" args.ports;
  isolators = isolators "isolators" args.isolators;
  eventHandlers = handlers "eventHandlers" args.eventHandlers;
  userLabels = labelValue "userLabels" args.userLabels;
  userAnnotations = labelValue "userAnnotations" args.userAnnotations;
}
