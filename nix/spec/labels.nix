/**
  Labels: what an image is found by. Those of an image, and those that it wants of others.
*/
{ platform }:

let
  inherit (import ../check) check rules;

  inherit (builtins) attrNames concatMap;
  inherit (check)
    also
    attrsOf
    both
    member
    ;

  nameFault =
    name:
    if name == "name" then "is reserved; the image's name is acName" else rules.identifierFault name;

  value = rules.faultless (
    text: if text == "" then "must not be empty; leave the label out" else rules.fault "labelValue" text
  );

  free = attrsOf nameFault value;

  # The arguments of the labels that every image has.
  ours = {
    version = "acVersion";
    os = "os";
    arch = "arch";
  };

  # What a label that is wanted has to be besides: a version, or a platform of the image's form. Where one half of the
  # platform is left out, the image's own counts.
  known =
    own: path: labels:
    let
      os = labels.os or own.os;
      arch = labels.arch or own.arch;
      hasBoth = (labels ? os || labels ? arch) && os != null && arch != null;
      judged = platform.judge own.face {
        os = member path "os";
        arch = member path (if labels ? arch then "arch" else "os");
      } { inherit os arch; };
      version = rules.faultless rules.versionFault (member path "version") labels.version;
    in
    also (
      (if labels ? version then version.problems else [ ])
      ++ (if hasBoth then judged.os.problems ++ judged.arch.problems else [ ])
    ) (check.ok labels);
in
{
  /**
    A checker for `acLabels`.
  */
  free =
    path: labels:
    also (concatMap (
      label:
      if labels ? ${label} then
        [ "${path}.${label}: is always set; write the argument ${ours.${label}} instead" ]
      else
        [ ]
    ) (attrNames ours)) (free path labels);

  /**
    A checker for the labels that another image must have. `own` is this image: `{ face; os; arch; }`.
  */
  wanted = own: both free (known own);
}
