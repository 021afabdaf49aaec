/**
  Names: valid or not, made valid, recognised.
*/
let
  names = import ../../nix/check/names.nix;
  long = character: count: builtins.concatStringsSep "" (builtins.genList (_: character) count);
  table = function: cases: {
    expr = builtins.mapAttrs (text: _: function text) cases;
    expected = cases;
  };
in
{
  identifiers = table (names.fits "identifier") {
    "a" = true;
    "example.com/busybox" = true;
    "a.b_c~d-e/f" = true;
    "" = false;
    "A" = false;
    "-a" = false;
    "a-" = false;
    "a--b" = false;
    "a//b" = false;
    "a:1" = false;
    "a+b" = false;
    "a/b/" = false;
  };

  identifiersMadeValid = table names.toIdentifier {
    "busybox" = "busybox";
    "GraphicsMagick" = "graphicsmagick";
    "a--b__c" = "a-b_c";
    "gtk+" = "gtk";
    "c++filt" = "c-filt";
    "a -/- b" = "a-b";
    "-.x.-" = "x";
    "___" = "";
    "Example.com//App:1" = "example.com/app-1";
  };

  longIdentifiers = {
    expr = [
      ((names.fits "identifier") (long "a" 200))
      ((names.fits "identifier") (long "a" 201))
      (builtins.stringLength (names.toIdentifier (long "a" 201)))
      ((names.fits "identifier") (long "ab-" 100000))
    ];
    expected = [
      true
      false
      200
      false
    ];
  };

  # What is cut off must not leave a dash at the end.
  longNames = {
    expr = names.toName ("${long "a" 62}-b");
    expected = long "a" 62;
  };

  acNames = table (names.fits "name") {
    "data-dir" = true;
    "8080-tcp" = true;
    "data_dir" = false;
    "a.b" = false;
    "a--b" = false;
    "W" = false;
  };

  acNamesMadeValid = table names.toName {
    "data_dir" = "data-dir";
    "http.1" = "http-1";
    "Web Root" = "web-root";
  };

  storeNames = table names.toStoreName {
    "a~b" = "a-b";
    ".hidden" = "hidden";
    "with blank" = "with-blank";
    "..." = "source";
  };

  cleanPaths = table names.cleanPath {
    "opt//app/" = "/opt/app";
    "/a/./b/../c" = "/a/c";
    "/../.." = "/";
    "" = "/";
  };

  controls = table names.hasControls {
    "" = false;
    "/a b~" = false;
    "ä€日 £¬" = false;
    "a\nb" = true;
    "\t" = true;
    ${builtins.fromJSON ''"\u0001"''} = true;
    ${builtins.fromJSON ''"a\u007f"''} = true;
    ${builtins.fromJSON ''"\u0080"''} = true;
    ${builtins.fromJSON ''"a\u009fb"''} = true;
    ${builtins.fromJSON ''"\u00a0"''} = false;
  };

  pathLengths = {
    expr = map names.fitsFileSystems [
      "/${long "a" 255}/${long "a" 255}"
      "/a/${long "a" 256}"
      (long "/abcd" 819)
      (long "/abcd" 820)
    ];
    expected = [
      true
      false
      true
      false
    ];
  };

  nearest = {
    expr =
      map
        (
          word:
          names.nearest word [
            "exec"
            "env"
            "mounts"
            "workingDirectory"
          ]
        )
        [
          "exce"
          "EXEC"
          "mount"
          "workdingDirectory"
          "zzzzzzzz"
        ];
    expected = [
      "exec"
      "exec"
      "mounts"
      "workingDirectory"
      null
    ];
  };
}
