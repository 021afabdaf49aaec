/**
  What can be wrong with a site: its domain, its key, each image, and all of them together.

  # Type

  ```
  {
    domain, publicKey :: Checker;
    image :: Domain | null -> Checker;
    together :: Domain | null -> [ Image ] -> [ String ];
  }
  ```
*/
let
  inherit (builtins)
    any
    concatMap
    elem
    elemAt
    filter
    genList
    head
    isAttrs
    isPath
    isString
    length
    match
    pathExists
    readDir
    readFile
    replaceStrings
    split
    substring
    toJSON
    ;

  inherit (import ../check)
    names
    check
    rules
    facts
    ;
  inherit (check) bad ok wrong;
  inherit (import ../bases.nix) isImage;
  named = import ./names.nix;

  has = part: text: replaceStrings [ part ] [ "" ] text != text;

  domain = rules.faultless (
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

  publicKey =
    path: value:
    let
      text = readFile value;
    in
    if !isPath value && !(isAttrs value && value ? outPath) then
      bad path value
        "must be the file of a public key, as in ./key.asc; gpg --armor --export KEY >key.asc writes one"
    else if isPath value && !pathExists value then
      check.present path value
    else if isPath value && (readDir (dirOf value)).${baseNameOf value} or "" == "directory" then
      wrong path "is a directory, and must be the file of a public key, as in ./key.asc"
    # What others build is read when it is there.
    else if !isPath value || has "-----BEGIN PGP PUBLIC KEY BLOCK-----" text then
      ok value
    else if has "PRIVATE KEY" text then
      bad path value
        "is a secret key, which must not come near the store; write gpg --armor --export KEY >key.asc and name that"
    else
      bad path value "is no armored public key; gpg --armor --export KEY >key.asc writes one";

  image =
    domain: path: image:
    let
      inherit (image.spec) form;
      name = image.imageName;
      isACI = form.face == "aci";
    in
    if !isImage image then
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
    else if isACI && domain != null && named.below domain name == null then
      wrong path "the name ${toJSON name} is not below ${domain}, where rkt would look for it; write .override { acName = ${toJSON "${domain}/${names.baseName name}"}; }"
    else
      ok image;

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
          parts = filter isString (split "/" (named.path domain (image number)));
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
        "images[${toString at}]: is ${named.file domain (image at)}, as images[${toString first}] is; give one of them another version or name, or leave it out"
      ) (check.doubles (image: if image == null then null else named.file domain image) images);
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
              filter (base: named.below domain base.imageName != null && !isHere base) (image number).below
          );
    in
    concatMap called numbers ++ concatMap version numbers ++ twice ++ concatMap standing numbers;

in
{
  inherit
    domain
    publicKey
    image
    together
    ;
}
