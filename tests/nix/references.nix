/**
  Which store paths an image needs: its packages and whatever its texts mention.
*/
{
  mkACI,
  pkgs,
  package,
  ...
}:
let
  inherit (builtins)
    concatStringsSep
    getContext
    sort
    toFile
    unsafeDiscardStringContext
    ;
  discard = map unsafeDiscardStringContext;
  sorted = sort (a: b: a < b);

  # The roots of an image with these arguments, besides its package.
  roots =
    arguments:
    let
      image = mkACI ({ packages = [ pkgs.nginx ]; } // arguments);
    in
    builtins.filter (root: root != "${pkgs.nginx}") (discard image.closureRoots);
  needs = arguments: expected: {
    expr = roots arguments;
    expected = sorted (discard expected);
  };

  times = count: text: concatStringsSep "" (builtins.genList (_: text) count);

  config = toFile "app.conf" "";
  long = package {
    pname = "nginx-extra";
    version = "1";
  };
in
{
  exec = needs {
    exec = [
      "/bin/nginx"
      "-c"
      "${config}"
    ];
  } [ config ];
  env = needs { env.PATH = "${pkgs.redis}/bin:${pkgs.bash}/bin"; } [
    "${pkgs.redis}"
    "${pkgs.bash}"
  ];
  envDerivation = needs { env.HOME = pkgs.redis; } [ "${pkgs.redis}" ];
  text = needs { files."/x".text = "x=${pkgs.redis}/bin/redis; include ${config};"; } [
    config
    "${pkgs.redis}"
  ];
  symlink = needs { files."/x".symlink = "${pkgs.redis}/bin"; } [ "${pkgs.redis}" ];
  handlers = needs {
    eventHandlers.pre-start = [
      "/bin/sh"
      "${config}"
    ];
  } [ config ];
  nothing = needs { env.PATH = "/bin"; } [ ];

  # Where the text goes on with characters that a store path could have.
  endings =
    needs { files."/x".text = "See ${pkgs.redis}. Not ${config}-old, nor ${pkgs.bash}?x=${long}"; }
      [
        config
        "${pkgs.redis}"
        "${pkgs.bash}"
        "${long}"
      ];
  otherOutput = needs { files."/x".text = "${pkgs.manual.man}. ${pkgs.manual.out}-x"; } [
    "${pkgs.manual.man}"
    "${pkgs.manual.out}"
  ];

  sourcePath =
    let
      source = roots { files."/x".source = ./references.nix; };
    in
    {
      expr = map (path: builtins.match ".*/[0-9a-z]{32}-references.nix" path != null) source;
      expected = [ true ];
    };
  sourceDerivation = needs { files."/x".source = pkgs.redis; } [ "${pkgs.redis}" ];
  sourceWithin = needs { files."/x".source = "${pkgs.redis}/etc/x"; } [ "${pkgs.redis}" ];

  # Nix builds a path only for a text that says where it is from.
  context = {
    expr =
      builtins.all (root: getContext root != { })
        (mkACI {
          packages = [ pkgs.nginx ];
          env.A = "${pkgs.redis}";
          files."/x".source = config;
        }).closureRoots;
    expected = true;
  };

  # A whole package stands for the outputs that it installs but for documentation, one output for itself.
  outputs = {
    expr =
      let
        paths = package: (builtins.head (mkACI { packages = [ package ]; }).spec.root.packages).paths;
      in
      [
        (paths pkgs.manual == [ "${pkgs.manual.bin}" ])
        (paths (pkgs.manual.out // { outputSpecified = true; }) == [ "${pkgs.manual.out}" ])
        (paths (removeAttrs pkgs.manual [ "meta" ]) == [ "${pkgs.manual.bin}" ])
      ];
    expected = [
      true
      true
      true
    ];
  };
  priority = {
    expr =
      map (package: (builtins.head (mkACI { packages = [ package ]; }).spec.root.packages).priority)
        [
          pkgs.nginx
          (pkgs.nginx // { meta.priority = -10; })
        ];
    expected = [
      5
      (-10)
    ];
  };
  directoryPackage = {
    expr =
      let
        image = mkACI {
          packages = [ ../nix ];
          acVersion = "1";
        };
      in
      [
        image.imageName
        (map (package: package.name) image.spec.root.packages)
      ];
    expected = [
      "nix"
      [ "nix" ]
    ];
  };

  # A path that is mentioned and not depended on would be missing when the image runs.
  contextless = {
    expr =
      (mkACI {
        packages = [ pkgs.nginx ];
        env.LOST = unsafeDiscardStringContext "${pkgs.redis}/bin";
      }).problems;
    expected = [
      "env.LOST: mentions ${unsafeDiscardStringContext "${pkgs.redis}"} without depending on it; ${
        concatStringsSep "" [
          "write \"\${"
          "package}\" or builtins.storePath"
        ]
      }"
    ];
  };
  contextOfAnother = {
    expr =
      builtins.length
        (mkACI {
          packages = [ pkgs.nginx ];
          env.LOST = "${pkgs.bash} ${unsafeDiscardStringContext "${pkgs.redis}"}";
        }).problems;
    expected = 1;
  };

  # Neither a text with many store paths nor a long name after one is too much for the evaluator.
  longTexts =
    needs
      {
        files = {
          "/many".text = times 40000 "${pkgs.redis}/bin\n";
          "/name".text = "${config}${times 300000 "-old"}";
          "/none".text = times 300000 "/nix/store/";
          "/blank".text = "${pkgs.bash}${times 1000000 " "}";
        };
      }
      [
        config
        "${pkgs.redis}"
        "${pkgs.bash}"
      ];
  longLost = {
    expr =
      builtins.length
        (mkACI {
          packages = [ pkgs.nginx ];
          files."/x".text = unsafeDiscardStringContext (times 20000 "${pkgs.redis} ");
        }).problems;
    expected = 1;
  };
  # A store path may follow what looks like the beginning of one, and another one at once.
  adjacent = needs { env.A = "${builtins.storeDir}${pkgs.redis}${pkgs.bash}"; } [
    "${pkgs.redis}"
    "${pkgs.bash}"
  ];
  # What has no name is no store path.
  nameless = needs {
    env.A = "${unsafeDiscardStringContext (builtins.substring 0 44 "${pkgs.redis}")} x";
  } [ ];
}
