/**
  `mkSite`: images of `mkACI` as a directory for any static web server, on which rkt finds them by name, with pages for
  people; and what publishes it.

  What can be wrong is told at evaluation, all of it at once. App Container Images are links into the store; of an OCI image
  one archive is made, apart, which refers to nothing. The output knows no key but the public one: `publish` beside the
  pages signs, where the site is shown.

  # Inputs

  `images`
  : the images, a list; of a name, version, architecture and form there may be one

  `domain`
  : where the site is shown, without `https://`: a host and, if the site is not all of it, a path. The name of each App
    Container Image begins so

  `publicKey`
  : the armored public key that the images are signed with, a file; needed where App Container Images are signed

  `reports`, `boms`
  : whether reports and bills of materials are shown beside the images

  # Type

  ```
  { builder, system } -> { images, domain, publicKey ?, reports ?, boms ? } -> Derivation
  ```

  # Example

  ```nix
  mkSite {
    images = [ web web.oci ];
    domain = "example.com/images";
    publicKey = ./key.asc;
  }
  => «derivation …-example.com-images.drv»
  ```
*/
{ builder, system }:

let
  inherit (builtins)
    attrNames
    concatMap
    filter
    head
    isAttrs
    isList
    length
    replaceStrings
    ;

  inherit (import ../check) names check facts;
  inherit (check) ok show wrong;
  checks = import ./checks.nix;
  named = import ./names.nix;

  defaults = {
    images = null;
    domain = null;
    publicKey = null;
    reports = false;
    boms = false;
  };

  # An OCI image as one file. It brings all it needs, so names of store paths in it are no references.
  archive =
    image:
    derivation {
      name = names.toStoreName "${image.fileName}.tar";
      inherit builder system;
      args = [ "archive" ];
      __structuredAttrs = true;
      layout = "${image}";
      preferLocalBuild = true;
      unsafeDiscardReferences.out = true;
    };

  mkSite =
    given:
    let
      arguments = defaults // given;
      unknown = check.unknown (name: name) (attrNames defaults) given;
      needed =
        name: checker: how:
        if arguments.${name} == null then
          wrong name "is missing; write ${how}"
        else
          checker name arguments.${name};

      domain = needed "domain" checks.domain "domain = \"example.com/images\"";
      listed = needed "images" (check.listOf (
        checks.image domain.value
      )) "images = [ … ], images of mkACI";
      empty =
        if arguments.images == [ ] then wrong "images" "is empty; name at least one image" else ok null;
      publicKey =
        if arguments.publicKey == null then ok null else checks.publicKey "publicKey" arguments.publicKey;
      reports = check.bool "reports" arguments.reports;
      boms = check.bool "boms" arguments.boms;

      # Those that are none are told of already.
      images = if isList listed.value then listed.value else [ ];
      whole = filter (image: image != null) images;
      signed = filter (image: image.spec.form.face == "aci" && image.spec.form.sign) whole;
      unsigned =
        if arguments.publicKey != null || signed == [ ] then
          [ ]
        else
          [
            "publicKey: is missing, and ${(head signed).imageName}${
              if length signed == 1 then " is" else " and others are"
            } to be signed; write publicKey = ./key.asc, the file that gpg --armor --export KEY writes, or .override { sign = false; } for each"
          ];
      problems =
        unknown
        ++ concatMap (verdict: verdict.problems) [
          domain
          listed
          empty
          publicKey
          reports
          boms
        ]
        ++ unsigned
        ++ checks.together domain.value images;
      title = if domain.value == null then "" else " ${domain.value}";
      describe =
        image:
        let
          inherit (image.spec.image) platform;
          inherit (image.spec.form) face sign;
        in
        {
          name = image.imageName;
          path = named.path domain.value image;
          inherit (image) version;
          inherit (platform) os arch;
          inherit face sign;
          output = "${image}";
          # What the files of the output are called but for their endings.
          stem = "${names.baseName image.imageName}-${image.version}";
        }
        // (if face == "oci" then { archive = "${archive image}"; } else { })
        // (if arguments.reports && image ? report then { report = "${image.report}"; } else { })
        // (if arguments.boms then { bom = "${image.sbom}"; } else { });

      # Every fact of the site goes through here, so that no part of a wrong one is used.
      checked =
        if problems == [ ] then
          {
            domain = domain.value;
            images = map describe images;
          }
        else
          throw (check.report "mkSite: the site${title}" problems);

      site = derivation (
        {
          inherit (checked) domain images;
          name = names.toStoreName (replaceStrings [ "/" ] [ "-" ] checked.domain);
          inherit builder system;
          args = [ "site" ];
          __structuredAttrs = true;
          preferLocalBuild = true;
        }
        // (if publicKey.value == null then { } else { publicKey = "${publicKey.value}"; })
      );
    in
    if !isAttrs given then
      throw "mkSite: the arguments are ${show given}, and must be a set, as in mkSite { images = [ … ]; domain = \"example.com/images\"; }"
    else
      site
      // {
        inherit problems;
        # What `nix run` does with the site.
        app = {
          type = "app";
          program = "${site}/${facts.site.publish}";
        };
        meta = {
          description = "Images at ${domain.value}";
          mainProgram = facts.site.publish;
          platforms = [ system ];
        };
      };
in
mkSite
