/**
  Arguments that are wrong, and the whole message that each gets.
*/
{
  mkACI,
  package,
  pkgs,
  ...
}:
let
  problems = arguments: (mkACI ({ packages = [ pkgs.nginx ]; } // arguments)).problems;
  told = arguments: expected: {
    expr = problems arguments;
    inherit expected;
  };
  # One argument, one problem.
  argument =
    name: value: message:
    told { ${name} = value; } [ message ];

  tcp = port: {
    protocol = "tcp";
    inherit port;
  };
  pathRule = "must be an absolute path without ., .. or needless slashes";
  controlRule = "must not have control characters; leave them out";
  ownerRule = "must be one number, one name or an image path; a name is at most 32 lower-case letters, digits, _ and -, beginning with a letter or _";
  nameRule = "must be lower-case letters and digits, joined by single dashes, at most 63 characters";
  identifierRule = "must be lower-case letters and digits, joined by single - . _ ~ or /, the last component at most 200 characters";
in
{
  misspelt = argument "exce" "/bin/sh" "exce: is not an argument of mkACI; did you mean \"exec\"?";
  misspeltCase = argument "supplementaryGids" [
    1
  ] "supplementaryGids: is not an argument of mkACI; did you mean \"supplementaryGIDs\"?";
  otherWord = argument "volumes" { } "volumes: is not an argument of mkACI; did you mean \"mounts\"?";

  noPackages = {
    expr = (mkACI { }).problems;
    expected = [ "packages = [ ]: must name at least one package; write packages = [ pkgs.busybox ]" ];
  };
  packageText =
    told
      {
        packages = [
          pkgs.nginx
          "redis"
        ];
      }
      [
        "packages[1] = \"redis\": must be a package or a whole store path; write pkgs.redis, without quotes"
      ];
  packagesNoList =
    argument "packages" pkgs.nginx
      "packages = a derivation: must be a list; write [ and ] around it";
  pkgText =
    argument "pkg" "redis"
      "pkg = \"redis\": must be a package or a whole store path; write pkgs.redis, without quotes";
  noVersion = argument "packages" [
    (
      package {
        pname = "thing";
        version = "";
      }
      // {
        name = "thing";
      }
    )
  ] "acVersion: the package thing has no version; write acVersion = \"1.0\"";

  name =
    argument "acName" "Example.com/App"
      "acName = \"Example.com/App\": ${identifierRule}; try \"example.com/app\"";
  nameColon = argument "acName" "app:1" "acName = \"app:1\": ${identifierRule}; try \"app-1\"";
  version =
    argument "acVersion" "1:2"
      "acVersion = \"1:2\": must be letters, digits and . _ + ~ -, beginning with a letter or digit; try \"1_2\"";
  versionNumber = argument "acVersion" 2 "acVersion = 2: must be a string; write \"2\"";
  versionFraction = argument "acVersion" 1.5 "acVersion = 1.5: must be a string; write \"1.5\"";
  arch =
    argument "arch" "arm64"
      "arch = \"arm64\": is not how images spell it; did you mean \"aarch64\"?";
  archOfNix =
    argument "arch" "x86_64"
      "arch = \"x86_64\": is not how images spell it; did you mean \"amd64\"?";
  archOci =
    told
      {
        arch = "aarch64_be";
        face = "oci";
      }
      [
        "arch = \"aarch64_be\": has no name among the platforms of OCI images; build the ACI, the attribute aci"
      ];
  archOfAci = told { arch = "aarch64_be"; } [ ];
  os =
    argument "os" "darwin"
      "os = \"darwin\": runtimes run linux images alone; take the packages of a linux system";
  osMisspelt =
    argument "os" "Linux"
      "os = \"Linux\": must be \"freebsd\" or \"linux\"; did you mean \"linux\"?";
  darwinPackage = told {
    packages = [
      (package {
        pname = "p";
        version = "1";
        system = "aarch64-darwin";
      })
    ];
  } [ "os = \"darwin\": runtimes run linux images alone; take the packages of a linux system" ];
  unknownProcessor =
    told
      {
        packages = [
          (package {
            pname = "p";
            version = "1";
            system = "riscv64-linux";
          })
        ];
      }
      [
        "arch = \"riscv64\": is not known to runtimes; known are amd64, i386, aarch64, aarch64_be, armv6l, armv7l, armv7b, ppc64, ppc64le, s390x"
      ];
  label = argument "acLabels" {
    version = "1";
  } "acLabels.version: is always set; write the argument acVersion instead";
  labelValue =
    argument "acLabels" { a = "x,y"; }
      "acLabels.a = \"x,y\": must be letters, digits and ! $ ( ) * + - . = @ [ ] _ ~, as labels stand unescaped in references and URLs";
  labelEmpty = argument "acLabels" {
    a = "";
  } "acLabels.a = \"\": must not be empty; leave the label out";
  labelNamed = argument "acLabels" {
    name = "x";
  } "acLabels.name: the name is reserved; the image's name is acName";
  thin = argument "thin" "yes" "thin = \"yes\": must be true or false";

  execRelative =
    argument "exec"
      [
        "nginx"
      ]
      "exec[0] = \"nginx\": must be the absolute path of a program in the image, such as \"/bin/nginx\"";
  execNumber = argument "exec" [
    "/bin/nginx"
    80
  ] "exec[1] = 80: must be a string; write \"80\"";
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
  envLines = argument "env" {
    A = "a\nb";
  } "env.A = \"a\\nb\": must be one line, as runtimes read the environment line by line";
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

  isolator =
    argument "isolators" { "resource/memry".limit = 1; }
      "isolators.\"resource/memry\": is not an isolator that runtimes know; did you mean \"resource/memory\"?";
  memory =
    argument "isolators" { "resource/memory".limit = "1K"; }
      "isolators.\"resource/memory\".limit = \"1K\": must be a positive number with one of n u m k M G T P E Ki Mi Gi Ti Pi Ei; write \"1k\" or \"1Ki\"";
  memoryBytes =
    argument "isolators" { "resource/memory".limit = "512mb"; }
      "isolators.\"resource/memory\".limit = \"512mb\": must be a positive number with one of n u m k M G T P E Ki Mi Gi Ti Pi Ei; write \"512M\"";
  memoryNegative =
    argument "isolators" { "resource/memory".limit = -1; }
      "isolators.\"resource/memory\".limit = -1: must be a positive number with one of n u m k M G T P E Ki Mi Gi Ti Pi Ei";
  memoryNothing = argument "isolators" {
    "resource/memory".limit = 0;
  } "isolators.\"resource/memory\".limit = 0: must be above 0; leave it out where nothing is meant";
  memoryLittle =
    argument "isolators" { "resource/memory".request = "4k"; }
      "isolators.\"resource/memory\".request = \"4k\": must be at least 4096 bytes, the least with which rkt starts a program; write \"4Ki\" or more";
  memoryThousandths =
    argument "isolators" { "resource/memory".limit = "512m"; }
      "isolators.\"resource/memory\".limit = \"512m\": must be a whole number of bytes; M is a million, m a thousandth";
  memoryRequest =
    argument "isolators"
      {
        "resource/memory" = {
          request = "1Gi";
          limit = "1G";
        };
      }
      "isolators.\"resource/memory\".request = \"1Gi\": is above the limit 1G; request that much or less";
  cores =
    argument "isolators" { "resource/cpu".limit = ".5"; }
      "isolators.\"resource/cpu\".limit = \".5\": must be a positive number with one of n u m k M G T P E Ki Mi Gi Ti Pi Ei; write \"0.5\"";
  operations =
    argument "isolators"
      {
        "resource/block-iops" = {
          default = true;
          limit = "1.5";
        };
      }
      "isolators.\"resource/block-iops\".limit = \"1.5\": must be a whole number; M is a million, m a thousandth";
  noLimit = argument "isolators" {
    "resource/cpu" = { };
  } "isolators.\"resource/cpu\": limits nothing; write limit = …";
  capability =
    argument "isolators" { "os/linux/capabilities-retain-set".set = [ "net_raw" ]; }
      "isolators.\"os/linux/capabilities-retain-set\".set[0] = \"net_raw\": is not a capability; did you mean \"CAP_NET_RAW\"?";
  capabilityUnlike =
    argument "isolators" { "os/linux/capabilities-retain-set".set = [ "everything" ]; }
      "isolators.\"os/linux/capabilities-retain-set\".set[0] = \"everything\": is not a capability; write one as in CAP_NET_RAW";
  capabilityList =
    argument "isolators" { "os/linux/capabilities-retain-set" = [ "CAP_KILL" ]; }
      "isolators.\"os/linux/capabilities-retain-set\" = [ … ] (1 elements): must be a set; write { set = [ … ]; }";
  capabilityEmpty = argument "isolators" {
    "os/linux/capabilities-remove-set".set = [ ];
  } "isolators.\"os/linux/capabilities-remove-set\".set = [ ]: must not be empty";
  capabilityBoth =
    argument "isolators"
      {
        "os/linux/capabilities-retain-set".set = [ "CAP_KILL" ];
        "os/linux/capabilities-remove-set".set = [ "CAP_KILL" ];
      }
      "isolators: \"os/linux/capabilities-retain-set\" and \"os/linux/capabilities-remove-set\" exclude each other; keep one";
  systemCall =
    argument "isolators" { "os/linux/seccomp-remove-set".set = [ "rebot" ]; }
      "isolators.\"os/linux/seccomp-remove-set\".set[0] = \"rebot\": is not a system call of Linux; did you mean \"reboot\"?";
  systemCallUnlike =
    argument "isolators" { "os/linux/seccomp-remove-set".set = [ "" ]; }
      "isolators.\"os/linux/seccomp-remove-set\".set[0] = \"\": is not a system call of Linux; write one as in openat";
  systemCallSet =
    argument "isolators" { "os/linux/seccomp-retain-set".set = [ "@appc.io/al" ]; }
      "isolators.\"os/linux/seccomp-retain-set\".set[0] = \"@appc.io/al\": must be \"@appc.io/all\" or \"@appc.io/empty\"; did you mean \"@appc.io/all\"?";
  systemCallSetName =
    argument "isolators" { "os/linux/seccomp-retain-set".set = [ "@docker" ]; }
      "isolators.\"os/linux/seccomp-retain-set\".set[0] = \"@docker\": must be a set of system calls as in \"@appc.io/all\"";
  errno =
    argument "isolators"
      {
        "os/linux/seccomp-retain-set" = {
          set = [ "@appc.io/all" ];
          errno = "EPREM";
        };
      }
      "isolators.\"os/linux/seccomp-retain-set\".errno = \"EPREM\": is not an error of Linux; did you mean \"EPERM\"?";
  shares = argument "isolators" {
    "os/linux/cpu-shares" = 1;
  } "isolators.\"os/linux/cpu-shares\" = 1: the number of shares is a whole number from 2 to 262144";
  settingName =
    argument "isolators" { "os/unix/sysctl".somaxconn = "1024"; }
      "isolators.\"os/unix/sysctl\".somaxconn: the name must be that of a kernel setting, as in \"net.ipv4.tcp_mtu_probing\"";
  settingNone = argument "isolators" {
    "os/unix/sysctl" = { };
  } "isolators.\"os/unix/sysctl\" = { }: must not be empty";
  contextColon =
    argument "isolators"
      {
        "os/linux/selinux-context" = {
          user = "u:r";
          role = "r";
          type = "t";
          level = "s0:c1";
        };
      }
      "isolators.\"os/linux/selinux-context\".user = \"u:r\": must be letters, digits and signs without blanks and colons";
  isolatorAlone = argument "isolators" {
    "resource/memory" = "1G";
  } "isolators.\"resource/memory\" = \"1G\": must be a set; write { limit = \"1G\"; }";
  isolatorAloneWrong = argument "isolators" {
    "resource/block-iops" = "1.5";
  } "isolators.\"resource/block-iops\" = 1.5: must be a set; write { default = true; limit = …; }";
  isolatorWord = argument "isolators" {
    "os/linux/no-new-privileges" = "yes";
  } "isolators.\"os/linux/no-new-privileges\" = \"yes\": must be true or false";
  capabilityAlone =
    argument "isolators" { "os/linux/capabilities-retain-set" = "CAP_KILL"; }
      "isolators.\"os/linux/capabilities-retain-set\" = \"CAP_KILL\": must be a set; write { set = [ … ]; }";
  isolatorBroken =
    argument "isolators" { "resource/cpu" = ''{ "limit": 1, }''; }
      "isolators.\"resource/cpu\" = \"{ \\\"limit\\\": 1, }\": is not the JSON of an isolator; write it in Nix, without quotes around it";
  # Nix must not be asked to read what is no JSON: the error would be its own.
  isolatorTexts = {
    expr =
      map
        (
          text:
          builtins.length (problems {
            isolators."resource/memory" = text;
          })
        )
        [
          ""
          "{"
          "\"\\"
          "[1,]"
          "01"
          "1 2"
          "1e999"
          "{\"limit\": \"\\ud800\"}"
          "{\"limit\": \"\t\"}"
          "${pkgs.nginx}"
        ];
    expected = builtins.genList (_: 1) 10;
  };
  isolatorJson = argument "isolators" {
    "resource/memory" = ''{ "limit": "1G", "required": true }'';
  } "isolators.\"resource/memory\".required: is not known here; known are default, limit, request";

  handler = argument "eventHandlers" {
    pre-stop = [ "/bin/x" ];
  } "eventHandlers.pre-stop: is not known here; did you mean \"post-stop\"?";
  handlerEmpty = argument "eventHandlers" {
    pre-start = [ ];
  } "eventHandlers.pre-start = [ ]: must name a program";

  fileMode = argument "files" {
    "/x" = {
      text = "";
      mode = 644;
    };
  } "files.\"/x\".mode = 644: must be three or four octal digits in quotes; write \"0644\"";
  fileEmpty = argument "files" {
    "/x" = { };
  } "files.\"/x\": needs one of text, source, directory, symlink";
  fileBoth = argument "files" {
    "/x" = {
      text = "a";
      symlink = "b";
    };
  } "files.\"/x\": has text and symlink; keep one of them";
  fileText = argument "files" {
    "/x" = "hello";
  } "files.\"/x\" = \"hello\": must be a set; write { text = …; } or { source = …; }";
  fileMisspelt = argument "files" {
    "/x".txt = "";
  } "files.\"/x\".txt: is not known here; did you mean \"text\"?";
  fileLinkMode = argument "files" {
    "/x" = {
      symlink = "a";
      mode = "0644";
    };
  } "files.\"/x\": a symlink has no mode; leave mode out";
  fileMany =
    told
      {
        files."/x" = {
          source = "b";
          text = "a";
          mode = "9";
        };
      }
      [
        "files.\"/x\".mode = \"9\": must be three or four octal digits in quotes, such as \"0644\""
        "files.\"/x\".source = \"b\": must be in the store; write a path without quotes, such as ./file"
        "files.\"/x\": has text and source; keep one of them"
      ];
  filePath = argument "files" {
    "etc/x".text = "";
  } "files.\"etc/x\": the name ${pathRule}; write \"/etc/x\"";
  fileControl = argument "files" {
    "/a\nb".text = "";
  } "files.\"/a\\nb\": the name ${controlRule}";
  fileOutside =
    argument "files" { "/x".source = "/etc/passwd"; }
      "files.\"/x\".source = \"/etc/passwd\": must be in the store; write a path without quotes, such as ./file";
  fileMissing = argument "files" {
    "/x".source = /nowhere/file;
  } "files.\"/x\".source = /nowhere/file: is not there; in a flake, git must know it (git add)";
  textMissing = argument "env" {
    FILE = /nowhere/file;
  } "env.FILE = /nowhere/file: is not there; in a flake, git must know it (git add)";
  packageMissing = told {
    packages = [
      pkgs.nginx
      /nowhere/tree
    ];
  } [ "packages[1] = /nowhere/tree: is not there; in a flake, git must know it (git add)" ];
  perms = argument "perms" {
    "/x".recursive = true;
  } "perms.\"/x\": changes nothing; write mode, uid or gid";
  skeleton = argument "skeleton" {
    temp = false;
  } "skeleton.temp: is not known here; did you mean \"tmp\"?";
  link = argument "pathsToLink" [ "bin" ] "pathsToLink[0] = \"bin\": ${pathRule}; write \"/bin\"";
  compression =
    argument "compression" "zstd"
      "compression = \"zstd\": runtimes of App Container Images do not read it; take \"gzip\" or \"xz\", or build the OCI image, the attribute oci";
  compressionOci = {
    expr =
      (mkACI {
        packages = [ pkgs.nginx ];
        compression.method = "xz";
      }).oci.problems;
    expected = [
      "compression.method = \"xz\": OCI images have no such layers; take \"zstd\" or \"gzip\", as in .override { compression = \"zstd\"; }"
    ];
  };
  compressionUnknown =
    argument "compression" "gzipp"
      "compression = \"gzipp\": must be \"gzip\" or \"none\" or \"xz\"; did you mean \"gzip\"?";
  compressionShort =
    argument "compression" "gz"
      "compression = \"gz\": must be \"gzip\" or \"none\" or \"xz\"; did you mean \"gzip\"?";
  compressionLevel = argument "compression" {
    method = "gzip";
    level = 13;
  } "compression.level = 13: the level of gzip is a whole number from 1 to 12";
  compressionLevelBounds = argument "compression" {
    method = "gzip";
    level = 20;
  } "compression.level = 20: the level of gzip is a whole number from 1 to 12";
  compressionLevelNone = argument "compression" {
    method = "none";
    level = 1;
  } "compression.level: nothing is compressed; leave level out";
  compressionBoth =
    told
      {
        compression = {
          method = "gzipp";
          level = "high";
        };
      }
      [
        "compression.level = \"high\": the level is a whole number from 0 to 19"
        "compression.method = \"gzipp\": must be \"gzip\" or \"none\" or \"xz\"; did you mean \"gzip\"?"
      ];
  face = argument "face" "docker" "face = \"docker\": must be \"aci\" or \"manifest\" or \"oci\"";
  layersFew =
    argument "maxLayers" 1
      "maxLayers = 1: the number of layers is a whole number from 2 to 127";
  layersMany =
    argument "maxLayers" 128
      "maxLayers = 128: the number of layers is a whole number from 2 to 127";
  layersText =
    argument "maxLayers" "60x"
      "maxLayers = \"60x\": the number of layers is a whole number from 2 to 127";

  annotationDate = argument "annotations" {
    created = "2026-01-31 12:00";
  } "annotations.created = \"2026-01-31 12:00\": must be a date such as \"2026-01-31T12:00:00Z\"";
  annotationAddress =
    argument "annotations"
      {
        homepage = "example.com";
      }
      "annotations.homepage = \"example.com\": must be an http or https address; write \"https://example.com\"";
  annotationName = argument "annotations" {
    fooBar = "x";
  } "annotations.fooBar: the name ${identifierRule}; try \"foobar\"";
  dependency =
    told
      {
        dependencies = [
          {
            imageID = "sha512-xyz";
            size = -1;
          }
          { imageName = "nginx"; }
        ];
      }
      [
        "dependencies[0].imageID = \"sha512-xyz\": must be sha512- and 128 hexadecimal digits"
        "dependencies[0].imageName: is missing; write imageName = \"example.com/base\""
        "dependencies[0].size = -1: a size in bytes is a whole number from 1 to 9223372036854775807"
        "dependencies[1].imageName = \"nginx\": is this image itself"
      ];
  whitelist = argument "pathWhitelist" [
    "bin/sh"
  ] "pathWhitelist[0] = \"bin/sh\": ${pathRule}; write \"/bin/sh\"";

  whitelistTwice =
    told
      {
        pathWhitelist = [
          "/bin/bash"
          "/bin/bash"
          "/bin/.."
          "/bin/.."
        ];
      }
      [
        "pathWhitelist[2] = \"/bin/..\": ${pathRule}; write \"/\""
        "pathWhitelist[3] = \"/bin/..\": ${pathRule}; write \"/\""
        "pathWhitelist[1] = \"/bin/bash\": is there twice"
      ];

  # A null is as good as nothing for what has no other default, and an error elsewhere.
  null = told {
    acName = null;
    workingDirectory = null;
    env = null;
  } [ "env = null: must be a set, as in env.NAME = …" ];

  together = {
    expr = builtins.length (problems {
      exce = "/bin/sh";
      arch = "arm64";
      ports.http = tcp 0;
      mounts.a_b = "c";
      user = "a b";
    });
    expected = 6;
  };
}
