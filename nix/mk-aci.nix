/**
  `mkACI`: an image from packages and a few words about what runs in it. It is an App Container Image; its attribute
  `oci` is the same image for the runtimes that take OCI images.

  What can be wrong is checked here, all of it at once, and told in the words of the arguments. What is right goes, as
  one attribute, to the builder: a single program that reads it and writes the image. No shell runs in between, nothing
  is built to be evaluated, and no package set is needed: this file and those beside it use builtins alone. The arguments
  themselves are in arguments.nix.

  # Inputs

  `builder`
  : path of the executable that packs images, in the store

  `system`
  : the system that the builder runs on; the packages may be for another one

  `tools`
  : for verbs such as `push`, the packages of the programs that they call; PATH has them unless given

  # Type

  ```
  { builder :: String, system :: String, tools ? { ${verb} :: [ Null | Package ] } } -> (Arguments -> Image)
  ```

  # Example

  ```nix
  mkACI {
    packages = [ pkgs.busybox ];
    exec = [ "/bin/httpd" "-f" "-p" "80" ];
    ports.http = { protocol = "tcp"; port = 80; };
  }
  => «derivation …-busybox.drv»
  ```
*/
{
  builder,
  system,
  tools ? { },
}:

let
  inherit (import ./check) names;
  closure = import ./closure.nix;
  meta = import ./meta.nix;
  bases = import ./bases.nix;
  verbs = import ./verbs.nix { inherit builder system tools; };
  layers = import ./layers.nix { inherit builder system; };
  assemble = import ./spec {
    inherit system;
    fromImage = import ./from-image.nix { inherit builder system; };
  };

  mkACI =
    given:
    let
      assembled = assemble given;
      inherit (assembled) arguments;
      # Every fact of the image goes through here, so that no part of a wrong spec is ever used.
      checked =
        if assembled.problems == [ ] then assembled else throw (assembled.report assembled.problems);
      inherit (checked) spec;
      inherit (spec.image) name version;
      inherit (spec.form) face kind;
      isRecipe = arguments.recipe == true;
      baseName = names.baseName name;
      again = changes: mkACI (given // changes);

      inherit (checked) below;
      shared = layers { inherit isRecipe; } checked;

      # Which outputs there are is asked before anything of the packages is, so it is judged by what can be told from the
      # outside: whether the output has references to keep, to other images, layers, and the program of its scripts.
      refers = arguments.face == "oci" || arguments.dependencies != [ ];
      # Names of store paths are readable in such an archive, so it is in an output of its own, which refers to nothing.
      isApart =
        refers
        && !isRecipe
        && arguments.thin != true
        && builtins.elem (arguments.compression.method or arguments.compression) [
          "none"
          "xz"
        ];

      common = {
        inherit builder system shared;
        __structuredAttrs = true;
        aci = spec;
        exportReferencesGraph.closure = graph;
        below = described below;
        # Nix brings the closure to this machine before it asks a builder, and packing it takes less time than the image
        # takes to come back. Who has no builder here, or --max-jobs 0, has it packed elsewhere all the same.
        preferLocalBuild = true;
      };
      graph = closure.unique (checked.roots ++ builtins.concatMap (base: base.closureRoots) below);
      described = map (base: {
        output = "${base}";
        inherit (base) spec;
      });

      image = derivation (
        common
        // {
          name = names.toStoreName (
            baseName + (if face == "aci" then "" else "-${face}") + (if isRecipe then "-recipe" else "")
          );
          outputs = [ "out" ] ++ (if isApart then [ "packed" ] else [ ]);
        }
        # A packed image brings all it needs: names of store paths within it are no references. Those of a thin image
        # and of a recipe are, so that they live as long as it does.
        // (
          if arguments.thin == true || isRecipe || refers && !isApart then
            { }
          else
            { unsafeDiscardReferences.${if isApart then "packed" else "out"} = true; }
        )
      );

      # What is told about the image comes from a derivation of its own, which nothing ties to a package.
      about =
        what: told:
        common
        // {
          name = names.toStoreName "${baseName}-${what}";
          about.${what} = told;
          unsafeDiscardReferences.out = true;
        };

      # What can be done with it, as packages: `push`, `load` and others.
      can = verbs {
        name = baseName;
        image = image // {
          inherit face isRecipe;
          isThin = arguments.thin == true;
        };
      };

      attributes = {
        # The same image in its other forms. Each is evaluated only when it is asked for.
        thin = again { thin = true; };
        fat = again {
          thin = false;
          static = false;
        };
        static = again {
          thin = false;
          static = true;
        };
        aci = again { face = "aci"; };
        oci = again { face = "oci"; };
        manifest = again {
          face = "manifest";
          recipe = false;
        };
        # What makes the same bytes later, where they are wanted.
        recipe = again { recipe = true; };
        # What is inside, and why. No layers are made for it, and a budget that is broken is the more reason to tell.
        report =
          if isRecipe then
            (again { recipe = false; }).report
          else
            derivation (
              about "report" checked.about.report
              // {
                aci = removeAttrs spec [ "budget" ] // {
                  form = removeAttrs spec.form [ "sbom" ];
                };
                shared = layers { isRecipe = true; } checked;
              }
            );

        /**
          The image with other arguments: a set of them, or a function from the old ones, which are all there.
        */
        override =
          changes:
          again (if builtins.isFunction changes || changes ? __functor then changes arguments else changes);
        # What users of other derivations try next.
        overrideAttrs =
          _:
          throw "mkACI: the image ${name} has no attributes to override, as no stdenv makes it; write .override { … } with arguments of mkACI";

        # What is wrong with the arguments, instead of an error.
        inherit (assembled) problems;
        # What was written otherwise than meant, and is taken as it was meant.
        inherit (assembled) notes;
        inherit spec version;
        inherit (arguments) packages;
        imageName = name;
        labels = spec.image.labels // spec.image.platform;
        # What the image is called among other files: an OCI image is a directory, which postprocess.sh links so. A thin one
        # has a name of its own, as it has a tag.
        fileName =
          if face == "manifest" then
            face
          else
            "${baseName}-${version}${
              if face == "oci" && spec.form.kind == "thin" then "-thin" else ""
            }.${face}";
        # What the image is called where there are registries.
        inherit (assembled.reference { inherit name version kind; }) repository tag;
        closureRoots = checked.roots;
        # The images that it stands on, lowest first, and what else makes it.
        inherit below graph shared;
        # What tells it from an older one.
        diff =
          if isRecipe then
            (again { recipe = false; }).diff
          else
            import ./diff.nix {
              inherit
                about
                bases
                closure
                described
                ;
              newer = image // attributes;
            };
        # What it is made of, for programs to read.
        sbom = import ./sbom.nix {
          inherit about spec;
          packages = meta checked.sources;
          layout = if face == "oci" && !isRecipe then image else null;
        };
        # The packages of the image and of those below, as they were given.
        inherit (checked) sources;
        # What `nix run` does with the image, where a flake says so.
        app = {
          type = "app";
          program = "${image}/${if isRecipe then "save" else "postprocess.sh"}";
        };
        meta = checked.meta // {
          platforms = [ system ];
        };
      };
    in
    image // can // attributes;
in
mkACI
