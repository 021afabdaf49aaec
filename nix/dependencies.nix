/**
  Dependencies: the images below this one.

  # Inputs

  `own`
  : this image, `{ face; name; os; arch; labels; }` with all its labels, null where something is wrong itself

  # Type

  ```
  dependencies :: { check, rules, labels } -> Own -> Checker
  ```
*/
{
  check,
  rules,
  labels,
}:

let
  facts = import ./facts.nix;

  inherit (builtins)
    all
    attrNames
    elemAt
    filter
    genList
    length
    toJSON
    ;
in
own: path: list:
let
  # Of what is wrong itself, no more is told.
  dependency =
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
  isItself =
    dependency:
    let
      labels = wanted dependency;
    in
    dependency.imageName == own.name
    && all (label: own.labels.${label} or null == labels.${label}) (attrNames labels);
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
