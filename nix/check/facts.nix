/**
  The facts of rules: patterns, words, bounds. They are data beside the builder, which has the same files in it.

  # Type

  ```
  facts :: { texts, numbers, platforms, …, capabilities :: [ String ], syscalls :: [ String ], errors :: [ String ], signals :: [ String ] }
  ```
*/
let
  inherit (builtins)
    filter
    fromJSON
    isString
    readFile
    split
    ;

  # One entry a line.
  listed =
    name:
    filter (line: isString line && line != "") (
      split "\n" (readFile (../../src/rules + "/${name}.txt"))
    );
in
fromJSON (readFile ../../src/rules/rules.json)
// {
  capabilities = listed "capabilities";
  syscalls = listed "syscalls";
  errors = listed "errors";
  signals = listed "signals";
}
