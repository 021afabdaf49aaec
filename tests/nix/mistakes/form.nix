/**
  What is written, and how it is packed.
*/
{
  mkACI,
  pkgs,
  told,
  argument,
  ...
}:
{
  thin = argument "thin" "yes" "thin = \"yes\": must be true or false";
  compression =
    argument "compression" "zstd"
      "compression = \"zstd\": runtimes of App Container Images do not read it; take \"gzip\" or \"xz\", or build the OCI image, the attribute oci";
  compressionOci = {
    expr =
      (mkACI {
        packages = [ pkgs.nginx ];
        compression.method = "xz";
      }).oci.problems;
    expected = [
      "compression.method = \"xz\": OCI images have no such layers; take \"zstd\" or \"gzip\", as in .override { compression = \"zstd\"; }"
    ];
  };
  compressionUnknown =
    argument "compression" "gzipp"
      "compression = \"gzipp\": must be \"gzip\" or \"none\" or \"xz\"; did you mean \"gzip\"?";
  compressionShort =
    argument "compression" "gz"
      "compression = \"gz\": must be \"gzip\" or \"none\" or \"xz\"; did you mean \"gzip\"?";
  compressionLevel = argument "compression" {
    method = "gzip";
    level = 13;
  } "compression.level = 13: the level of gzip is a whole number from 1 to 12";
  compressionLevelBounds = argument "compression" {
    method = "gzip";
    level = 20;
  } "compression.level = 20: the level of gzip is a whole number from 1 to 12";
  compressionLevelNone = argument "compression" {
    method = "none";
    level = 1;
  } "compression.level: nothing is compressed; leave level out";
  compressionBoth =
    told
      {
        compression = {
          method = "gzipp";
          level = "high";
        };
      }
      [
        "compression.level = \"high\": the level is a whole number from 0 to 19"
        "compression.method = \"gzipp\": must be \"gzip\" or \"none\" or \"xz\"; did you mean \"gzip\"?"
      ];
  face = argument "face" "docker" "face = \"docker\": must be \"aci\" or \"manifest\" or \"oci\"";
  recipe = argument "recipe" "yes" "recipe = \"yes\": must be true or false";
  sbom = argument "sbom" "spdx" "sbom = \"spdx\": must be true or false";
  recipeManifest =
    told
      {
        face = "manifest";
        recipe = true;
      }
      [
        "recipe: the form manifest has none, since nothing is packed for it; leave recipe out, or take the attribute recipe of another form"
      ];
  report = argument "report" true "report = true: must be a set with files";
  reportFiles = argument "report" { files = "no"; } "report.files = \"no\": must be true or false";
  reportWord = argument "report" {
    file = false;
  } "report.file: is not known here; did you mean \"files\"?";
  layersFew =
    argument "maxLayers" 1
      "maxLayers = 1: the number of layers is a whole number from 2 to 127";
  layersMany =
    argument "maxLayers" 128
      "maxLayers = 128: the number of layers is a whole number from 2 to 127";
  layersText =
    argument "maxLayers" "60x"
      "maxLayers = \"60x\": the number of layers is a whole number from 2 to 127";

  compressionManifest = told {
    face = "manifest";
    compression = "zstd";
  } [ ];
  faceNumber = argument "face" 5 "face = 5: must be \"aci\" or \"manifest\" or \"oci\"";
}
