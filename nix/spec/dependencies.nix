/**
  Dependencies: the images below this one, made by `mkACI` or from elsewhere.

  # Inputs

  `own`
  : this image, `{ face; thin; name; os; arch; labels; }` with all its labels, null where something is wrong itself

  # Type

  ```
  dependencies :: { labels } -> Own -> Checker
  ```
*/
{ labels }:

let
  inherit (import ../check) check rules facts;

  inherit (import ../bases.nix) isImage asBase;

  inherit (builtins)
    all
    attrNames
    elemAt
    filter
    genList
    isAttrs
    length
    toJSON
    ;
in
own: path: list:
let
  # An image that mkACI made. What it is made from is known, so that it can be judged and used.
  ofImage =
    path: value:
    let
      base = asBase own value;
      inherit (base.spec) image;
      verdict = check.ok {
        imageName = image.name;
        labels = base.labels // {
          inherit (image) version;
        };
        output = "${base}";
      };
      platform = "${own.os}/${own.arch}";
      other = "${base.labels.os}/${base.labels.arch}";
      above = filter (below: isThis below.spec.image.name (labelsOf below)) base.below;
    in
    if own.os != null && own.arch != null && other != platform then
      check.wrong path "is the image ${image.name} for ${other}, and this one is for ${platform}; take the one for that, or set os and arch"
    else if above != [ ] then
      check.wrong path "is the image ${image.name}, which stands on ${own.name}, this image itself; one of the two has to do without the other"
    else
      verdict;

  # Of what is wrong itself, no more is told.
  dependency =
    path: value:
    if isImage value then
      ofImage path value
    else if isAttrs value && value ? outPath then
      check.wrong path "is a package, and no image; write packages for what this image is made of, and fromImage for an OCI image that mkACI has not made"
    else
      fromElsewhere path value;

  fromElsewhere =
    path: value:
    let
      verdict = check.record {
        imageName = {
          check = rules.identifier;
          missing = "write imageName = \"example.com/base\"";
        };
        imageID = rules.text "imageID";
        labels = labels.wanted own;
        size = check.integer facts.numbers.size;
      } path value;
    in
    if verdict.problems == [ ] then verdict else verdict // { value = null; };

  verdict = check.listOf dependency path list;
  at = number: "${path}[${toString number}]";
  get = elemAt verdict.value;
  right = filter (number: get number != null) (genList (number: number) (length verdict.value));

  # All labels that are wanted: runtimes add the platform of this image.
  wanted = dependency: { inherit (own) os arch; } // dependency.labels or { };

  # What a runtime finds for a dependency is this image when it has all that is wanted.
  isThis =
    name: labels:
    name == own.name && all (label: own.labels.${label} or null == labels.${label}) (attrNames labels);
  isItself = dependency: isThis dependency.imageName (wanted dependency);
  labelsOf = image: image.labels // { inherit (image.spec.image) version; };
  itself = filter (number: isItself (get number)) right;

  # Two that are alike in name and labels are different images when both have an ID, and those differ.
  id = dependency: if dependency == null then null else dependency.imageID or null;
  look =
    dependency:
    if dependency == null then
      null
    else
      toJSON [
        dependency.imageName
        (wanted dependency)
      ];
  sameID = check.doubles id verdict.value;
  sameLook = filter (double: id (get double.at) == null || id (get double.first) == null) (
    check.doubles look verdict.value
  );
in
if verdict.value == null then
  verdict
else
  check.also (
    map (number: "${at number}.imageName = ${toJSON own.name}: is this image itself") itself
    ++ map (double: "${at double.at}: is the image of ${at double.first} too; name it once") (
      sameID ++ sameLook
    )
  ) verdict
