/**
  The images of this project: that each is a right description, in each form.
*/
{ pkgs, ... }:
let
  project = import ../.. {
    inherit pkgs;
    system = "x86_64-linux";
  };
  inherit (project) images;
  names = builtins.attrNames images;
  expressions = builtins.filter (name: builtins.match ".*[.]nix" name != null) (
    builtins.attrNames (builtins.readDir ../../pkgs/linux)
  );
in
{
  noProblems = {
    expr = builtins.concatMap (
      name: map (problem: "${name}: ${problem}") images.${name}.problems
    ) names;
    expected = [ ];
  };
  allDerivations = {
    expr = builtins.filter (name: builtins.match ".*[.]drv" images.${name}.drvPath == null) names;
    expected = [ ];
  };
  allThin = {
    expr = builtins.filter (name: images.${name}.thin.spec.form.kind != "thin") names;
    expected = [ ];
  };
  allRun = {
    expr = builtins.filter (name: (with images.${name}.spec.image; exec ++ args) == [ ]) names;
    expected = [ ];
  };

  # Each image can be reached from the command line.
  allNamed = {
    expr = builtins.filter (
      file: !(images ? ${builtins.substring 0 (builtins.stringLength file - 4) file})
    ) expressions;
    expected = [ ];
  };
  topLevel = {
    expr = builtins.filter (name: !(project ? ${name})) names;
    expected = [ ];
  };

  busybox = {
    expr = map (image: "${image.fileName} ${image.spec.form.kind}") [
      project.busybox
      project.busyboxFat
      project.busyboxThin
      project.busybox.thin
    ];
    expected = [
      "busybox-1.36.1-static.aci static"
      "busybox-1.36.1.aci fat"
      "busybox-1.36.1.aci thin"
      "busybox-1.36.1-static.aci thin"
    ];
  };

  # The package set's own builder is taken before any is compiled.
  builderOfSet = {
    expr = project.redis.builder == "${pkgs.nix2aci}/bin/nix2aci";
    expected = true;
  };
  # Neither packages nor a pinned package set are looked at for what does not need them.
  lazy = {
    expr =
      builtins.isFunction
        (import ../.. {
          pkgs = throw "looked at";
          system = "x86_64-linux";
        }).mkACI;
    expected = true;
  };
}
