/**
  The part of nixpkgs' `lib` that image expressions use, with its names and its meaning, written
  for a machine that has no nixpkgs. What is missing here ends with Nix's own message
  `attribute '…' missing`; nothing is here under its name with another meaning.
*/
let
  inherit (builtins)
    attrNames
    attrValues
    concatLists
    elem
    elemAt
    filter
    foldl'
    functionArgs
    genList
    head
    isAttrs
    isFunction
    isList
    isString
    length
    listToAttrs
    mapAttrs
    replaceStrings
    stringLength
    substring
    tail
    ;

  # The functions by which a package is called, apart from the rest since each needs the others.
  calling = rec {
    /**
      Adds `override` to what `f` makes of `args`: a function that takes changed arguments (or a
      function from the old ones to changes) and calls `f` again.

      # Type

      ```
      makeOverridable :: (AttrSet -> a) -> AttrSet -> a
      ```
    */
    makeOverridable =
      f: args:
      let
        result = f args;
        override = changes: makeOverridable f (args // lib.toFunction changes args);
      in
      if isAttrs result then
        result // { inherit override; }
      else if isFunction result then
        {
          inherit override;
          __functor = _: result;
          __functionArgs = functionArgs result;
        }
      else
        result;

    /**
      Calls a function, or the one in a file, with the attributes of `scope` that it names as
      arguments; `args` wins. A missing argument ends with its name.

      # Type

      ```
      callPackageWith :: AttrSet -> (Path | (AttrSet -> a)) -> AttrSet -> a
      ```
    */
    callPackageWith =
      scope: target: args:
      let
        f = if isFunction target || (isAttrs target && target ? __functor) then target else import target;
        wanted = lib.functionArgs f;
        found = builtins.intersectAttrs wanted scope // args;
        missing = filter (name: !wanted.${name} && !(found ? ${name})) (attrNames wanted);
      in
      if missing == [ ] then
        makeOverridable f found
      else
        throw "callPackage ${
          if builtins.isPath target then toString target else "of a function"
        }: no argument and no package for ${lib.concatStringsSep ", " missing}";
  };

  systems = {
    linux = [
      "aarch64-linux"
      "armv7l-linux"
      "i686-linux"
      "x86_64-linux"
    ];
    darwin = [
      "aarch64-darwin"
      "x86_64-darwin"
    ];
  };

  lib = calling // {
    inherit (builtins)
      add
      all
      any
      attrNames
      attrValues
      catAttrs
      compareVersions
      concatLists
      concatMap
      concatStringsSep
      deepSeq
      elem
      elemAt
      filter
      foldl'
      fromJSON
      fromTOML
      genList
      genericClosure
      groupBy
      hasAttr
      head
      intersectAttrs
      isAttrs
      isBool
      isFloat
      isFunction
      isInt
      isList
      isPath
      isString
      length
      lessThan
      listToAttrs
      mapAttrs
      match
      parseDrvName
      partition
      pathExists
      readFile
      replaceStrings
      seq
      sort
      split
      splitVersion
      stringLength
      sub
      substring
      tail
      toJSON
      trace
      tryEval
      typeOf
      unsafeDiscardStringContext
      ;

    # Functions
    id = value: value;
    const = value: _: value;
    flip =
      f: a: b:
      f b a;
    pipe = foldl' (value: f: f value);
    toFunction = value: if isFunction value then value else _: value;
    functionArgs =
      f: if f ? __functor then f.__functionArgs or (functionArgs (f.__functor f)) else functionArgs f;
    setFunctionArgs = f: args: {
      __functor = _: f;
      __functionArgs = args;
    };
    fix =
      f:
      let
        result = f result;
      in
      result;
    /**
      The layering of package sets: `overlay` sees the final set and the one below it.

      # Type

      ```
      extends :: (AttrSet -> AttrSet -> AttrSet) -> (AttrSet -> AttrSet) -> AttrSet -> AttrSet
      ```
    */
    extends =
      overlay: below: final:
      let
        previous = below final;
      in
      previous // overlay final previous;
    composeExtensions =
      f: g: final: previous:
      let
        first = f final previous;
      in
      first // g final (previous // first);
    composeManyExtensions = foldl' lib.composeExtensions (
      _: _: {
      }
    );

    # Errors
    throwIf = condition: message: if condition then throw message else lib.id;
    throwIfNot = condition: lib.throwIf (!condition);
    assertMsg = condition: message: condition || throw message;
    warn = message: builtins.trace "warning: ${message}";
    warnIf = condition: message: if condition then lib.warn message else lib.id;
    warnIfNot = condition: lib.warnIf (!condition);

    # Booleans and numbers
    max = a: b: if a > b then a else b;
    min = a: b: if a < b then a else b;
    and = a: b: a && b;
    or = a: b: a || b;
    boolToString = value: if value then "true" else "false";
    isDerivation = value: value.type or null == "derivation";
    mod = a: b: a - b * (a / b);
    toInt =
      text:
      let
        trimmed = builtins.match "[[:space:]]*(-?)0*([0-9]+)[[:space:]]*" text;
      in
      if trimmed == null then
        throw "lib.toInt: \"${text}\" is not a number"
      else
        builtins.fromJSON (concatText trimmed);

    # Lists
    singleton = value: [ value ];
    optional = condition: value: if condition then [ value ] else [ ];
    optionals = condition: list: if condition then list else [ ];
    toList = value: if isList value then value else [ value ];
    range = first: last: if first > last then [ ] else genList (n: first + n) (last - first + 1);
    remove = value: filter (other: other != value);
    unique = foldl' (found: value: if elem value found then found else found ++ [ value ]) [ ];
    subtractLists = unwanted: filter (value: !elem value unwanted);
    intersectLists = wanted: filter (value: elem value wanted);
    last = list: elemAt list (length list - 1);
    init = list: genList (elemAt list) (length list - 1);
    reverseList =
      list:
      let
        count = length list;
      in
      genList (n: elemAt list (count - n - 1)) count;
    take = count: list: genList (elemAt list) (lib.max 0 (lib.min count (length list)));
    drop =
      count: list:
      let
        skipped = lib.max 0 (lib.min count (length list));
      in
      genList (n: elemAt list (skipped + n)) (length list - skipped);
    flatten = value: if isList value then builtins.concatMap lib.flatten value else [ value ];
    foldr =
      f: initial: list:
      if list == [ ] then initial else f (head list) (lib.foldr f initial (tail list));
    foldl = foldl';
    forEach = list: f: map f list;
    imap0 = f: list: genList (n: f n (elemAt list n)) (length list);
    imap1 = f: list: genList (n: f (n + 1) (elemAt list n)) (length list);
    zipListsWith =
      f: a: b:
      genList (n: f (elemAt a n) (elemAt b n)) (lib.min (length a) (length b));
    zipLists = lib.zipListsWith (fst: snd: { inherit fst snd; });
    cartesianProduct =
      sets:
      foldl' (
        found: name: builtins.concatMap (set: map (value: set // { ${name} = value; }) sets.${name}) found
      ) [ { } ] (attrNames sets);
    findFirst =
      predicate: default: list:
      let
        found = filter predicate list;
      in
      if found == [ ] then default else head found;
    count = predicate: list: length (filter predicate list);
    naturalSort = builtins.sort (a: b: builtins.compareVersions a b < 0);
    sortOn = f: builtins.sort (a: b: f a < f b);

    # Attribute sets
    nameValuePair = name: value: { inherit name value; };
    attrByPath =
      path: default: set:
      if path == [ ] then
        set
      else if isAttrs set && set ? ${head path} then
        lib.attrByPath (tail path) default set.${head path}
      else
        default;
    hasAttrByPath =
      path: set:
      path == [ ]
      || (isAttrs set && set ? ${head path} && lib.hasAttrByPath (tail path) set.${head path});
    getAttrFromPath =
      path: lib.attrByPath path (throw "cannot find attribute `${lib.concatStringsSep "." path}'");
    setAttrByPath =
      path: value: if path == [ ] then value else { ${head path} = lib.setAttrByPath (tail path) value; };
    attrVals = names: set: map (name: set.${name}) names;
    getAttrs = names: set: lib.genAttrs names (name: set.${name});
    genAttrs = names: f: listToAttrs (map (name: lib.nameValuePair name (f name)) names);
    mapAttrs' = f: set: listToAttrs (map (name: f name set.${name}) (attrNames set));
    mapAttrsToList = f: set: map (name: f name set.${name}) (attrNames set);
    attrsToList = lib.mapAttrsToList lib.nameValuePair;
    concatMapAttrs = f: set: lib.mergeAttrsList (lib.mapAttrsToList f set);
    mergeAttrsList = foldl' (a: b: a // b) { };
    mergeAttrs = a: b: a // b;
    filterAttrs =
      predicate: set: removeAttrs set (filter (name: !predicate name set.${name}) (attrNames set));
    mapAttrsRecursive = f: lib.mapAttrsRecursiveCond (_: true) f;
    mapAttrsRecursiveCond =
      condition: f: set:
      let
        walk =
          path:
          mapAttrs (
            name: value:
            if isAttrs value && condition value then
              walk (path ++ [ name ]) value
            else
              f (path ++ [ name ]) value
          );
      in
      walk [ ] set;
    collect =
      predicate: value:
      if predicate value then
        [ value ]
      else if isAttrs value then
        builtins.concatMap (lib.collect predicate) (attrValues value)
      else
        [ ];
    optionalAttrs = condition: set: if condition then set else { };
    recursiveUpdate =
      a: b:
      if isAttrs a && isAttrs b then
        a // mapAttrs (name: value: if a ? ${name} then lib.recursiveUpdate a.${name} value else value) b
      else
        b;
    foldlAttrs =
      f: initial: set:
      foldl' (result: name: f result name set.${name}) initial (attrNames set);
    foldAttrs =
      f: initial: sets:
      lib.genAttrs (lib.unique (builtins.concatMap attrNames sets)) (
        name: lib.foldr f initial (builtins.catAttrs name sets)
      );
    zipAttrsWith = builtins.zipAttrsWith;
    zipAttrs = builtins.zipAttrsWith (_: values: values);
    recurseIntoAttrs = set: set // { recurseForDerivations = true; };
    dontRecurseIntoAttrs = set: set // { recurseForDerivations = false; };

    # Strings
    concatStrings = concatText;
    concatMapStrings = f: list: concatText (map f list);
    concatMapStringsSep =
      separator: f: list:
      lib.concatStringsSep separator (map f list);
    concatImapStringsSep =
      separator: f: list:
      lib.concatStringsSep separator (lib.imap1 f list);
    concatMapAttrsStringSep =
      separator: f: set:
      lib.concatStringsSep separator (lib.mapAttrsToList f set);
    concatLines = lib.concatMapStrings (line: line + "\n");
    intersperse =
      separator: list:
      if length list < 2 then
        list
      else
        [ (head list) ]
        ++ builtins.concatMap (value: [
          separator
          value
        ]) (tail list);
    optionalString = condition: text: if condition then text else "";
    splitString =
      separator: text:
      map (part: builtins.appendContext part (builtins.getContext text)) (
        filter isString (builtins.split (lib.escapeRegex separator) (unsafe text))
      );
    stringToCharacters = text: genList (n: substring n 1 text) (stringLength text);
    hasPrefix = prefix: text: substring 0 (stringLength prefix) text == prefix;
    hasSuffix =
      suffix: text:
      let
        skipped = stringLength text - stringLength suffix;
      in
      skipped >= 0 && substring skipped (stringLength suffix) text == suffix;
    hasInfix =
      infix: text:
      builtins.match ".*${lib.escapeRegex infix}.*" (replaceStrings [ "\n" ] [ " " ] (unsafe text))
      != null;
    removePrefix =
      prefix: text: if lib.hasPrefix prefix text then substring (stringLength prefix) (-1) text else text;
    removeSuffix =
      suffix: text:
      if lib.hasSuffix suffix text then
        substring 0 (stringLength text - stringLength suffix) text
      else
        text;
    trim = text: head (builtins.match "[[:space:]]*(.*[^[:space:]]|)[[:space:]]*" text);
    escape = characters: replaceStrings characters (map (character: "\\" + character) characters);
    escapeRegex = lib.escape (lib.stringToCharacters "\\[{()^$?*+|.");
    escapeShellArg =
      value:
      let
        text = toString value;
      in
      if builtins.match "[[:alnum:],._+:@%/-]+" text == null then
        "'${replaceStrings [ "'" ] [ "'\\''" ] text}'"
      else
        text;
    escapeShellArgs = lib.concatMapStringsSep " " lib.escapeShellArg;
    toLower = replaceStrings upper lower;
    toUpper = replaceStrings lower upper;
    toSentenceCase = text: lib.toUpper (substring 0 1 text) + lib.toLower (substring 1 (-1) text);
    fixedWidthString =
      width: filler: text:
      if stringLength text >= width then text else lib.fixedWidthString width filler (filler + text);
    fixedWidthNumber = width: number: lib.fixedWidthString width "0" (toString number);
    versionOlder = a: b: builtins.compareVersions b a == 1;
    versionAtLeast = a: b: !lib.versionOlder a b;
    getName =
      package:
      if isString package then
        (builtins.parseDrvName package).name
      else
        package.pname or (builtins.parseDrvName package.name).name;
    getVersion =
      package:
      if isString package then
        (builtins.parseDrvName package).version
      else
        package.version or (builtins.parseDrvName package.name).version;
    versions = {
      major = version: elemAt (builtins.splitVersion version) 0;
      minor = version: elemAt (builtins.splitVersion version) 1;
      patch = version: elemAt (builtins.splitVersion version) 2;
      majorMinor = version: lib.concatStringsSep "." (lib.take 2 (builtins.splitVersion version));
    };
    makeSearchPath =
      folder: paths:
      lib.concatMapStringsSep ":" (path: "${path}/${folder}") (filter (path: path != null) paths);
    makeSearchPathOutput =
      output: folder: packages:
      lib.makeSearchPath folder (map (lib.getOutput output) packages);
    makeBinPath = lib.makeSearchPathOutput "bin" "bin";
    makeLibraryPath = lib.makeSearchPathOutput "lib" "lib";
    isStorePath =
      value:
      lib.isStringLike value
      && builtins.match "${lib.escapeRegex builtins.storeDir}/[^/]+" (unsafe (toString value)) != null;
    isStringLike =
      value: isString value || builtins.isPath value || value ? outPath || value ? __toString;
    isConvertibleWithToString =
      value:
      lib.isStringLike value
      || value == null
      || builtins.isBool value
      || builtins.isInt value
      || builtins.isFloat value
      || (isList value && builtins.all lib.isConvertibleWithToString value);

    # Packages
    getOutput =
      output: package:
      if !(package.outputSpecified or false) then
        package.${output} or package.out or package
      else
        package;
    getBin = lib.getOutput "bin";
    getLib = lib.getOutput "lib";
    getDev = lib.getOutput "dev";
    getMan = lib.getOutput "man";
    getExe' =
      package: program:
      lib.throwIf (lib.hasInfix "/" program)
        "lib.getExe': \"${program}\" is a path; give the name of a program in bin"
        "${lib.getBin package}/bin/${program}";
    getExe =
      package:
      lib.getExe' package (
        package.meta.mainProgram
          or (throw "lib.getExe: ${lib.getName package} has no meta.mainProgram; use lib.getExe' and name the program")
      );
    setPrio = priority: lib.addMetaAttrs { inherit priority; };
    lowPrio = lib.setPrio 10;
    hiPrio = lib.setPrio (-10);
    addMetaAttrs = facts: package: package // { meta = package.meta or { } // facts; };
    setName = name: package: package // { inherit name; };
    meta = {
      inherit (lib)
        addMetaAttrs
        getExe
        getExe'
        hiPrio
        lowPrio
        setPrio
        ;
    };
    availableOn =
      platform: package: !(package ? meta.platforms) || elem platform.system package.meta.platforms;
    platforms = {
      inherit (systems) linux darwin;
      unix = systems.linux ++ systems.darwin;
      all = systems.linux ++ systems.darwin;
      x86_64 = filter (lib.hasPrefix "x86_64-") lib.platforms.all;
      aarch64 = filter (lib.hasPrefix "aarch64-") lib.platforms.all;
    };
    licenses =
      mapAttrs
        (shortName: facts: {
          inherit shortName;
          spdxId = facts.id;
          fullName = facts.name;
          free = facts.free or true;
          redistributable = facts.free or true;
        })
        {
          agpl3Only = {
            id = "AGPL-3.0-only";
            name = "GNU Affero General Public License v3.0 only";
          };
          asl20 = {
            id = "Apache-2.0";
            name = "Apache License 2.0";
          };
          bsd2 = {
            id = "BSD-2-Clause";
            name = "BSD 2-clause \"Simplified\" License";
          };
          bsd3 = {
            id = "BSD-3-Clause";
            name = "BSD 3-clause \"New\" or \"Revised\" License";
          };
          gpl2Only = {
            id = "GPL-2.0-only";
            name = "GNU General Public License v2.0 only";
          };
          gpl2Plus = {
            id = "GPL-2.0-or-later";
            name = "GNU General Public License v2.0 or later";
          };
          gpl3Only = {
            id = "GPL-3.0-only";
            name = "GNU General Public License v3.0 only";
          };
          gpl3Plus = {
            id = "GPL-3.0-or-later";
            name = "GNU General Public License v3.0 or later";
          };
          isc = {
            id = "ISC";
            name = "Internet Systems Consortium License";
          };
          lgpl21Plus = {
            id = "LGPL-2.1-or-later";
            name = "GNU Lesser General Public License v2.1 or later";
          };
          lgpl3Plus = {
            id = "LGPL-3.0-or-later";
            name = "GNU Lesser General Public License v3.0 or later";
          };
          mit = {
            id = "MIT";
            name = "MIT License";
          };
          mpl20 = {
            id = "MPL-2.0";
            name = "Mozilla Public License 2.0";
          };
          publicDomain = {
            id = null;
            name = "Public Domain";
          };
          unfree = {
            id = null;
            name = "Unfree";
            free = false;
          };
        };
    maintainers = { };

    # Files
    importJSON = path: builtins.fromJSON (builtins.readFile path);
    importTOML = path: builtins.fromTOML (builtins.readFile path);
    fileContents = path: lib.removeSuffix "\n" (builtins.readFile path);
    cleanSource =
      source:
      builtins.path {
        path = source;
        name = "source";
      };
    generators = {
      toJSON = _: builtins.toJSON;
      toKeyValue =
        {
          mkKeyValue ?
            name: value: "${name}=${if builtins.isBool value then lib.boolToString value else toString value}",
        }:
        set: lib.concatLines (lib.mapAttrsToList mkKeyValue set);
    };
  };

  concatText = builtins.concatStringsSep "";
  unsafe = builtins.unsafeDiscardStringContext;
  lower = lib.stringToCharacters "abcdefghijklmnopqrstuvwxyz";
  upper = lib.stringToCharacters "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
in
lib
