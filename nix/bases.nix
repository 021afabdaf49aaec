/**
  Bases: images of `mkACI` on which others stand.
*/
let
  inherit (builtins)
    concatMap
    filter
    foldl'
    isAttrs
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
      # One stands on what a recipe makes.
      made = if image.spec.form.recipe or false then image.override { recipe = false; } else image;
      # Who stands on a base of static programs packs what is missing; mounts are for all store paths or for none.
      alike =
        if thin then
          made.thin
        else if made.spec.form.kind == "thin" then
          made.fat
        else
          made;
    in
    if face == "oci" then alike.oci else alike.aci;

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
      direct = map (asBase own) (filter isImage dependencies);
      add =
        known: image:
        if builtins.any (other: other.outPath == image.outPath) known then known else known ++ [ image ];
    in
    foldl' add [ ] (concatMap (image: image.below ++ [ image ]) direct);
}
