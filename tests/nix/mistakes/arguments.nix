/**
  Arguments that are none, and several that are wrong at once.
*/
{
  problems,
  told,
  argument,
  tcp,
  ...
}:
{
  misspelt = argument "exce" "/bin/sh" "exce: is not an argument of mkACI; did you mean \"exec\"?";
  misspeltCase = argument "supplementaryGids" [
    1
  ] "supplementaryGids: is not an argument of mkACI; did you mean \"supplementaryGIDs\"?";
  otherWord = argument "volumes" { } "volumes: is not an argument of mkACI; did you mean \"mounts\"?";
  # What users of other tools write, and what is nearly that.
  otherWords = {
    expr =
      builtins.concatMap
        (
          word:
          map (builtins.replaceStrings [ "is not an argument of mkACI; " ] [ "" ]) (problems {
            ${word} = null;
          })
        )
        [
          "architecture"
          "config"
          "contents"
          "copyToRoot"
          "created"
          "enviroment"
          "extraCommands"
          "fakeRootCommands"
          "fromImageTag"
          "name"
          "tag"
          "uid"
          "Exec"
          "Entrypoint"
          "extraComands"
        ];
    expected = [
      "architecture: did you mean \"arch\"?"
      "config: what it holds are arguments of their own: exec, args, env, ports, mounts, workingDirectory, user"
      "contents: did you mean \"packages\"?"
      "copyToRoot: did you mean \"packages\"?"
      "created: write annotations.created = \"2026-01-31T12:00:00Z\""
      "enviroment: did you mean \"env\"?"
      "extraCommands: no command runs in an image; write files and perms, or a package that runs it (pkgs.runCommand)"
      "fakeRootCommands: no command runs in an image; write files and perms, or a package that runs it (pkgs.runCommand)"
      "fromImageTag: fromImage takes the only image of a layout or an archive; make one that holds no other"
      "name: did you mean \"acName\"?"
      "tag: did you mean \"acVersion\"?"
      "uid: did you mean \"user\"?"
      "Exec: did you mean \"exec\"?"
      "Entrypoint: did you mean \"exec\"?"
      "extraComands: no command runs in an image; write files and perms, or a package that runs it (pkgs.runCommand)"
    ];
  };
  config = {
    expr = problems {
      config = {
        Entrypoint = [ ];
        Env = [ ];
        WorkingDir = "/";
        ExposedPort = { };
        Labels = { };
      };
    };
    expected =
      map
        (
          { member, argument }: "config.${member}: is not an argument of mkACI; did you mean \"${argument}\"?"
        )
        [
          {
            member = "Entrypoint";
            argument = "exec";
          }
          {
            member = "Env";
            argument = "env";
          }
          {
            member = "ExposedPort";
            argument = "ports";
          }
          {
            member = "Labels";
            argument = "annotations";
          }
          {
            member = "WorkingDir";
            argument = "workingDirectory";
          }
        ];
  };
  # What is answered with an argument is answered with one that there is.
  wordsKnown = {
    expr =
      let
        words = import ../../../nix/spec/words.nix;
      in
      builtins.filter (argument: !((import ../../../nix/arguments.nix) ? ${argument})) words.arguments;
    expected = [ ];
  };
  # A null is as good as nothing for what has no other default, and an error elsewhere.
  null = told {
    acName = null;
    workingDirectory = null;
    env = null;
  } [ "env = null: must be a set, as in env.NAME = …" ];
  together = {
    expr = builtins.length (problems {
      exce = "/bin/sh";
      arch = "arm64";
      ports.http = tcp 0;
      mounts.a_b = "c";
      user = "a b";
    });
    expected = 6;
  };
}
