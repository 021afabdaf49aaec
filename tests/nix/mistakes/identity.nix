/**
  What an image is called and made for.
*/
{
  mkACI,
  package,
  pkgs,
  problems,
  told,
  argument,
  each,
  long,
  pathRule,
  identifierRule,
  versionRule,
  dateRule,
  addressRule,
  ...
}:
{
  noPackages = {
    expr = (mkACI { }).problems;
    expected = [
      "packages = [ ]: must name at least one package; write packages = [ pkgs.busybox ], or give the image its files with files.\"/PATH\".source = …"
    ];
  };
  filesAlone = {
    expr =
      (mkACI {
        packages = [ ];
        files."/bin/own".text = "";
      }).problems;
    expected = [
      "acName: is needed, as no package gives it; write acName = \"example.com/app\""
      "acVersion: is needed, as no package gives it; write acVersion = \"1.0\""
    ];
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
  name =
    argument "acName" "Example.com/App"
      "acName = \"Example.com/App\": ${identifierRule}; try \"example.com/app\"";
  nameColon = argument "acName" "app:1" "acName = \"app:1\": ${identifierRule}; try \"app-1\"";
  version =
    argument "acVersion" "1:2"
      "acVersion = \"1:2\": must be letters, digits and . _ + ~ -, beginning with a letter or digit, at most 120 characters; try \"1_2\"";
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
      "os = \"darwin\": runtimes run linux images alone; take the packages of a linux system, such as pkgs.pkgsLinux on a Mac";
  osMisspelt =
    argument "os" "Linux"
      "os = \"Linux\": must be \"freebsd\" or \"linux\"; did you mean \"linux\"?";
  darwinPackage =
    told
      {
        packages = [
          (package {
            pname = "p";
            version = "1";
            system = "aarch64-darwin";
          })
        ];
      }
      [
        "os = \"darwin\": runtimes run linux images alone; take the packages of a linux system, such as pkgs.pkgsLinux on a Mac"
      ];
  unknownProcessor =
    told
      {
        packages = [
          (package {
            pname = "p";
            version = "1";
            system = "sparc64-linux";
          })
        ];
      }
      [
        "arch = \"sparc64\": is not known to runtimes; known are aarch64, aarch64_be, amd64, armv6l, armv7b, armv7l, i386, ppc64, ppc64le, s390x"
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
  annotationDate = argument "annotations" {
    created = "2026-01-31 12:00";
  } "annotations.created = \"2026-01-31 12:00\": ${dateRule}";
  annotationAddress = argument "annotations" {
    homepage = "example.com";
  } "annotations.homepage = \"example.com\": ${addressRule}; write \"https://example.com\"";
  annotationName = argument "annotations" {
    fooBar = "x";
  } "annotations.fooBar: the name ${identifierRule}; try \"foobar\"";
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

  # Each form of images has platforms of its own.
  archOfOci = {
    expr =
      map
        (
          face:
          (mkACI {
            packages = [ pkgs.nginx ];
            arch = "riscv64";
            inherit face;
          }).problems
        )
        [
          "aci"
          "manifest"
          "oci"
        ];
    expected = [
      [
        "arch = \"riscv64\": has no name among the platforms of App Container Images; build the OCI image, the attribute oci"
      ]
      [
        "arch = \"riscv64\": has no name among the platforms of App Container Images; build the OCI image, the attribute oci"
      ]
      [ ]
    ];
  };
  archNumber = argument "arch" 64 "arch = 64: must be a string";

  nameLong = {
    expr =
      map
        (
          count:
          builtins.length (problems {
            acName = long "a" count;
          })
        )
        [
          200
          201
        ];
    expected = [
      0
      1
    ];
  };
  # Files are called after both.
  stem =
    let
      name = long "a" 150;
      version = long "1" 70;
    in
    told
      {
        acName = "example.com/${name}";
        acVersion = version;
      }
      [
        "acName = \"example.com/${long "a" 63}…\": its last component and the version \"${version}\" have 221 bytes, and files are called so; together they may have 220"
      ];
  stemFits = told {
    acName = "example.com/${long "a" 150}";
    acVersion = long "1" 69;
  } [ ];
  versionOfPackage =
    told
      {
        packages = [
          (package {
            pname = "p";
            version = long "1" 121;
          })
        ];
      }
      [
        "acVersion: the package's version \"${long "1" 121}\" ${versionRule}; write acVersion = \"1.0\""
      ];
  versionWithAddon = told { versionAddon = " static"; } [
    "versionAddon = \" static\": the version \"1.2_3 static\" ${versionRule}"
  ];

  # Each of them is one problem.
  annotationDates = each (created: { annotations = { inherit created; }; }) [
    "2026-02-29T12:00:00Z"
    "20260229120000"
    "2026013112000"
    (-1)
    253402300800
    { }
    "1900-02-29T12:00:00Z"
    "2026-04-31T12:00:00Z"
    "2026-13-01T12:00:00Z"
    "2026-01-00T12:00:00Z"
    "2026-01-31T24:00:00Z"
    "2026-01-31T12:00:60Z"
    "2026-01-31T12:00:00"
    "2026-01-31T12:00:00+2:00"
    "2026-01-31T12:00:00.Z"
    ""
  ];
  annotationDateRight = told { annotations.created = "2024-02-29T23:59:59.123+05:30"; } [ ];
  annotationAddresses = each (homepage: { annotations = { inherit homepage; }; }) [
    "https://"
    "https://me@example.com/"
    "https://a..b/"
    "https://a:99999/"
    "https://[::x]/"
    "https://a/b c"
    "https://a/ä"
    "https://a/%zz"
    "ftp://example.com"
    "https://example.com/${long "a" 2000}"
  ];
  annotationAddressRight = told {
    annotations = {
      homepage = "HTTP://example.com:8080/a%20b?c=d&e=[f]#g";
      documentation = "https://[::1]:443/${long "a" 1900}";
    };
  } [ ];
  annotationNotify =
    argument "annotations" { "appc.io/executor/supports-systemd-notify" = "yes"; }
      "annotations.\"appc.io/executor/supports-systemd-notify\" = \"yes\": must be \"true\" or \"false\"";
}
