/**
  From the arguments of `mkACI` to the spec that the builder reads, with every problem on the way.

  # Inputs

  `arguments`
  : all arguments, defaults filled in

  `given`
  : the arguments as the user wrote them, misspelt ones included

  # Type

  ```
  assemble :: Arguments -> Given -> { spec, roots :: [ String ], problems :: [ String ], report, meta }
  ```
*/
{
  names,
  check,
  rules,
  closure,
  system,
}:

let
  inherit (builtins)
    attrNames
    concatMap
    concatStringsSep
    isString
    length
    removeAttrs
    toJSON
    ;

  isolators = import ./isolators.nix { inherit names check; };
  app = import ./app.nix {
    inherit
      names
      check
      rules
      isolators
      ;
  };
  content = import ./content.nix { inherit check rules closure; };
  identity = import ./image.nix {
    inherit
      names
      check
      rules
      closure
      ;
    platformOf = import ./platform.nix { inherit check system; };
  };

  # What users of other tools write.
  synonyms = {
    name = "acName";
    imageName = "acName";
    version = "acVersion";
    tag = "acVersion";
    labels = "acLabels";
    contents = "packages";
    copyToRoot = "packages";
    paths = "packages";
    package = "packages";
    cmd = "exec";
    command = "exec";
    entrypoint = "exec";
    environment = "env";
    volumes = "mounts";
    mountPoints = "mounts";
    capabilities = "isolators";
    workdir = "workingDirectory";
    cwd = "workingDirectory";
    gid = "group";
    uid = "user";
    architecture = "arch";
    extraFiles = "files";
    permissions = "perms";
  };

  # What an image is in each of its forms.
  kinds = {
    aci = "App Container Image";
    oci = "OCI image";
    manifest = "Manifest of the image";
  };

  unknown =
    known: word:
    let
      meant =
        if synonyms ? ${word} then "did you mean ${toJSON synonyms.${word}}?" else check.meant word known;
    in
    "${word}: is not an argument of mkACI; ${meant}";
in
arguments: given:
let
  image = identity arguments;
  joined = check.joinAttrs (
    {
      inherit (image)
        name
        version
        kind
        labels
        annotations
        dependencies
        pathWhitelist
        ;
    }
    // app arguments
    // content arguments
  );
  # Only what is right so far is searched; the packages are known in full already.
  mentioned = closure.mentions (removeAttrs joined.value [ "packages" ]);
  problems =
    map (unknown (attrNames arguments)) (attrNames (removeAttrs given (attrNames arguments)))
    ++ image.problems
    ++ joined.problems;

  # What to call an image in a message that may be about its name.
  title =
    if image.name.problems == [ ] && image.name.value != null then
      image.name.value
    else if isString arguments.acName then
      arguments.acName
    else
      "without a name";

  source = image.pkg.meta or { };
  described = if source ? description then ": ${source.description}" else "";
in
{
  spec = joined.value;
  problems = if problems == [ ] then mentioned.problems else problems;
  roots = closure.unique (
    concatMap (package: package.paths) joined.value.packages ++ mentioned.roots
  );

  report =
    problems:
    concatStringsSep "\n  " (
      [
        "mkACI: the image ${title} has ${
          if length problems == 1 then "a problem" else "${toString (length problems)} problems"
        }:"
      ]
      ++ problems
    );

  meta = {
    description = "${kinds.${arguments.face}} ${title}${described}";
  }
  // (if source ? homepage then { inherit (source) homepage; } else { })
  // (if source ? license then { inherit (source) license; } else { });
}
