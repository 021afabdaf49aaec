/**
  Layers that are made apart: derivations that pack the closures of some packages of an OCI image, so that a change of its
  other packages does not make those layers again.

  Each knows the packages below it, whose store paths it leaves out, and nothing of the images that take its layers. The
  output is `layers.json` and `blobs/`. A recipe has no such derivations: it says which packages they would be of, and makes
  the same layers when it is run.

  # Inputs

  `assembled`
  : what `spec` makes of the arguments

  # Type

  ```
  layers ::
    { builder, system } -> { isRecipe :: Bool } -> Assembled
    -> [ { roots :: [ String ], maxLayers?, output?, packages? } ]
  ```
*/
{ builder, system }:

let
  inherit (import ./check) names;
  closure = import ./closure.nix;

  inherit (builtins)
    concatMap
    elemAt
    genList
    head
    length
    tail
    ;

  job = import ./job.nix;

  take = number: list: genList (elemAt list) (if number < length list then number else length list);
  drop =
    number: list:
    if number < length list then
      genList (at: elemAt list (number + at)) (length list - number)
    else
      [ ];

  # So many derivations at most, since each gets a share of the layers; the last one is of all other packages. Who wants
  # few layers gets them from one that knows all packages.
  most = maxLayers: if maxLayers < 30 then 0 else 4;

  joinedTo =
    number: groups:
    if number == 0 then
      [ ]
    else if length groups <= number then
      groups
    else
      take (number - 1) groups ++ [ (concatMap (group: group) (drop (number - 1) groups)) ];

  rootsOf = packages: closure.unique (concatMap (package: package.paths) packages);

  # What a builder has to know to pack store paths alone, above an image from elsewhere where there is one.
  specOf =
    { image, form, ... }:
    foreign: packages:
    job {
      name =
        let
          name = names.toIdentifier (head packages).name;
        in
        if name == "" then "layers" else name;
      inherit (image) platform;
      root = {
        inherit packages;
      }
      // (if foreign == null then { } else { fromImage.path = foreign; });
      form = {
        face = "layers";
        inherit (form) compression maxLayers selfCheck;
      };
    };
in
{ isRecipe }:
assembled:
let
  inherit (assembled)
    spec
    groups
    below
    foreign
    ;
  inherit (spec) form root;
  isShared = form.face == "oci" && form.kind == "fat";

  # Packages of which only a part is wanted may bring less than their closures.
  others = if root.pathsToLink == [ "/" ] && root.packages != [ ] then tail root.packages else [ ];
  parts =
    if isShared then
      joinedTo (most form.maxLayers) (groups ++ (if others == [ ] then [ ] else [ others ]))
    else
      [ ];

  images = map (image: {
    roots = image.closureRoots;
    inherit (image.spec.form) maxLayers;
  }) below;

  before =
    number:
    images
    ++ map (packages: {
      roots = rootsOf packages;
    }) (take number parts);

  make =
    number:
    let
      packages = elemAt parts number;
      lower = before number;
      roots = rootsOf packages;
    in
    if isRecipe then
      { inherit roots packages; }
    else
      {
        inherit roots;
        output = "${derivation {
          name = "${names.toStoreName (head packages).name}-layers";
          inherit builder system;
          outputs = [ "out" ];
          __structuredAttrs = true;
          aci = specOf spec foreign packages;
          shared = lower;
          exportReferencesGraph.closure = closure.unique (roots ++ concatMap (known: known.roots) lower);
          preferLocalBuild = true;
          unsafeDiscardReferences.out = true;
        }}";
      };
in
if isShared && (parts != [ ] || images != [ ]) then images ++ genList make (length parts) else [ ]
