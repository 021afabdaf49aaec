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
    any
    concatMap
    concatStringsSep
    elem
    elemAt
    filter
    genList
    head
    isAttrs
    isList
    isPath
    length
    match
    pathExists
    readFile
    removeAttrs
    replaceStrings
    stringLength
    substring
    toJSON
    ;

  inherit (import ./check)
    names
    check
    rules
    facts
    ;
  bases = import ./bases.nix;

  inherit (check)
    bad
    ok
    show
    wrong
    ;
  has = part: text: replaceStrings [ part ] [ "" ] text != text;

  defaults = {
    images = null;
    domain = null;
    publicKey = null;
    reports = false;
    boms = false;
  };

  checkDomain = rules.faultless (
    text:
    let
      parts = match "(https?://)?([^/:?#]*)(:[0-9]+)?(/[^?#]*)?.*" (names.lower (substring 0 300 text));
      path = elemAt parts 3;
      tried = if parts == null then "" else elemAt parts 1 + (if path == null then "" else trimmed path);
    in
    if names.fits "domain" text then
      null
    else if match ".*:[0-9]+(/.*)?" text != null && names.fits "domain" tried then
      "must have no port, since names of images have none; write ${toJSON tried}"
    else
      facts.texts.domain.rule + rules.mend "write" (if names.fits "domain" tried then tried else "")
  );
  trimmed =
    path:
    let
      parts = match "(.*[^/])/*" path;
    in
    if parts == null then "" else head parts;

  checkKey =
    path: value:
    let
      text = readFile value;
    in
    if !isPath value && !(isAttrs value && value ? outPath) then
      bad path value
        "must be the file of a public key, as in ./key.asc; gpg --armor --export KEY >key.asc writes one"
    else if isPath value && !pathExists value then
      check.present path value
    # What others build is read when it is there.
    else if !isPath value || has "-----BEGIN PGP PUBLIC KEY BLOCK-----" text then
      ok value
    else if has "PRIVATE KEY" text then
      bad path value
        "is a secret key, which must not come near the store; write gpg --armor --export KEY >key.asc and name that"
    else
      bad path value "is no armored public key; gpg --armor --export KEY >key.asc writes one";

  # A name below the domain, without the domain.
  below =
    domain: name:
    let
      at = stringLength domain + 1;
    in
    if substring 0 at name == "${domain}/" then substring at (stringLength name) name else null;

  checkImage =
    domain: path: image:
    let
      inherit (image.spec) form;
      name = image.imageName;
      isACI = form.face == "aci";
    in
    if !bases.isImage image then
      bad path image "must be an image of mkACI"
    else if image.problems != [ ] then
      {
        value = null;
        problems = map (problem: "${path}: ${problem}") image.problems;
      }
    else if form.face == "manifest" then
      wrong path "is the manifest of ${name} alone; give the image itself"
    else if form.recipe or false then
      wrong path "is a recipe of ${name}, and a web server has files; write .override { recipe = false; }"
    else if form.kind == "thin" then
      wrong path "is a thin image of ${name}, whose store paths other machines lack; write .fat behind it, or bring it there with nix copy"
    else if isACI && domain != null && below domain name == null then
      wrong path "the name ${toJSON name} is not below ${domain}, where rkt would look for it; write .override { acName = ${toJSON "${domain}/${names.baseName name}"}; }"
    else
      ok image;

  # What the files of an image are called but for their endings.
  pathOf =
    domain: image:
    let
      inner = if domain == null then null else below domain image.imageName;
    in
    if inner == null then image.imageName else inner;
  stemOf =
    domain: image:
    let
      inherit (image.spec.image) version platform;
    in
    "${pathOf domain image}-${version}-${platform.os}-${platform.arch}";
  fileOf = domain: image: "${stemOf domain image}.${image.spec.form.face}";

  # What only all images together can tell.
  together =
    domain: images:
    let
      at = number: "images[${toString number}]";
      image = elemAt images;
      # Of those that are no images is told elsewhere.
      numbers = filter (number: image number != null) (genList (number: number) (length images));
      whole = map image numbers;
      own = facts.site;
      nameOf = number: (image number).imageName;
      reserved = [
        own.list
        own.keys
        own.publish
      ];
      called =
        number:
        let
          parts = filter builtins.isString (builtins.split "/" (pathOf domain (image number)));
        in
        if elem own.page parts || elem (head parts) reserved then
          [
            "${at number}: the name ${toJSON (nameOf number)} is that of a file which every site has; give the image another acName"
          ]
        else
          [ ];
      version =
        number:
        if (image number).spec.image.version == own.latest then
          [
            "${at number}: the version is ${toJSON own.latest}, which names the newest one on a site; give it a number, as in .override { acVersion = \"1.0\"; }"
          ]
        else
          [ ];
      twice = map (
        { at, first }:
        "images[${toString at}]: is ${fileOf domain (image at)}, as images[${toString first}] is; give one of them another version or name, or leave it out"
      ) (check.doubles (image: if image == null then null else fileOf domain image) images);
      isHere =
        base: any (known: known.imageName == base.imageName && known.version == base.version) whole;
      standing =
        number:
        map
          (
            base:
            "${at number}: stands on ${base.imageName} ${base.version}, which rkt would look for on this site too; add that image to images"
          )
          (
            if (image number).spec.form.face != "aci" || domain == null then
              [ ]
            else
              filter (base: below domain base.imageName != null && !isHere base) (image number).below
          );
    in
    concatMap called numbers ++ concatMap version numbers ++ twice ++ concatMap standing numbers;

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
      unknown = map (
        name: "${name}: is not known here; ${check.meant name (builtins.attrNames defaults)}"
      ) (builtins.attrNames (removeAttrs given (builtins.attrNames defaults)));
      needed =
        name: checker: how:
        if arguments.${name} == null then
          wrong name "is missing; write ${how}"
        else
          checker name arguments.${name};

      domain = needed "domain" checkDomain "domain = \"example.com/images\"";
      listed = needed "images" (check.listOf (checkImage domain.value)) "images = [ … ], images of mkACI";
      empty =
        if arguments.images == [ ] then wrong "images" "is empty; name at least one image" else ok null;
      publicKey =
        if arguments.publicKey == null then ok null else checkKey "publicKey" arguments.publicKey;
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
        ++ together domain.value images;
      title = if domain.value == null then "" else " ${domain.value}";
      report = concatStringsSep "\n  " (
        [
          "mkSite: the site${title} has ${
            if length problems == 1 then "a problem" else "${toString (length problems)} problems"
          }:"
        ]
        ++ problems
      );

      describe =
        image:
        let
          inherit (image.spec.image) platform;
          inherit (image.spec.form) face sign;
        in
        {
          name = image.imageName;
          path = pathOf domain.value image;
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
          throw report;

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
