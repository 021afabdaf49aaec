/**
  Images from elsewhere that lie below (argument `fromImage`). A derivation of its own reads one, once for all images
  that stand on it: it compares the layers with their digests, and writes what is in them.

  # Inputs

  `own`
  : this image, `{ face; os; arch; }`, null where something is wrong itself

  `given`
  : the arguments as the user wrote them

  # Type

  ```
  fromImage :: { builder, system } -> Own -> Given -> Checker
  ```
*/
{ builder, system }:

let
  inherit (import ./check) names check;

  inherit (import ./bases.nix) isImage;

  inherit (builtins)
    baseNameOf
    hasContext
    isAttrs
    isPath
    isString
    match
    unsafeDiscardStringContext
    ;

  job = import ./job.nix;

  forms = "an OCI layout, or an archive of one or of docker save";

  # The name of a store path without its hash.
  nameOf =
    source:
    let
      parts = match "[0-9a-z]{32}-(.*)" (unsafeDiscardStringContext (baseNameOf source));
    in
    if parts == null then "image" else builtins.head parts;

  # It knows the image and the platform alone, so that all that stand on it share it.
  read =
    platform: source:
    derivation {
      name = names.toStoreName "${nameOf source}-layers";
      inherit builder system;
      outputs = [ "out" ];
      __structuredAttrs = true;
      aci = job {
        name = "from-image";
        inherit platform;
        root.fromImage.path = source;
        form = {
          face = "foreign";
          compression.method = "none";
        };
      };
      closure = [ ];
      preferLocalBuild = true;
    };

  source =
    path: value:
    if isImage value then
      check.bad path value "is an image of mkACI; write dependencies = [ … ] for those"
    else if isString value && !hasContext value then
      check.bad path value
        "is a text, and no path; write it without quotes, as in ./image.tar, or take a derivation"
    else if isString value || isPath value || isAttrs value && value ? outPath then
      check.string path value
    else
      check.bad path value "must be a path or a derivation: ${forms}";
in
own: given: path: value:
if value == null then
  check.ok null
else if own.face != "oci" then
  check.wrong path "nothing but an OCI image has layers to put below; build that, the attribute oci (or mkOCI)"
else
  let
    verdict = source path value;
    takes = argument: (given.${argument} or null) == null;
  in
  verdict
  // (
    if verdict.problems != [ ] then
      { }
    else
      {
        value = {
          path = "${read { inherit (own) os arch; } verdict.value}";
          # What the user says of neither is as that image has it.
          itsUser = takes "user";
          itsGroup = takes "user" && takes "group";
        };
      }
  )
