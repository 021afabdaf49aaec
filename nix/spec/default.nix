/**
  From the arguments of `mkACI` to the spec that the builder reads, with every problem on the way.

  A spec has three parts: the `image`, what is true of it in every form; the `root`, what its file system is made of;
  and the `form`, what is written. A fourth one, the `budget`, says what may not come of it, where its author does.

  # Inputs

  `given`
  : the arguments as the user wrote them, misspelt ones included

  # Type

  ```
  assemble :: { system, fromImage } -> Given -> { arguments, spec, about, groups, below, foreign, reference, roots, problems, notes :: [ String ], report, meta }
  ```
*/
{ system, fromImage }:

let
  inherit (import ../check) check;
  closure = import ../closure.nix;
  packages = import ../packages.nix;
  meta = import ../meta.nix;
  bases = import ../bases.nix;
  defaults = import ../arguments.nix;

  inherit (builtins)
    attrNames
    concatLists
    concatMap
    intersectAttrs
    isAttrs
    isList
    isString
    mapAttrs
    removeAttrs
    ;

  app = import ./app.nix;
  root = import ./root.nix;
  words = import ./words.nix;
  slashes = import ./slashes.nix;
  form = import ./form.nix;
  budget = import ./budget.nix;
  about = import ./about.nix;
  identity = import ./image.nix {
    platform = import ./platform.nix { inherit system; };
  };

  # What an image is in each of its forms.
  kinds = {
    aci = "App Container Image";
    oci = "OCI image";
    manifest = "Manifest of the image";
  };

  # An image as the builder has it: two arguments that say one thing are one member.
  asValues =
    image:
    let
      mounts =
        readOnly:
        mapAttrs (
          _: path: {
            inherit path readOnly;
          }
        );
    in
    removeAttrs image [
      "os"
      "arch"
      "mountsRo"
    ]
    // {
      platform = { inherit (image) os arch; };
      mounts = mounts false image.mounts // mounts true image.mountsRo;
      isolators = map (name: {
        inherit name;
        value = image.isolators.${name};
      }) (attrNames image.isolators);
    };
in
given:
let
  clean = slashes (defaults // given);
  inherit (clean) arguments notes;
  image = identity arguments;
  parts = {
    image = image.members // app arguments;
    root = root arguments // {
      fromImage = check.also foreign.problems (
        fromImage {
          inherit (arguments) face;
          os = image.members.os.value;
          arch = image.members.arch.value;
        } given "fromImage" arguments.fromImage
      );
    };
    form =
      form.members {
        name = image.members.name.value;
        version = image.members.version.value;
      } arguments
      // {
        # The builder's log says them.
        notes = check.ok (if notes == [ ] then null else notes);
      };
    budget = budget arguments;
  };
  joined = check.joinAttrs (parts.image // parts.root // parts.form // parts.budget);
  told = check.joinAttrs (about arguments);
  members = mapAttrs (_: members: intersectAttrs members joined.value) parts;
  # Only what is right so far is searched; the packages are known in full already.
  mentioned = closure.mentions (
    removeAttrs joined.value [
      "packages"
      "layers"
      "dependencies"
      "fromImage"
    ]
  );
  groups = joined.value.layers or [ ];
  below = bases.below {
    inherit (arguments) face;
    thin = arguments.thin == true;
  } arguments.dependencies;
  foreign = bases.foreign parts.root.fromImage.value below;
  # The packages of the images below and of this one, as they were given.
  sources =
    concatMap (base: base.sources) below
    ++ concatMap (value: if isList value then value else [ value ]) (
      arguments.packages ++ arguments.layers ++ (if arguments.pkg == null then [ ] else [ arguments.pkg ])
    );
  problems =
    concatMap (word: words.answers word given.${word}) (
      attrNames (removeAttrs given (attrNames defaults))
    )
    ++ image.problems
    ++ joined.problems
    ++ told.problems;

  # What to call an image in a message that may be about its name.
  title =
    if image.members.name.value != null then
      image.members.name.value
    else if isString arguments.acName then
      arguments.acName
    else
      "without a name";

  source = if isAttrs (image.pkg.meta or null) then image.pkg.meta else { };
  said = packages.text (source.description or null);
  described = if said == null then "" else ": ${said}";
in
{
  inherit arguments notes;
  inherit (form) reference;
  spec = (if members.budget == { } then removeAttrs members [ "budget" ] else members) // {
    image = asValues members.image;
    # What packages say is none of the author's, and no text in which store paths are looked for.
    form = members.form // (if members.form.sbom or false then { sbom = meta sources; } else { });
    root = members.root // (if groups == [ ] then { } else { layers = concatLists groups; });
  };
  # Nothing of the image depends on it.
  about = told.value;
  inherit groups below;
  inherit sources;
  foreign = foreign.path;
  problems = if problems == [ ] then mentioned.problems else problems;
  roots = closure.unique (
    concatMap (package: package.paths) (joined.value.packages ++ concatLists groups) ++ mentioned.roots
  );

  report = check.report "mkACI: the image ${title}";

  meta = {
    description = "${
      if arguments.recipe == true then "Recipe of the " else ""
    }${kinds.${arguments.face}} ${title}${described}";
  }
  // (if source ? homepage then { inherit (source) homepage; } else { })
  // (if source ? license then { inherit (source) license; } else { });
}
