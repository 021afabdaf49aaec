/**
  Sites: the derivation, and what is wrong with one.
*/
{ mkACI, pkgs, ... }:
let
  mkSite = import ../../nix/site {
    builder = "/none/bin/nix2aci";
    system = "x86_64-linux";
  };
  web =
    changes:
    mkACI (
      {
        packages = [ pkgs.nginx ];
        acName = "example.com/images/web";
        acVersion = "1";
        sign = false;
      }
      // changes
    );
  site =
    changes:
    mkSite (
      {
        images = [
          (web { })
          (web { acVersion = "2"; }).oci
        ];
        domain = "example.com/images";
      }
      // changes
    );
  problems = changes: (site changes).problems;
  # Of values of one argument, those that are not one problem.
  each = argument: values: {
    expr = builtins.filter (
      value:
      builtins.length (problems {
        ${argument} = value;
      }) != 1
    ) values;
    expected = [ ];
  };
in
{
  isDerivation = {
    expr = [
      (site { }).type
      (site { }).name
      (site { }).drvAttrs.args
      (problems { })
    ];
    expected = [
      "derivation"
      "example.com-images"
      [ "site" ]
      [ ]
    ];
  };
  # What the builder is told of an image.
  described = {
    expr =
      map (image: removeAttrs image [ "output" ]) (site { }).drvAttrs.images == [
        {
          arch = "amd64";
          face = "aci";
          name = "example.com/images/web";
          os = "linux";
          path = "web";
          sign = false;
          stem = "web-1";
          version = "1";
        }
        {
          arch = "amd64";
          inherit (builtins.elemAt (site { }).drvAttrs.images 1) archive;
          face = "oci";
          name = "example.com/images/web";
          os = "linux";
          path = "web";
          sign = false;
          stem = "web-2";
          version = "2";
        }
      ];
    expected = true;
  };
  # An OCI image needs no name below the domain, as nobody looks for it there.
  ociName = {
    expr = [
      (problems { images = [ (web { acName = "web"; }).oci ]; })
      (builtins.head (site { images = [ (web { acName = "web"; }).oci ]; }).drvAttrs.images).path
    ];
    expected = [
      [ ]
      "web"
    ];
  };
  domains = each "domain" [
    3
    ""
    "localhost"
    "example"
    "example.com/"
    "/images"
    "Example.com/images"
    "https://example.com/images"
    "example.com:443/images"
    "example..com/images"
    "example.com/a//b"
    "example.com/a b"
    "example.com/\"><script>"
    "-example.com/images"
    null
  ];
  goodDomains = {
    expr =
      builtins.concatMap
        (
          domain:
          (mkSite {
            images = [ (web { }).oci ];
            inherit domain;
          }).problems
        )
        [
          "example.com"
          "images.example.com"
          "xn--bcher-kva.example"
          "example.com/a/b-c_d~e"
        ];
    expected = [ ];
  };
  images = each "images" [
    3
    null
    [ ]
    [ 3 ]
    [ pkgs.nginx ]
    [ (web { }).manifest ]
    [ (web { }).recipe ]
    [ (web { }).thin ]
    [
      (web { })
      (web { })
    ]
    [ (web { acName = "web"; }) ]
    [ (web { acName = "example.com/images"; }) ]
    [ (web { acName = "example.com/imagesweb"; }) ]
    [ (web { sign = true; }) ]
    [ (web { acVersion = "latest"; }) ]
    [ (web { acName = "example.com/images/images.json"; }) ]
    [ (web { acName = "example.com/images/a/index.html"; }) ]
    [ (web { user = ""; }) ]
  ];
  keys = each "publicKey" [
    3
    "key.asc"
    ./nothing.asc
    ./site.nix
    ./mistakes
  ];
  switches = {
    expr = problems {
      reports = 1;
      boms = "yes";
      imagse = [ ];
    };
    expected = [
      "imagse: is not known here; did you mean \"images\"?"
      "reports = 1: must be true or false"
      "boms = \"yes\": must be true or false"
    ];
  };
}
