/**
  Arguments that are wrong, and the whole message that each gets, by theme.
*/
{
  mkACI,
  package,
  pkgs,
  ...
}:
let
  problems = arguments: (mkACI ({ packages = [ pkgs.nginx ]; } // arguments)).problems;
  told = arguments: expected: {
    expr = problems arguments;
    inherit expected;
  };
  # One argument, one problem.
  argument =
    name: value: message:
    told { ${name} = value; } [ message ];

  # Values of one argument of which each is one problem, or none.
  numberOf = count: arguments: values: {
    expr = builtins.filter (value: builtins.length (problems (arguments value)) != count) values;
    expected = [ ];
  };

  helpers = {
    inherit
      mkACI
      package
      pkgs
      problems
      told
      argument
      ;
    each = numberOf 1;
    none = numberOf 0;
    long = text: count: builtins.concatStringsSep "" (builtins.genList (_: text) count);
    tcp = port: {
      protocol = "tcp";
      inherit port;
    };

    pathRule = "must be an absolute path without ., .. or needless slashes";
    controlRule = "must not have control characters; leave them out";
    ownerRule = "must be one number, one name or an image path; a name is at most 32 lower-case letters, digits, _ and -, beginning with a letter or _";
    nameRule = "must be lower-case letters and digits, joined by single dashes, at most 63 characters";
    identifierRule = "must be lower-case letters and digits, joined by single - . _ ~ or /, at most 200 characters";
    versionRule = "must be letters, digits and . _ + ~ -, beginning with a letter or digit, at most 120 characters";
    dateRule = "must be a date such as \"2026-01-31T12:00:00Z\", of a day that the calendar has";
    addressRule = "must be an http or https address in ASCII, other characters written with % escapes";
    quantityRule = "must be a positive number with one of n u m k M G T P E Ki Mi Gi Ti Pi Ei or none, no finer than a billionth";
  };
in
builtins.mapAttrs (_: file: import file helpers) {
  app = ./app.nix;
  arguments = ./arguments.nix;
  dependencies = ./dependencies.nix;
  form = ./form.nix;
  identity = ./identity.nix;
  isolators = ./isolators.nix;
  root = ./root.nix;
}
