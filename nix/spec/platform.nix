/**
  What system an image is for, in the words of images: the labels `os` and `arch`. Each form of images has platforms of
  its own.

  # Inputs

  `face`
  : the form

  `at`
  : `{ os; arch; }`, where each of them is written

  `asked`
  : `{ os; arch; }`

  # Type

  ```
  judge :: String -> { os, arch } -> { os, arch } -> { os :: Verdict, arch :: Verdict }
  ```
*/
{ system }:

let
  inherit (import ../check) check facts;
  packages = import ../packages.nix;

  inherit (builtins)
    attrNames
    elem
    elemAt
    filter
    head
    isString
    match
    toJSON
    ;
  inherit (check) bad meant ok;

  # Whether a form has a name for a platform, and what it says where it has none.
  isOCI = face: face == "oci";
  hasName = face: platform: if isOCI face then platform ? oci else platform ? rkt;
  elsewhere =
    face:
    if isOCI face then
      "has no name among the platforms of OCI images; build the ACI, the attribute aci"
    else
      "has no name among the platforms of App Container Images; build the OCI image, the attribute oci";

  # Those of an operating system that go by this word, among packages or in other tools.
  called =
    names: platforms: word:
    filter (arch: builtins.any (name: elem word (platforms.${arch}.${name} or [ ])) names) (
      attrNames platforms
    );
in
rec {
  judge =
    face: at: asked:
    let
      os =
        if asked.os == "darwin" || asked.os == "macos" then
          bad at.os asked.os
            "runtimes run linux images alone; take the packages of a linux system, such as pkgs.pkgsLinux on a Mac"
        else
          check.oneOf (attrNames facts.platforms) at.os asked.os;
      platforms = facts.platforms.${os.value};
      fit = filter (arch: hasName face platforms.${arch}) (attrNames platforms);
      word = asked.arch;
      others = called [ "packages" "elsewhere" ] platforms word;
      arch =
        if os.problems != [ ] then
          ok null
        else if !isString word then
          bad at.arch word "must be a string"
        else if elem word fit then
          ok word
        else if platforms ? ${word} then
          bad at.arch word (elsewhere face)
        else if others != [ ] then
          bad at.arch word "is not how images spell it; did you mean ${toJSON (head others)}?"
        else
          bad at.arch word "is not known to runtimes; ${meant word fit}";
    in
    {
      inherit os arch;
    };

  /**
    The platform of a package, where the user does not say another one.
  */
  platformOf =
    face: asked: pkg:
    let
      host = pkg.stdenv.hostPlatform or { };
      # What is downloaded by Nix itself has the system "builtin", and so none.
      systems = filter (parts: parts != null) (
        map (text: if text == null then null else match "(.*)-([^-]+)" text) [
          (packages.text (host.system or null))
          (packages.text (pkg.system or null))
          system
        ]
      );
      part =
        said: at:
        let
          text = packages.text said;
        in
        if text == null then elemAt (head systems) at else text;
      cpu = part (host.parsed.cpu.name or null) 0;
      os = if asked.os != null then asked.os else part (host.parsed.kernel.name or null) 1;
      known = if isString os then called [ "packages" ] (facts.platforms.${os} or { }) cpu else [ ];
    in
    judge face
      {
        os = "os";
        arch = "arch";
      }
      {
        inherit os;
        arch =
          if asked.arch != null then
            asked.arch
          else if known != [ ] then
            head known
          else
            cpu;
      };
}
