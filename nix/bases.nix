/**
  Bases: images of `mkACI` on which others stand.
*/
let
  inherit (builtins)
    concatMap
    filter
    foldl'
    isAttrs
    isList
    ;
in
rec {
  /**
    Whether `mkACI` made this.
  */
  isImage = value: isAttrs value && value ? closureRoots && value ? spec && value ? below;

  /**
    The image in the form in which one stands on it: `{ face; thin; }` is what that one is.
  */
  asBase =
    { face, thin, ... }:
    image:
    let
      # What is wrong with another form does not matter.
      formed = if face == "oci" then image.oci else image.aci;
      # One stands on what a recipe makes.
      alike = if formed.spec.form.recipe or false then formed.override { recipe = false; } else formed;
    in
    # Who stands on a base of static programs packs what is missing; mounts are for all store paths or for none.
    if thin then
      alike.thin
    else if alike.spec.form.kind == "thin" then
      alike.fat
    else
      alike;

  /**
    The images of `dependencies`, and those on which they stand: each once, after those that it stands on itself.

    # Type

    ```
    below :: { face, thin } -> [ Dependency ] -> [ Image ]
    ```
  */
  below =
    own: dependencies:
    let
      # Of what is no list, the checks tell.
      direct = if isList dependencies then map (asBase own) (filter isImage dependencies) else [ ];
      add =
        known: image:
        if builtins.any (other: other.outPath == image.outPath) known then known else known ++ [ image ];
    in
    foldl' add [ ] (concatMap (image: image.below ++ [ image ]) direct);

  /**
    The image from elsewhere that lies lowest, where `own`, this image's, or that of an image below is one; and what is
    wrong if they differ.

    # Type

    ```
    foreign :: Null | { path, … } -> [ Image ] -> { path :: Null | String, problems :: [ String ] }
    ```
  */
  foreign =
    own: below:
    let
      from = filter (image: image.spec.root ? fromImage) below;
      pathOf = image: image.spec.root.fromImage.path;
      others = path: filter (image: pathOf image != path) from;
      nameOf = image: image.spec.image.name;
    in
    if own != null then
      {
        inherit (own) path;
        problems = map (
          image:
          "fromImage: the image ${nameOf image} below stands on another one; leave fromImage out, and this image stands on that one too"
        ) (others own.path);
      }
    else if from == [ ] then
      {
        path = null;
        problems = [ ];
      }
    else
      rec {
        path = pathOf (builtins.head from);
        problems = map (
          image:
          "dependencies: the images ${nameOf (builtins.head from)} and ${nameOf image} stand on different images, those of their fromImage, and only one can lie lowest"
        ) (others path);
      };
}
