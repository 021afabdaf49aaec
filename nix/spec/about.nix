/**
  What is told about an image in its place: the settings of `NAME.report`. Nothing of the image depends on them.
*/
let
  inherit (import ../check) check;

  whole = (import ../arguments.nix).report;
in
args:
let
  report = check.record { files = check.bool; } "report" args.report;
in
{
  report = report // (if report.value == null then { } else { value = whole // report.value; });
}
