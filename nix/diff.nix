/**
  What tells an image from an older one: a derivation of a few pages, for people and for programs.

  Both images are built for it, since what a push sends is known of finished ones only.

  # Inputs

  `newer`
  : the image

  `about`, `described`
  : what makes derivations about it, and what describes images below to them

  `older`
  : another image of `mkACI`; it is taken in the form of the newer one

  # Type

  ```
  Image -> Image -> Derivation
  ```
*/
{
  about,
  bases,
  closure,
  described,
  newer,
}:
older:
let
  what =
    if builtins.isAttrs older then "a set that no mkACI has made" else "a ${builtins.typeOf older}";
  formed = if newer.spec.form.face == "oci" then older.oci else older.aci;
  other = if formed.spec.form.recipe or false then formed.override { recipe = false; } else formed;
in
if !bases.isImage older then
  throw "diffImages: the older image is ${what}; give an image of mkACI, as in diffImages before.redis.oci now.redis.oci"
else if newer.spec.form.face == "manifest" then
  throw "diffImages: a manifest alone holds nothing; give the image itself"
else
  derivation (
    about "diff" {
      output = "${newer}";
      older = {
        inherit (other) spec shared;
        output = "${other}";
        below = described other.below;
      };
    }
    // {
      exportReferencesGraph.closure = closure.unique (newer.graph ++ other.graph);
    }
  )
