/**
  What can be done with an image, as packages: `nix run .#redis.oci.push -- REGISTRY/REPOSITORY`.

  Each does what the script beside the image or its recipe does, with the tools of the package set before those of PATH. An
  App Container Image has no scripts beside it, since its output refers to nothing, and so has these alone.

  # Inputs

  `builder`, `system`
  : the program that packs images, and what it runs on

  `tools`
  : for each verb the packages of the programs that it calls; what is null is left to PATH

  # Type

  ```
  { name :: String, image :: Image } -> { ${verb} :: Derivation }
  ```
*/
{
  builder,
  system,
  tools,
}:

let
  inherit (builtins) elem filter listToAttrs;

  inherit (import ./check) facts;
in
{ name, image }:
listToAttrs (
  map (verb: {
    name = verb;
    value =
      if
        !image.isRecipe && image.face != "oci" && !(image.face == "aci" && elem verb facts.verbs.aci)
      then
        throw "mkACI: the image ${name} is a file or a manifest, of which there is no ${verb}; write .oci.${verb}"
      else if elem verb facts.verbs.thin && !(image.isThin && !image.isRecipe) then
        throw "mkACI: ${verb} is of thin OCI images that are built, and ${name} is none; write .thin.oci.${verb}"
      else if !image.isRecipe && !elem verb (facts.verbs.oci ++ facts.verbs.thin) then
        throw "mkACI: there is no ${verb} of the image ${name}, but of its recipe; write .recipe.${verb}"
      else
        derivation {
          name = "${name}-${verb}";
          inherit builder system;
          # The builder writes a script.
          args = [
            "script"
            verb
            "${image}"
          ]
          ++ map (tool: "${tool}/bin") (filter (tool: tool != null) (tools.${verb} or [ ]));
          preferLocalBuild = true;
        }
        // {
          meta = {
            description = "${verb} of the image ${name}";
            mainProgram = verb;
          };
        };
  }) (facts.verbs.recipe ++ facts.verbs.thin)
)
