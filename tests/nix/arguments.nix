/**
  Arguments that are right: what each becomes in the spec, also in the forms that older expressions are written in.
*/
{
  mkACI,
  package,
  pkgs,
  ...
}:
let
  parts = arguments: (mkACI ({ packages = [ pkgs.nginx ]; } // arguments)).spec;
  # The members of a spec that a set of arguments leads to, of whatever part.
  spec =
    arguments:
    let
      inherit (parts arguments) image root form;
    in
    image // root // form;
  gives = member: arguments: expected: {
    expr = (spec arguments).${member};
    inherit expected;
  };
  foreign =
    system:
    (spec {
      packages = [
        (package {
          pname = "p";
          version = "1";
          inherit system;
        })
      ];
    }).platform.arch;
  # Isolators are a list of `{ name; value; }`.
  isolated = arguments: expected: {
    expr = builtins.listToAttrs (spec arguments).isolators;
    inherit expected;
  };
in
{
  defaults = {
    expr =
      let
        inherit (parts { }) image root form;
      in
      {
        inherit image form;
        root = builtins.removeAttrs root [ "packages" ];
      };
    expected = {
      image = {
        name = "nginx";
        version = "1.2_3";
        platform = {
          os = "linux";
          arch = "amd64";
        };
        labels = { };
        exec = [ ];
        args = [ ];
        terminal = false;
        user = "0";
        group = "0";
        supplementaryGIDs = [ ];
        env = { };
        mounts = { };
        ports = { };
        isolators = [ ];
        rktSeccomp = "blacklist";
        eventHandlers = { };
        annotations = { };
        userLabels = { };
        userAnnotations = { };
        dependencies = [ ];
        pathWhitelist = [ ];
      };
      root = {
        pathsToLink = [ "/" ];
        files = { };
        perms = { };
        skeleton = {
          tmp = true;
          directories = true;
          passwd = true;
          nsswitch = true;
          shell = true;
          env = true;
          certificates = true;
          timeZones = true;
          locale = true;
        };
        dnsquirks = true;
      };
      form = {
        kind = "fat";
        face = "aci";
        reference = "nginx:1.2_3";
        sign = true;
        selfCheck = false;
        compression.method = "gzip";
      };
    };
  };
  everyArgument = {
    expr = builtins.attrNames (
      removeAttrs (import ../../nix/arguments.nix) (
        builtins.attrNames (spec {
          workingDirectory = "/";
          stopSignal = "SIGTERM";
          healthcheck.test = "/bin/x";
        })
      )
    );
    # What is no member of a spec under its own name.
    expected = [
      "acLabels"
      "acName"
      "acVersion"
      "allow"
      "arch"
      "documentation"
      "forbid"
      "fromImage"
      "layers"
      "maxClosureSize"
      "maxLayers"
      "maxPaths"
      "maxSize"
      "mountsRo"
      "os"
      "pkg"
      "pkgs"
      "recipe"
      "report"
      "sbom"
      "static"
      "thin"
      "versionAddon"
    ];
  };

  reference = gives "reference" {
    acName = "example.com/a~b";
    acVersion = "1~2+3";
    thin = true;
  } "example.com/a-b:1-2-3-thin";

  argsAlone =
    gives "args"
      {
        args = [
          "/bin/sh"
          "-l"
        ];
      }
      [
        "/bin/sh"
        "-l"
      ];
  argsBehind = gives "args" {
    exec = "/bin/x";
    args = [ "relative" ];
  } [ "relative" ];
  signal = gives "stopSignal" { stopSignal = 2; } "2";
  signalText = gives "stopSignal" { stopSignal = "64"; } "64";
  signalName = gives "stopSignal" { stopSignal = "SIGRTMIN+3"; } "SIGRTMIN+3";
  health =
    gives "healthcheck"
      {
        healthcheck = {
          test = "/bin/check";
          startPeriod = "1m";
          retries = 3;
        };
      }
      {
        test = [ "/bin/check" ];
        startPeriod = "1m";
        retries = 3;
      };
  # Files alone are an image, for the system that builds it.
  filesAlone = {
    expr =
      let
        inherit
          (mkACI {
            acName = "example.com/own";
            acVersion = "1";
            files."/bin/own".source = ./arguments.nix;
          })
          problems
          spec
          ;
      in
      [
        problems
        spec.root.packages
        spec.image.platform
      ];
    expected = [
      [ ]
      [ ]
      {
        os = "linux";
        arch = "amd64";
      }
    ];
  };
  # A path in a package is one, too, and the image then needs the package.
  whitelistInStore = {
    expr =
      let
        image = mkACI {
          packages = [ pkgs.nginx ];
          pathWhitelist = [ "${pkgs.redis}/bin/redis-server" ];
        };
      in
      [
        image.problems
        (builtins.elem (builtins.unsafeDiscardStringContext "${pkgs.redis}") (
          map builtins.unsafeDiscardStringContext image.closureRoots
        ))
      ];
    expected = [
      [ ]
      true
    ];
  };

  layers = gives "maxLayers" {
    face = "oci";
    maxLayers = 127;
  } 127;
  zstd =
    gives "compression"
      {
        face = "oci";
        compression = {
          method = "zstd";
          level = 19;
        };
      }
      {
        method = "zstd";
        level = 19;
      };

  # As expressions were written before there were types.
  olderForms = {
    expr =
      let
        older =
          {
            mkACI,
            pkgs,
            thin ? false,
            static ? false,
            ...
          }:
          mkACI {
            inherit pkgs thin static;
            packages = [
              pkgs.busybox
              pkgs.nginx
            ];
            versionAddon = if static then "-static" else "";
            exec = "/bin/busybox";
            env.PORT = 80;
            user = 0;
            group = 0;
            mounts.data = "/var/data";
            ports.http = {
              protocol = "tcp";
              port = "80";
              count = "2";
              socketActivated = false;
            };
            isolators."os/linux/capabilities-retain-set" = ''{ "set": ["CAP_NET_BIND_SERVICE"] }'';
          };
        result =
          (older {
            inherit mkACI pkgs;
            static = true;
            somethingElse = null;
          }).spec;
      in
      {
        inherit (result.form) kind;
        inherit (result.image)
          name
          version
          exec
          env
          user
          group
          ports
          ;
        isolators = builtins.listToAttrs result.image.isolators;
      };
    expected = {
      name = "busybox";
      version = "1.36.1-static";
      kind = "static";
      exec = [ "/bin/busybox" ];
      env.PORT = "80";
      user = "0";
      group = "0";
      ports.http = {
        protocol = "tcp";
        port = 80;
        count = 2;
        socketActivated = false;
      };
      isolators."os/linux/capabilities-retain-set".set = [ "CAP_NET_BIND_SERVICE" ];
    };
  };

  # A version's dashes would read as parts of the file name; those that the user typed stay.
  version = gives "version" { versionAddon = "-r1"; } "1.2_3-r1";
  versionTyped = gives "version" { acVersion = "1-2"; } "1-2";
  versionFromName = gives "version" {
    packages = [
      {
        name = "thing-2.0";
        outPath = "${pkgs.nginx}";
      }
    ];
  } "2.0";
  nameFromName = gives "name" {
    packages = [
      {
        name = "Some_Thing-2.0";
        outPath = "${pkgs.nginx}";
      }
    ];
  } "some_thing";
  nameOfPkg = gives "name" { pkg = pkgs.redis; } "redis";
  nameTyped = gives "name" { acName = "example.com/web"; } "example.com/web";

  labels = gives "labels" { acLabels.channel = "stable"; } { channel = "stable"; };
  architectures = {
    expr = map foreign [
      "x86_64-linux"
      "aarch64-linux"
      "i686-linux"
      "armv7l-linux"
      "powerpc64le-linux"
    ];
    expected = [
      "amd64"
      "aarch64"
      "i386"
      "armv7l"
      "ppc64le"
    ];
  };
  archTyped = gives "platform" { arch = "aarch64"; } {
    os = "linux";
    arch = "aarch64";
  };
  mounts =
    gives "mounts"
      {
        mounts.data = "/data";
        mountsRo.conf = "/etc/app";
      }
      {
        data = {
          path = "/data";
          readOnly = false;
        };
        conf = {
          path = "/etc/app";
          readOnly = true;
        };
      };

  # Neither a thin image nor its file depends on whether its packages stand alone.
  thinBeforeStatic = gives "kind" {
    thin = true;
    static = true;
  } "thin";

  # Fractions are text: versions of Nix print them differently.
  numbers =
    gives "env"
      {
        env = {
          WHOLE = 3;
          HALF = 0.5;
          TEN = 10.0;
          NEGATIVE = -1;
        };
      }
      {
        WHOLE = "3";
        HALF = "0.5";
        TEN = "10";
        NEGATIVE = "-1";
      };
  quantities =
    isolated
      {
        isolators = {
          "resource/memory".limit = "1.5Gi";
          "resource/cpu".limit = 0.5;
          "resource/block-iops" = {
            default = true;
            limit = 5;
          };
        };
      }
      {
        "resource/memory".limit = "1.5Gi";
        "resource/cpu".limit = "0.5";
        "resource/block-iops" = {
          default = true;
          limit = 5;
        };
      };
  # As they were written once, in JSON.
  isolatorTexts =
    isolated
      {
        isolators = {
          "os/linux/no-new-privileges" = "true";
          "os/linux/cpu-shares" = " 512\n";
          "os/linux/seccomp-retain-set" = ''{"set": [ "read", "write" ], "errno":"EPERM"}'';
          "os/unix/sysctl" = ''{ "net.ipv4.tcp_rmem": "1\t2\t3" }'';
          "resource/cpu" = ''{ "limit": 1.5e0 }'';
        };
      }
      {
        "os/linux/no-new-privileges" = true;
        "os/linux/cpu-shares" = 512;
        "os/linux/seccomp-retain-set" = {
          set = [
            "read"
            "write"
          ];
          errno = "EPERM";
        };
        "os/unix/sysctl"."net.ipv4.tcp_rmem" = "1\t2\t3";
        "resource/cpu".limit = "1.5";
      };
  otherIsolators =
    let
      isolators = {
        "os/linux/no-new-privileges" = true;
        "os/linux/oom-score-adj" = -1000;
        "os/linux/cpu-shares" = 2;
        "os/linux/seccomp-retain-set" = {
          set = [ "@appc.io/all" ];
          errno = "EPERM";
        };
        "os/linux/selinux-context" = {
          user = "u";
          role = "r";
          type = "t";
          level = "s0:c1,c2";
        };
        "os/unix/sysctl"."net.ipv4.ip_forward" = "1";
      };
    in
    isolated { inherit isolators; } isolators;

  lastPort =
    let
      ports.all = {
        protocol = "udp";
        port = 1;
        count = 65535;
      };
    in
    gives "ports" { inherit ports; } ports;

  skeletonPart = {
    expr = (spec { skeleton.tmp = false; }).skeleton.tmp;
    expected = false;
  };
  skeletonOff = {
    expr = builtins.attrValues (spec { skeleton = false; }).skeleton;
    expected = builtins.genList (_: false) 9;
  };
  compression =
    gives "compression"
      {
        compression = {
          method = "xz";
          level = 0;
        };
      }
      {
        method = "xz";
        level = 0;
      };
  workingDirectory = gives "workingDirectory" { workingDirectory = "/srv"; } "/srv";
  handlers = gives "eventHandlers" { eventHandlers.pre-start = "/bin/prepare"; } {
    pre-start = [ "/bin/prepare" ];
  };
  dependencies =
    let
      dependencies = [
        {
          imageName = "example.com/base";
          imageID = "sha512-${builtins.hashString "sha512" ""}";
          labels.os = "linux";
          size = 5;
        }
      ];
    in
    gives "dependencies" { inherit dependencies; } dependencies;
  annotations =
    gives "annotations"
      {
        annotations = {
          created = "2026-01-31T12:00:00Z";
          homepage = "https://example.com";
          "example.com/note" = "anything: at all";
        };
      }
      {
        created = "2026-01-31T12:00:00Z";
        homepage = "https://example.com";
        "example.com/note" = "anything: at all";
      };

  # As flakes tell when they were changed.
  created = {
    expr =
      map
        (
          created:
          (spec {
            annotations = { inherit created; };
          }).annotations.created
        )
        [
          "20260131120000"
          0
          1769860799
          951782400
          4107542400
          1709164800
          253402300799
        ];
    expected = [
      "2026-01-31T12:00:00Z"
      "1970-01-01T00:00:00Z"
      "2026-01-31T11:59:59Z"
      "2000-02-29T00:00:00Z"
      "2100-03-01T00:00:00Z"
      "2024-02-29T00:00:00Z"
      "9999-12-31T23:59:59Z"
    ];
  };

  # A slash at the end of a path means nothing, and that is said.
  slashes =
    let
      image = mkACI {
        packages = [ pkgs.nginx ];
        workingDirectory = "/srv/";
        mounts.data = "/data//";
        pathsToLink = [
          "/bin/"
          "/etc"
        ];
        files."/var/lib/".directory = true;
        perms."/opt/".mode = "0755";
      };
    in
    {
      expr = {
        inherit (image) problems notes;
        logged = image.spec.form.notes == image.notes;
        inherit (image.spec.image) workingDirectory mounts;
        inherit (image.spec.root) pathsToLink;
        files = builtins.attrNames (image.spec.root.files // image.spec.root.perms);
      };
      expected = {
        problems = [ ];
        notes = map (place: "${place}: the slash at its end means nothing and is left out") [
          "files.\"/var/lib/\""
          "mounts.data = \"/data//\""
          "pathsToLink[0] = \"/bin/\""
          "perms.\"/opt/\""
          "workingDirectory = \"/srv/\""
        ];
        logged = true;
        workingDirectory = "/srv";
        mounts.data = {
          path = "/data";
          readOnly = false;
        };
        pathsToLink = [
          "/bin"
          "/etc"
        ];
        files = [
          "/opt"
          "/var/lib"
        ];
      };
    };
}
