/**
  What system an image is for, in the words of images: the labels `os` and `arch`.

  # Inputs

  `asked`
  : `{ os; arch; face; }` as the user gave them, null where not

  `pkg`
  : the package whose system counts where nothing is given

  # Type

  ```
  platform :: { check, system } -> { os, arch, face } -> Package -> { os :: Verdict, arch :: Verdict }
  ```
*/
{ check, system }:

let
  inherit (builtins)
    attrNames
    elem
    elemAt
    isString
    match
    toJSON
    ;
  inherit (check) bad meant ok;

  # Processor names of packages, in the spelling of images.
  archOf = {
    x86_64 = "amd64";
    i386 = "i386";
    i486 = "i386";
    i586 = "i386";
    i686 = "i386";
    aarch64 = "aarch64";
    aarch64_be = "aarch64_be";
    armv6l = "armv6l";
    armv7a = "armv7l";
    armv7l = "armv7l";
    powerpc64 = "ppc64";
    powerpc64le = "ppc64le";
    s390x = "s390x";
  };

  # What users write who know other tools.
  archMeant = archOf // {
    x86-64 = "amd64";
    x64 = "amd64";
    "386" = "i386";
    x86 = "i386";
    arm64 = "aarch64";
    arm = "armv7l";
    armhf = "armv7l";
    armv7 = "armv7l";
    armv6 = "armv6l";
    ppc64el = "ppc64le";
  };

  archsOf = {
    linux = [
      "amd64"
      "i386"
      "aarch64"
      "aarch64_be"
      "armv6l"
      "armv7l"
      "armv7b"
      "ppc64"
      "ppc64le"
      "s390x"
    ];
    freebsd = [
      "amd64"
      "i386"
      "arm"
    ];
  };

  # Of these, OCI images have no name.
  notOCI = [
    "aarch64_be"
    "armv7b"
  ];
in
asked: pkg:
let
  host = pkg.stdenv.hostPlatform or { };
  parts = match "(.*)-([^-]+)" (host.system or pkg.system or system);
  cpu = host.parsed.cpu.name or (elemAt parts 0);
  kernel = host.parsed.kernel.name or (elemAt parts 1);

  os =
    let
      value = if asked.os != null then asked.os else kernel;
    in
    if value == "darwin" || value == "macos" then
      bad "os" value "runtimes run linux images alone; take the packages of a linux system"
    else
      check.oneOf (attrNames archsOf) "os" value;

  arch =
    let
      value = if asked.arch != null then asked.arch else archOf.${cpu} or cpu;
      fit = archsOf.${os.value};
    in
    if os.problems != [ ] then
      ok null
    else if asked.face == "oci" && elem value notOCI then
      bad "arch" value "has no name among the platforms of OCI images; build the ACI, the attribute aci"
    else if isString value && elem value fit then
      ok value
    else
      bad "arch" value (
        if !isString value then
          "must be a string"
        else if elem (archMeant.${value} or "") fit then
          "is not how images spell it; did you mean ${toJSON archMeant.${value}}?"
        else
          "is not known to runtimes; ${meant value fit}"
      );
in
{
  inherit os arch;
}
