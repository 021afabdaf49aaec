/**
  Packages made for the tests of reports.

  # Inputs

  `pkgs`
  : a package set with bash and coreutils
*/
{ pkgs }:

let
  make =
    name: script:
    derivation {
      name = "${name}-1";
      system = builtins.currentSystem;
      builder = "${pkgs.bash}/bin/bash";
      args = [
        "-c"
        script
      ];
      PATH = "${pkgs.coreutils}/bin";
      # What it refers to.
      inherit other;
    }
    // {
      pname = name;
      version = "1";
    };
  large = ''
    line=; for ((n = 0; n < 1000; n++)); do line="$line$((n % 10))"; done
    for ((n = 0; n < 10; n++)); do echo -n "$line"; done >"$out/share/ten"
    for ((n = 0; n < 20; n++)); do echo -n "$line"; done >"$out/share/twenty"
  '';
  other = derivation {
    name = "other-1";
    system = builtins.currentSystem;
    builder = "${pkgs.bash}/bin/bash";
    args = [
      "-c"
      ''mkdir -p "$out/share"; ${large}''
    ];
    PATH = "${pkgs.coreutils}/bin";
  };
in
{
  /**
    Names that are made to be taken for something else, and content that another store path has too.
  */
  hostile = make "hostile" ''
    mkdir -p "$out/share" "$out/bin"
    ${large}
    echo "$other" >"$out/share/other"
    cd "$out/share"
    # In a name, a slash is the end of a directory's.
    mkdir '<'
    echo 1 >'</script><img src=x onerror=alert(1)>'
    for name in '<img src=x onerror=alert(1)>' "'" '"' '&amp;' $'a\nb' $'\e[31mred' $'\xe2\x80\xaegnp.exe' '${toString 1}`$(x)`' __proto__ constructor; do
      echo "$name" >"$name"
    done
    printf '#!/bin/sh\n' >"$out/bin/<b>bold"
    chmod +x "$out/bin/<b>bold"
  '';
}
