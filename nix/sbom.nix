/**
  The bill of materials of an image: a derivation that tells what it is made of, as CycloneDX and as SPDX.

  # Inputs

  `about`
  : what makes derivations about the image

  `packages`
  : what packages say of themselves

  `layout`
  : the OCI image that is finished, which knows what is in which layer; null where there is none. Of a recipe is told what
    is told of the image that it makes, as far as that is known before

  # Type

  ```
  { about, spec, packages :: [ Facts ], layout :: Null | Derivation } -> Derivation
  ```
*/
{
  about,
  spec,
  packages,
  layout,
}:
derivation (
  about "sbom" (
    {
      inherit packages;
    }
    // (if layout == null then { } else { layout = "${layout}"; })
  )
  // {
    aci = spec // {
      form = builtins.removeAttrs spec.form [
        "recipe"
        "sbom"
      ];
    };
  }
)
