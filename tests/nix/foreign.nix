/**
  Images of other tools below (`fromImage`): which derivations read them, and what is taken over.
*/
{ mkACI, pkgs, ... }:
let
  theirs = ./default.nix;
  on =
    arguments:
    mkACI (
      {
        acName = "example.com/app";
        packages = [ pkgs.busybox ];
        face = "oci";
        fromImage = theirs;
      }
      // arguments
    );
  of = image: image.spec.root.fromImage;
  base = on { acName = "example.com/base"; };
  other = on {
    acName = "example.com/other";
    fromImage = ./run;
  };
  shown =
    image: map (builtins.replaceStrings [ "${theirs}" "${./run}" ] [ "THEIRS" "OTHER" ]) image.problems;
in
{
  # It knows nothing of who stands on it, but for the platform.
  readOnce = {
    expr =
      map
        (
          arguments:
          builtins.unsafeDiscardStringContext (of (on arguments)).path
          == builtins.unsafeDiscardStringContext (of base).path
        )
        [
          { acVersion = "2"; }
          { packages = [ pkgs.redis ]; }
          { compression = "zstd"; }
          { thin = true; }
          { fromImage = "${theirs}"; }
          { arch = "aarch64"; }
          { fromImage = ./run; }
        ];
    expected = [
      true
      true
      true
      true
      true
      false
      false
    ];
  };
  owners = {
    expr =
      map
        (
          arguments:
          let
            from = of (on arguments);
          in
          [
            from.itsUser
            from.itsGroup
          ]
        )
        [
          { }
          { user = "0"; }
          { group = "0"; }
          {
            user = "web";
            group = "web";
          }
        ];
    expected = [
      [
        true
        true
      ]
      [
        false
        false
      ]
      [
        true
        false
      ]
      [
        false
        false
      ]
    ];
  };
  # Layers that are made apart leave room for theirs.
  partsKnowIt = {
    expr =
      let
        image = on { layers = [ pkgs.redis ]; };
        part = builtins.head (builtins.filter (known: known ? output) image.drvAttrs.shared);
      in
      builtins.length (builtins.attrNames (builtins.getContext part.output));
    expected = 1;
  };
  # Whoever stands on a base has what that stands on.
  ofABase = {
    expr =
      let
        top = on {
          acName = "example.com/top";
          fromImage = null;
          dependencies = [ base ];
        };
      in
      [
        top.problems
        (top.spec.root ? fromImage)
        (map (image: image.spec.root.fromImage.path == (of base).path) top.below)
      ];
    expected = [
      [ ]
      false
      [ true ]
    ];
  };
  same = {
    expr = (on { dependencies = [ base ]; }).problems;
    expected = [ ];
  };
  # A base whose App Container Image cannot be is a base of OCI images.
  baseOfAnotherForm = {
    expr =
      (on {
        fromImage = null;
        dependencies = [ (base.override { face = "aci"; }) ];
      }).problems;
    expected = [ ];
  };
  onlyOne = {
    expr = [
      (on { dependencies = [ other ]; }).problems
      (on {
        fromImage = null;
        dependencies = [
          base
          other
        ];
      }).problems
    ];
    expected = [
      [
        "fromImage: the image example.com/other below stands on another one; leave fromImage out, and this image stands on that one too"
      ]
      [
        "dependencies: the images example.com/base and example.com/other stand on different images, those of their fromImage, and only one can lie lowest"
      ]
    ];
  };
  mistakes = {
    expr = builtins.concatMap (arguments: shown (on arguments)) [
      { face = "aci"; }
      { face = "manifest"; }
      { fromImage = "debian:12"; }
      { fromImage = base; }
      { fromImage = ./nothing.tar; }
      {
        fromImage = {
          imageName = "debian";
        };
      }
      { fromImage = 1; }
    ];
    expected = [
      "fromImage: nothing but an OCI image has layers to put below; build that, the attribute oci (or mkOCI)"
      "fromImage: nothing but an OCI image has layers to put below; build that, the attribute oci (or mkOCI)"
      "fromImage = \"debian:12\": is a text, and no path; write it without quotes, as in ./image.tar, or take a derivation"
      "fromImage = a derivation: is an image of mkACI; write dependencies = [ … ] for those"
      "fromImage = ${toString ./nothing.tar}: is not there; in a flake, git must know it (git add)"
      "fromImage = { imageName = …; }: must be a path or a derivation: an OCI layout, or an archive of one or of docker save"
      "fromImage = 1: must be a path or a derivation: an OCI layout, or an archive of one or of docker save"
    ];
  };
}
