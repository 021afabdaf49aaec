# nixpkgs' trivial builders, run by the set's own shell and busybox: for texts, scripts, small
# commands and joined trees. There is no stdenv.
{
  lib,
  system,
  bash,
  busybox,
}:
let
  # A script of bash, with the applets of busybox on its PATH.
  run =
    attributes: script:
    let
      built = derivation (
        {
          inherit system script;
          builder = "${bash}/bin/bash";
          args = [ ./run.sh ];
          passAsFile = [ "script" ] ++ attributes.passAsFile or [ ];
          path = lib.makeBinPath (
            attributes.nativeBuildInputs or [ ] ++ attributes.buildInputs or [ ] ++ [ busybox ]
          );
        }
        // removeAttrs attributes [
          "buildInputs"
          "meta"
          "nativeBuildInputs"
          "passAsFile"
          "passthru"
        ]
      );
    in
    built
    // {
      meta = attributes.meta or { };
    }
    // attributes.passthru or { };

  self = {
    /**
      Runs `script` with bash; it makes `$out`. `env` is its environment.

      # Type

      ```
      runCommand :: String -> AttrSet -> String -> Derivation
      ```
    */
    runCommand = name: env: run (env // { inherit name; });
    runCommandLocal = self.runCommand;

    /**
      Writes `text` to `$out`, or to `$out` followed by `destination`.

      # Type

      ```
      writeTextFile :: { name, text, executable ?, destination ?, checkPhase ?, meta ?, passthru ? } -> Derivation
      ```
    */
    writeTextFile =
      {
        name,
        text,
        executable ? false,
        destination ? "",
        checkPhase ? "",
        meta ? { },
        passthru ? { },
        ...
      }:
      run
        {
          inherit
            name
            text
            meta
            passthru
            ;
          passAsFile = [ "text" ];
        }
        ''
          target=$out${lib.escapeShellArg destination}
          mkdir -p "''${target%/*}"
          cp "$textPath" "$target"
          chmod ${if executable then "755" else "644"} "$target"
          ${checkPhase}
        '';
    writeText = name: text: self.writeTextFile { inherit name text; };
    writeTextDir =
      path: text:
      self.writeTextFile {
        name = baseNameOf path;
        inherit text;
        destination = "/${path}";
      };
    writeScript =
      name: text:
      self.writeTextFile {
        inherit name text;
        executable = true;
      };
    writeScriptBin =
      name: text:
      self.writeTextFile {
        inherit name text;
        executable = true;
        destination = "/bin/${name}";
        meta.mainProgram = name;
      };
    writeShellScript = name: text: self.writeScript name (shellScript text);
    writeShellScriptBin = name: text: self.writeScriptBin name (shellScript text);
    writeShellApplication =
      {
        name,
        text,
        runtimeInputs ? [ ],
        meta ? { },
        ...
      }:
      self.writeTextFile {
        inherit name;
        executable = true;
        destination = "/bin/${name}";
        meta = meta // {
          mainProgram = name;
        };
        text = shellScript ''
          set -o errexit -o nounset -o pipefail
          ${lib.optionalString (runtimeInputs != [ ]) ''
            export PATH="${lib.makeBinPath runtimeInputs}:$PATH"
          ''}
          ${text}
        '';
      };

    /**
      A tree of links to the files of `paths`; where two have the same file the first wins.

      # Type

      ```
      symlinkJoin :: { name | pname + version, paths, postBuild ?, meta ?, passthru ? } -> Derivation
      ```
    */
    symlinkJoin = arguments: self.buildEnv arguments;
    buildEnv =
      {
        pname ? "environment",
        version ? null,
        name ? pname + lib.optionalString (version != null) "-${version}",
        paths,
        pathsToLink ? [ "/" ],
        postBuild ? "",
        meta ? { },
        passthru ? { },
        ...
      }:
      run
        {
          inherit
            name
            paths
            pathsToLink
            meta
            passthru
            ;
        }
        ''
          mkdir -p "$out"
          for path in $paths; do
            for part in $pathsToLink; do
              [ -d "$path$part" ] || continue
              cd "$path"
              find ".$part" -follow -type d 2>/dev/null | while IFS= read -r folder; do
                mkdir -p "$out/$folder"
              done
              find ".$part" -follow ! -type d | while IFS= read -r file; do
                [ -e "$out/$file" ] || ln -s "$path/''${file#./}" "$out/$file"
              done
            done
          done
          cd "$out"
          ${postBuild}
        '';
  };

  shellScript = text: ''
    #!${bash}/bin/bash
    ${text}
  '';
in
self
