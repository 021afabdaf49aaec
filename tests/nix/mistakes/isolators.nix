/**
  Rights and limits.
*/
{
  pkgs,
  problems,
  told,
  argument,
  each,
  none,
  long,
  quantityRule,
  ...
}:
{
  rktSeccomp =
    argument "rktSeccomp" "blacklst"
      "rktSeccomp = \"blacklst\": must be \"blacklist\" or \"whitelist\" or \"nothing\"; did you mean \"blacklist\"?";
  isolator =
    argument "isolators" { "resource/memry".limit = 1; }
      "isolators.\"resource/memry\": is not an isolator that runtimes know; did you mean \"resource/memory\"?";
  memory = argument "isolators" {
    "resource/memory".limit = "1K";
  } "isolators.\"resource/memory\".limit = \"1K\": ${quantityRule}; write \"1k\" or \"1Ki\"";
  memoryBytes = argument "isolators" {
    "resource/memory".limit = "512mb";
  } "isolators.\"resource/memory\".limit = \"512mb\": ${quantityRule}; write \"512M\"";
  memoryNegative = argument "isolators" {
    "resource/memory".limit = -1;
  } "isolators.\"resource/memory\".limit = -1: ${quantityRule}";
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
  cores = argument "isolators" {
    "resource/cpu".limit = ".5";
  } "isolators.\"resource/cpu\".limit = \".5\": ${quantityRule}; write \"0.5\"";
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
      "isolators.\"os/linux/seccomp-retain-set\".set[0] = \"@appc.io/al\": is not a set of system calls that rkt knows; did you mean \"@appc.io/all\"?";
  systemCallSetName =
    argument "isolators" { "os/linux/seccomp-retain-set".set = [ "@docker" ]; }
      "isolators.\"os/linux/seccomp-retain-set\".set[0] = \"@docker\": is not a set of system calls that rkt knows; known are @appc.io/all, @appc.io/empty, @docker/default-blacklist, @docker/default-whitelist, @rkt/default-blacklist, @rkt/default-whitelist";
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

  # What can be counted to the billionth, and no further.
  quantities =
    each
      (limit: {
        isolators."resource/cpu" = { inherit limit; };
      })
      [
        "1e-10"
        "0.5n"
        "0.0005u"
        "1.5e-9"
        "9.1E"
        "8Ei"
        "1e19"
        "1e99"
        "0e99"
        "0.000000000Ei"
        "0n"
        "1.5.5"
        "1."
        "+1"
        ""
        (long "1" 1000000)
        9223372036854775807
        (-1)
        1.0e-9
      ];
  quantitiesRight =
    none
      (limit: {
        isolators."resource/cpu" = { inherit limit; };
      })
      [
        "1e-9"
        "1n"
        "0.5"
        "0.123456789Ei"
        "9E"
        "7Ei"
        "1e18"
        "1e+03"
        "007"
        "0.000000001"
        1
        0.25
      ];
  # Rounded, these would be the same.
  requestExact =
    argument "isolators"
      {
        "resource/cpu" = {
          request = "9007199254740993";
          limit = "9007199254740992";
        };
      }
      "isolators.\"resource/cpu\".request = \"9007199254740993\": is above the limit 9007199254740992; request that much or less";
  requestEqual = told {
    isolators."resource/cpu" = {
      request = "0.5Ki";
      limit = "512000000000n";
    };
  } [ ];
  wholes =
    none
      (limit: {
        isolators."resource/memory" = { inherit limit; };
      })
      [
        "4096000m"
        "4.1e3"
        "4096.000"
        "4.5Ki"
        "0.001953125Ei"
        "9007199254740993"
        4096
      ];
  fractions =
    each
      (limit: {
        isolators."resource/memory" = { inherit limit; };
      })
      [
        "4096001u"
        "4100.5"
        "4.3Ki"
        "0.123456789Gi"
        "4095.999999999"
        "4095"
        "3.999Ki"
      ];
  systemCallSets = told {
    isolators."os/linux/seccomp-remove-set".set = [
      "@appc.io/all"
      "@appc.io/empty"
      "@docker/default-blacklist"
      "@docker/default-whitelist"
      "@rkt/default-blacklist"
      "@rkt/default-whitelist"
    ];
  } [ ];
  systemCallSetMisspelt =
    argument "isolators" { "os/linux/seccomp-remove-set".set = [ "@rkt/default-blacklst" ]; }
      "isolators.\"os/linux/seccomp-remove-set\".set[0] = \"@rkt/default-blacklst\": is not a set of system calls that rkt knows; did you mean \"@rkt/default-blacklist\"?";
  systemCallTwice = argument "isolators" {
    "os/linux/seccomp-retain-set".set = [
      "read"
      "write"
      "read"
    ];
  } "isolators.\"os/linux/seccomp-retain-set\".set[2] = \"read\": is there twice";
  settingLines =
    argument "isolators" { "os/unix/sysctl"."net.core.somaxconn" = "1\n2"; }
      "isolators.\"os/unix/sysctl\".\"net.core.somaxconn\" = \"1\\n2\": must be one line, at most 4000 bytes";
}
