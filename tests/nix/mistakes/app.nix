/**
  What runs in an image.
*/
{
  mkACI,
  pkgs,
  told,
  argument,
  each,
  long,
  tcp,
  pathRule,
  controlRule,
  ownerRule,
  nameRule,
  ...
}:
{
  execRelative =
    argument "exec"
      [
        "nginx"
      ]
      "exec[0] = \"nginx\": must be the absolute path of a program in the image, such as \"/bin/nginx\"";
  execLine =
    argument "exec" "/bin/nginx -g  daemon"
      "exec = \"/bin/nginx -g  daemon\": is one word, whose blanks separate nothing; write program and arguments as a list, [ \"/bin/nginx\" \"-g\" \"daemon\" ]";
  execLong =
    let
      line = "/bin/nginx ${long "x" 200}";
    in
    argument "exec" line
      "exec = \"${builtins.substring 0 75 line}…\": is one word, whose blanks separate nothing; write program and arguments as a list, [ \"/bin/nginx\" … ]";
  execNumber = argument "exec" [
    "/bin/nginx"
    80
  ] "exec[1] = 80: must be a string; write \"80\"";
  args = argument "args" "-l" "args = \"-l\": must be a list";
  argsNumber = argument "args" [ 80 ] "args[0] = 80: must be a string; write \"80\"";
  argsProgram = argument "args" [
    "sh"
  ] "args[0] = \"sh\": must be the absolute path of a program in the image, such as \"/bin/sh\"";
  terminal = argument "terminal" "yes" "terminal = \"yes\": must be true or false";
  signal =
    argument "stopSignal" "SIGTREM"
      "stopSignal = \"SIGTREM\": is not a signal of Linux; did you mean \"SIGTERM\"?";
  signalShort =
    argument "stopSignal" "int"
      "stopSignal = \"int\": is not how signals are spelt here; did you mean \"SIGINT\"?";
  signalNumber = argument "stopSignal" 65 "stopSignal = 65: a signal is a whole number from 1 to 64";
  health =
    told
      {
        healthcheck = {
          interval = "30";
          retrys = 3;
        };
      }
      [
        "healthcheck.interval = \"30\": must be a whole number with ms, s, m or h, such as \"30s\", at most six digits"
        "healthcheck.test: is missing; write test = [ \"/bin/PROGRAM\" ]"
        "healthcheck.retrys: is not known here; did you mean \"retries\"?"
      ];
  healthDocker =
    argument "healthcheck"
      {
        test = [
          "CMD-SHELL"
          "curl -f localhost"
        ];
      }
      "healthcheck.test = [ … ] (2 elements): must be a program and its arguments; leave \"CMD-SHELL\" out, and write [ \"/bin/sh\" \"-c\" … ] for a shell's command";
  userPair = argument "user" "0:0" "user = \"0:0\": ${ownerRule}";
  userUpper = argument "user" "Nobody" "user = \"Nobody\": ${ownerRule}; try \"nobody\"";
  userMany =
    argument "user" "4294967295"
      "user = \"4294967295\": an id is a whole number from 0 to 4294967294";
  userNegative = argument "user" (-1) "user = -1: an id is a whole number from 0 to 4294967294";
  directory =
    argument "workingDirectory" "opt"
      "workingDirectory = \"opt\": ${pathRule}; write \"/opt\"";
  directoryControl =
    argument "workingDirectory" "/a\nb"
      "workingDirectory = \"/a\\nb\": ${controlRule}";
  groupIds = told {
    supplementaryGIDs = [
      5
      (-1)
    ];
  } [ "supplementaryGIDs[1] = -1: an id is a whole number from 0 to 4294967294" ];
  groupIdsTwice =
    told
      {
        supplementaryGIDs = [
          1
          1
          (-1)
        ];
      }
      [
        "supplementaryGIDs[2] = -1: an id is a whole number from 0 to 4294967294"
        "supplementaryGIDs[1] = 1: is there twice"
      ];
  groupTwice = argument "supplementaryGIDs" [
    5
    5
  ] "supplementaryGIDs[1] = 5: is there twice";
  envBool = argument "env" {
    DEBUG = true;
  } "env.DEBUG = true: must be a string; write \"true\" or \"1\"";
  envName = argument "env" {
    "A=B" = "1";
  } "env.\"A=B\": the name must be letters, digits, _ . and -, beginning with a letter or _";
  envLines =
    argument "env"
      {
        A = "a\nb";
      }
      "env.A = \"a\\nb\": must be one line, as rkt reads the environment line by line; only OCI images, the attribute oci, may have more";
  envList =
    argument "env" { PATH = [ "/bin" ]; }
      "env.PATH = [ … ] (1 elements): must be a string; join a list with builtins.concatStringsSep \":\" [ … ]";
  mountName = argument "mounts" {
    data_dir = "/data";
  } "mounts.data_dir: the name ${nameRule}; try \"data-dir\"";
  mountPath = argument "mounts" {
    data = "data/";
  } "mounts.data = \"data/\": ${pathRule}; write \"/data\"";
  mountRoot = argument "mounts" {
    data = "/";
  } "mounts.data = \"/\": must not be the root itself; name a path below it";
  mountControl = argument "mounts" {
    data = "/a\tb";
  } "mounts.data = \"/a\\tb\": ${controlRule}";
  mountColon = argument "mounts" {
    data = "/a:b";
  } "mounts.data = \"/a:b\": must not have colons or commas, which runtimes cannot write in a volume";
  mountTwice =
    told
      {
        mounts.data = "/data";
        mountsRo = {
          data = "/other";
          more = "/data";
        };
      }
      [
        "mountsRo.data: is a name of mounts already"
        "mountsRo.more = \"/data\": is the path of mounts.data already"
      ];
  portRange = argument "ports" {
    http = tcp 70000;
  } "ports.http.port = 70000: a port is a whole number from 1 to 65535";
  portText = argument "ports" {
    http = tcp "eighty";
  } "ports.http.port = \"eighty\": a port is a whole number from 1 to 65535";
  portZeros = argument "ports" {
    http = tcp "080";
  } "ports.http.port = \"080\": a port is a whole number from 1 to 65535";
  portAlone = argument "ports" {
    http = 80;
  } "ports.http = 80: must be a set; write { protocol = \"tcp\"; port = 80; }";
  portProtocol = argument "ports" {
    http.port = 80;
  } "ports.http.protocol: is missing; write protocol = \"tcp\"";
  portCase = argument "ports" {
    http = {
      protocol = "TCP";
      port = 80;
    };
  } "ports.http.protocol = \"TCP\": must be \"tcp\" or \"udp\"; did you mean \"tcp\"?";
  portMember = argument "ports" {
    http = tcp 80 // {
      cuont = 2;
    };
  } "ports.http.cuont: is not known here; did you mean \"count\"?";
  portEnd = argument "ports" {
    all = tcp 65535 // {
      count = 2;
    };
  } "ports.all: 65535 and 1 more ports end at 65536, past 65535";
  portName = argument "ports" {
    "8080/tcp" = tcp 8080;
  } "ports.\"8080/tcp\": the name ${nameRule}; try \"8080-tcp\"";
  handler = argument "eventHandlers" {
    pre-stop = [ "/bin/x" ];
  } "eventHandlers.pre-stop: is not known here; did you mean \"post-stop\"?";
  handlerEmpty = argument "eventHandlers" {
    pre-start = [ ];
  } "eventHandlers.pre-start = [ ]: must name a program";
  textMissing = argument "env" {
    FILE = /nowhere/file;
  } "env.FILE = /nowhere/file: is not there; in a flake, git must know it (git add)";

  envLinesOfOci = {
    expr =
      (mkACI {
        packages = [ pkgs.nginx ];
        env.A = "a\nb";
      }).oci.problems;
    expected = [ ];
  };

  # Linux takes no more of a text.
  argumentLong =
    let
      text = long "a" 131072;
      fits = long "a" 131071;
      shown = "\"${long "a" 75}…\": must have at most 131071 bytes, as Linux passes no more";
    in
    told
      {
        exec = [
          "/bin/nginx"
          fits
          text
        ];
        eventHandlers.pre-start = [
          "/bin/nginx"
          text
        ];
        env = {
          A = text;
          B = fits;
        };
      }
      [
        "env.A = ${shown}"
        "eventHandlers.pre-start[1] = ${shown}"
        "exec[2] = ${shown}"
      ];
  handlerRelative =
    argument "eventHandlers" { post-stop = [ "nginx" ]; }
      "eventHandlers.post-stop[0] = \"nginx\": must be the absolute path of a program in the image, such as \"/bin/nginx\"";
  directoryLong = each (workingDirectory: { inherit workingDirectory; }) [
    "/${long "a" 256}"
    (long "/abcd" 820)
    (long "/abcd" 1000000)
  ];

  mountStore =
    argument "mounts" { data = "${builtins.storeDir}/x"; }
      "mounts.data = \"${builtins.storeDir}/x\": must not lie in ${builtins.storeDir}, where only store paths belong; mount it somewhere else";
  mountWholeStore = told { mountsRo.store = builtins.storeDir; } [ ];
  mountComma = each (data: { mounts = { inherit data; }; }) [
    "/a,b"
    "/a:b"
    "/a//b"
    "a"
    ""
  ];
}
