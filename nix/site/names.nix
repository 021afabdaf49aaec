/**
  What images and their files are called on a site.

  # Type

  ```
  { below :: Domain -> String -> String | null, path, file :: Domain | null -> Image -> String }
  ```
*/
let
  inherit (builtins) stringLength substring;
  # A name below the domain, without the domain.
  below =
    domain: name:
    let
      at = stringLength domain + 1;
    in
    if substring 0 at name == "${domain}/" then substring at (stringLength name) name else null;

  # What the files of an image are called but for their endings.
  path =
    domain: image:
    let
      inner = if domain == null then null else below domain image.imageName;
    in
    if inner == null then image.imageName else inner;
  stemOf =
    domain: image:
    let
      inherit (image.spec.image) version platform;
    in
    "${path domain image}-${version}-${platform.os}-${platform.arch}";
  file = domain: image: "${stemOf domain image}.${image.spec.form.face}";

in
{
  inherit below path file;
}
