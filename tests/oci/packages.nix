/**
  Packages made for the tests: small programs for which the rest of an image is a runtime.

  # Inputs

  `pkgs`
  : a package set with bash and coreutils
*/
{ pkgs }:

{
  /**
    A script of a few kilobytes that says its version; it needs bash, and is for the system of which it has the facts. For
    another system than this one it is no script: there is no bash for that.
  */
  app =
    {
      name ? "app",
      version,
      for ? builtins.currentSystem,
    }:
    derivation {
      name = "${name}-${version}";
      system = builtins.currentSystem;
      builder = "${pkgs.bash}/bin/bash";
      args = [
        "-c"
        ''
          mkdir -p "$out/bin" "$out/share"
          printf '%s%s\necho %s %s\n' "$start" "$shell" "$program" "$version" >"$out/bin/$program"
          chmod +x "$out/bin/$program"
          for ((line = 0; line < 500; line++)); do echo "$program $version $line"; done >"$out/share/$program"
        ''
      ];
      PATH = "${pkgs.coreutils}/bin";
      start = if for == builtins.currentSystem then "#!" else "would be run by ";
      shell = "${pkgs.bash}/bin/bash";
      program = name;
      inherit version;
    }
    // {
      pname = name;
      inherit version;
      stdenv.hostPlatform.system = for;
    };
}
