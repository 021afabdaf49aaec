/**
  What a builder has to know to make layers alone: a spec that says nothing of an image's content.

  # Type

  ```
  job :: { name :: String, platform, root ? {}, form } -> Spec
  ```
*/
let
  inherit (builtins) listToAttrs;

  inherit (import ./check) facts;
in
{
  name,
  platform,
  root ? { },
  form,
}:
{
  image = {
    inherit name platform;
    version = "0";
    exec = [ ];
    user = "0";
    group = "0";
  };
  root = {
    packages = [ ];
    pathsToLink = [ "/" ];
    skeleton = listToAttrs (
      map (name: {
        inherit name;
        value = false;
      }) facts.skeleton
    );
    dnsquirks = false;
  }
  // root;
  form = {
    kind = "fat";
    reference = "layers:0";
    sign = false;
  }
  // form;
}
