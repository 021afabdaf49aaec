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
