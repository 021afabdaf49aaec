/**
  `mkIndex`: one name for an image in several forms of machine. Each machine that pulls it takes the image that is for it.

  The images stay what they are: the index links to their blobs.

  # Inputs

  `images`
  : images of `mkACI`, each for another platform. What is no OCI image is taken as its attribute `oci`

  `name`
  : what the index is called, as `acName` of an image is; that of the images unless given

  `tag`
  : its tag in registries; that of the images unless given

  # Type

  ```
  { builder, system, tools } -> { images :: [ Image ], name ? String, tag ? String } -> Index
  ```

  # Example

  ```nix
  mkIndex { images = [ greeter-amd64 greeter-aarch64 ]; }
  => «derivation …-greeter-index.drv»
  ```
*/
{
  builder,
  system,
  tools ? { },
}:

let
  inherit (import ./check)
    names
    check
    rules
    facts
    ;
  verbs = import ./verbs.nix { inherit builder system tools; };
  job = import ./job.nix;
  inherit (import ./bases.nix) isImage;

  inherit (builtins)
    attrNames
    concatMap
    concatStringsSep
    elemAt
    filter
    genList
    head
    intersectAttrs
    isAttrs
    isList
    length
    stringLength
    toJSON
    ;

  defaults = {
    images = null;
    name = null;
    tag = null;
  };

  # The OCI image itself, of which neither another form nor a recipe is in a registry.
  finished =
    image:
    let
      inherit (image) oci;
    in
    if oci.spec.form.recipe or false then oci.override { recipe = false; } else oci;

  element =
    path: value:
    if isImage value then
      let
        inherit (value.oci) problems;
      in
      {
        value = if problems == [ ] then finished value else null;
        problems = map (problem: "${path}: ${problem}") problems;
      }
    else if isAttrs value && value ? images && value ? tag then
      check.wrong path "is an index itself; give its images, as in images = INDEX.images"
    else
      check.bad path value "must be an image of mkACI, such as redis.oci";

  images =
    value:
    if value == null then
      check.wrong "images" "is missing; write images = [ … ], with an image for each platform"
    else if isList value && value == [ ] then
      check.bad "images" value "must not be empty; name an image for each platform"
    else
      check.listOf element "images" value;

  # What tells images apart that must not; `mend` is how.
  differing =
    what: of: mend: list:
    concatMap (
      at:
      let
        one = elemAt list at;
        first = head list;
      in
      if of one.image == of first.image then
        [ ]
      else
        [
          "${one.path}: ${what} ${of one.image}, and ${first.path} ${of first.image}; ${mend (of first.image)}"
        ]
    ) (genList (at: at) (length list));

  platformOf =
    image:
    let
      inherit (image.spec.image) platform;
    in
    "${platform.os}/${platform.arch}";

  given =
    arguments:
    let
      all = defaults // arguments;
      elements = images all.images;
      # What they have to do with each other is told of those that are right themselves.
      right = filter (one: one.image != null) (
        if isList elements.value then
          genList (at: {
            path = "images[${toString at}]";
            image = elemAt elements.value at;
          }) (length elements.value)
        else
          [ ]
      );
      name = check.optional rules.identifier "name" all.name;
      tag = check.optional (rules.text "tag") "tag" all.tag;
      twice = map (
        { at, first }:
        "${(elemAt right at).path}: is for ${platformOf (elemAt right at).image}, as ${(elemAt right first).path} is; name one image for each platform"
      ) (check.doubles (one: platformOf one.image) right);
      shared =
        if right == [ ] then
          [ ]
        else
          (
            if all.name == null then
              differing "is called" (image: image.imageName) (name: "write name = ${toJSON name}") right
            else
              [ ]
          )
          ++ (
            if all.tag == null then
              differing "has the tag" (image: image.tag) (tag: "write tag = ${toJSON tag}") right
            else
              [ ]
          );
      imageName = if all.name == null then (head right).image.imageName else name.value;
      ownTag = if all.tag == null then (head right).image.tag else tag.value;
      stem = "${names.baseName imageName}-${ownTag}-index";
      problems =
        check.unknown (word: word) (attrNames defaults) arguments
        ++ elements.problems
        ++ name.problems
        ++ tag.problems
        ++ twice
        ++ shared;
      tooLong =
        if problems == [ ] && stringLength stem > facts.stem.longest then
          [
            "name, tag: the index is called ${stem} among files, which has ${toString (stringLength stem)} bytes and may have ${toString facts.stem.longest}"
          ]
        else
          [ ];
    in
    {
      inherit imageName stem;
      tag = ownTag;
      images = map (one: one.image) right;
      problems = problems ++ tooLong;
    };

  mkIndex =
    arguments:
    let
      index = given (
        if isAttrs arguments then
          arguments
        else
          throw "mkIndex: takes a set, as in mkIndex { images = [ … ]; }"
      );
      title = arguments.name or (head (index.images ++ [ { imageName = null; } ])).imageName;
      checked =
        if index.problems == [ ] then
          index
        else
          throw (
            check.report "mkIndex: the index ${if builtins.isString title then title else "without a name"}" index.problems
          );
      inherit (checked) imageName tag;
      baseName = names.baseName imageName;
      repository = names.toRepository imageName;

      index' = derivation {
        name = names.toStoreName "${baseName}-index";
        inherit builder system;
        outputs = [ "out" ];
        __structuredAttrs = true;
        aci = job {
          name = imageName;
          inherit ((head checked.images).spec.image) platform;
          form = {
            face = "index";
            reference = "${repository}:${tag}";
            compression.method = "none";
          };
        };
        closure = [ ];
        images = map (image: "${image}") checked.images;
        preferLocalBuild = true;
      };
      can = verbs {
        name = baseName;
        image = index' // {
          face = "oci";
          isRecipe = false;
        };
      };
    in
    index'
    // intersectAttrs (builtins.listToAttrs (
      map (name: {
        inherit name;
        value = null;
      }) facts.verbs.oci
    )) can
    // {
      inherit (index) problems;
      inherit (checked) images;
      inherit imageName repository tag;
      packages = concatMap (image: image.packages) checked.images;
      # Its own form is the only one.
      oci = mkIndex arguments;
      fileName = "${checked.stem}.oci";
      app = {
        type = "app";
        program = "${index'}/postprocess.sh";
      };
      meta = {
        description = "OCI image index ${imageName} for ${concatStringsSep ", " (map platformOf checked.images)}";
        platforms = [ system ];
      };
    };
in
mkIndex
