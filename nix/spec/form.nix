/**
  The form of an image: what is written, and how it is packed.
*/
let
  inherit (import ../check) names check facts;

  # Those that users choose among; layers are made for one of them.
  faces = builtins.removeAttrs facts.faces [
    "foreign"
    "index"
    "layers"
  ];

  inherit (builtins)
    attrNames
    attrValues
    concatMap
    elem
    elemAt
    foldl'
    isString
    ;
  inherit (check)
    bad
    integer
    ok
    record
    wrong
    ;

  # Why a form cannot be compressed with all that others take.
  unread = {
    aci = "runtimes of App Container Images do not read it; take \"gzip\" or \"xz\", or build the OCI image, the attribute oci";
    oci = "OCI images have no such layers; take \"zstd\" or \"gzip\", as in .override { compression = \"zstd\"; }";
  };

  method =
    face: path: value:
    let
      fit = facts.faces.${face}.compression;
    in
    if isString value && facts.compression ? ${value} && !elem value fit then
      bad path value unread.${face}
    else
      check.oneOf fit path value;

  level =
    method:
    let
      levels = facts.compression.${method}.levels or null;
      all = concatMap (known: known.levels or [ ]) (attrValues facts.compression);
      between =
        least: most: what:
        integer { inherit least most what; };
    in
    if !(isString method && facts.compression ? ${method}) then
      between (foldl' (a: b: if a < b then a else b) 0 all) (foldl' (
        a: b: if a > b then a else b
      ) 0 all) "the level"
    else if levels == null then
      path: _: wrong path "nothing is compressed; leave level out"
    else
      between (elemAt levels 0) (elemAt levels 1) "the level of ${method}";

  compression =
    face: path: value:
    if isString value then
      let
        verdict = method face path value;
      in
      verdict
      // {
        value = {
          method = verdict.value;
        };
      }
    else
      record {
        method = {
          check = method face;
          missing = "write method = \"gzip\"";
        };
        level = level (value.method or null);
      } path value;

  kind =
    args:
    let
      thin = check.bool "thin" args.thin;
      static = check.bool "static" args.static;
      problems = thin.problems ++ static.problems;
      # `static` says which store paths are packed; a thin image packs none, whatever its packages are.
      value =
        if thin.value then
          "thin"
        else if static.value then
          "static"
        else
          "fat";
    in
    {
      value = if problems == [ ] then value else null;
      inherit problems;
    };
in
rec {
  /**
    What an image is called where there are registries; a thin one says so, lest it replace the fat one.
  */
  reference =
    {
      name,
      version,
      kind,
    }:
    rec {
      repository = names.toRepository name;
      tag = names.toTag version (if kind == "thin" then "-thin" else "");
      text = "${repository}:${tag}";
    };

  /**
    The members of a form. `name` and `version` are those of the image, null where they are wrong.
  */
  members =
    { name, version }:
    args:
    let
      face = check.oneOf (attrNames faces) "face" args.face;
      known = if face.value == null then "aci" else face.value;
      kindOf = kind args;
      maxLayers = integer facts.numbers.maxLayers "maxLayers" args.maxLayers;
      recipe = check.bool "recipe" args.recipe;
      sbom = check.bool "sbom" args.sbom;
      isNamed = name != null && version != null && kindOf.value != null;
    in
    {
      inherit face;
      kind = kindOf;
      reference = ok (
        if isNamed then
          (reference {
            inherit name version;
            kind = kindOf.value;
          }).text
        else
          null
      );
      compression = compression known "compression" args.compression;
      sign = check.bool "sign" args.sign;
      selfCheck = check.bool "selfCheck" args.selfCheck;
      # Of what a form does not have, its spec says nothing.
      recipe =
        if known == "manifest" && recipe.value == true then
          wrong "recipe" "the form manifest has none, since nothing is packed for it; leave recipe out, or take the attribute recipe of another form"
        else
          recipe // { value = if recipe.value == true then true else null; };
      maxLayers = maxLayers // (if known == "oci" then { } else { value = null; });
      sbom = sbom // {
        value = if sbom.value == true && known == "oci" then true else null;
      };
    };
}
