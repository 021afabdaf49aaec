/**
  The images below.
*/
{
  mkACI,
  pkgs,
  problems,
  told,
  versionRule,
  ...
}:
let
  base.imageName = "example.com/base";
  ofMkACI =
    arguments:
    mkACI (
      {
        acName = "example.com/base";
        packages = [ pkgs.busybox ];
      }
      // arguments
    );
  id = text: "sha512-${builtins.hashString "sha512" text}";
in
{
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

  otherPlatform = told { dependencies = [ (ofMkACI { arch = "aarch64"; }) ]; } [
    "dependencies[0]: is the image example.com/base for linux/aarch64, and this one is for linux/amd64; take the one for that, or set os and arch"
  ];
  circle =
    told
      {
        acVersion = "1";
        dependencies = [
          (ofMkACI {
            acName = "example.com/above";
            dependencies = [
              (ofMkACI {
                acName = "nginx";
                acVersion = "1";
              })
            ];
          })
        ];
      }
      [
        "dependencies[0]: is the image example.com/above, which stands on nginx, this image itself; one of the two has to do without the other"
      ];
  aPackage = told { dependencies = [ pkgs.busybox ]; } [
    "dependencies[0]: is a package, and no image; write packages for what this image is made of, and fromImage for an OCI image that mkACI has not made"
  ];
  twiceOfMkACI = told {
    dependencies = [
      (ofMkACI { })
      (ofMkACI { })
    ];
  } [ "dependencies[1]: is the image of dependencies[0] too; name it once" ];

  # The same name alone does not make it the image itself.
  itself = told {
    acVersion = "2";
    dependencies = [
      {
        imageName = "nginx";
        labels.version = "1";
      }
      {
        imageName = "nginx";
        labels = {
          version = "2";
          arch = "amd64";
        };
      }
      {
        imageName = "nginx";
        labels.channel = "stable";
      }
      {
        imageName = "nginx";
        labels.arch = "aarch64";
      }
    ];
  } [ "dependencies[1].imageName = \"nginx\": is this image itself" ];
  itselfByLabel = told {
    acLabels.channel = "stable";
    dependencies = [
      {
        imageName = "nginx";
        labels.channel = "stable";
      }
    ];
  } [ "dependencies[0].imageName = \"nginx\": is this image itself" ];

  twoSizes = told {
    dependencies = [
      (base // { size = 1; })
      { imageName = "example.com/other"; }
      (base // { size = 2; })
    ];
  } [ "dependencies[2]: is the image of dependencies[0] too; name it once" ];
  # A runtime adds the platform of this image.
  samePlatform = told {
    dependencies = [
      base
      (base // { labels.os = "linux"; })
      (base // { labels.arch = "aarch64"; })
    ];
  } [ "dependencies[1]: is the image of dependencies[0] too; name it once" ];
  sameID =
    told
      {
        dependencies = [
          (base // { imageID = id "a"; })
          {
            imageName = "example.com/other";
            imageID = id "a";
          }
          (base // { imageID = id "b"; })
          base
        ];
      }
      [
        "dependencies[1]: is the image of dependencies[0] too; name it once"
        "dependencies[3]: is the image of dependencies[0] too; name it once"
      ];
  # What is wrong itself is told once.
  wrongTwice =
    told
      {
        dependencies = [
          (base // { size = 0; })
          (base // { size = 0; })
        ];
      }
      [
        "dependencies[0].size = 0: a size in bytes is a whole number from 1 to 9223372036854775807"
        "dependencies[1].size = 0: a size in bytes is a whole number from 1 to 9223372036854775807"
      ];
  labels =
    told
      {
        dependencies = [
          (
            base
            // {
              labels = {
                version = "1:2";
                arch = "arm64";
                name = "x";
              };
            }
          )
          (
            base
            // {
              labels = {
                version = "1=2";
                arch = "arm64";
              };
            }
          )
        ];
      }
      [
        "dependencies[0].labels.version = \"1:2\": must be letters, digits and ! $ ( ) * + - . = @ [ ] _ ~, as labels stand unescaped in references and URLs"
        "dependencies[0].labels.name: the name is reserved; the image's name is acName"
        "dependencies[1].labels.version = \"1=2\": ${versionRule}; try \"1_2\""
        "dependencies[1].labels.arch = \"arm64\": is not how images spell it; did you mean \"aarch64\"?"
      ];
  system =
    told
      {
        dependencies = [ (base // { labels.os = "freebsd"; }) ];
        arch = "aarch64";
      }
      [
        "dependencies[0].labels.os = \"aarch64\": has no name among the platforms of App Container Images; build the OCI image, the attribute oci"
      ];
  # As many as nobody has are still looked at.
  many = {
    expr = problems {
      dependencies = builtins.genList (at: {
        imageName = "example.com/base${toString (at - at / 19999)}";
      }) 20000;
    };
    expected = [ "dependencies[19999]: is the image of dependencies[19998] too; name it once" ];
  };
}
