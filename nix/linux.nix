/**
  Which Linux belongs to a system: images are of Linux, and so is what packs them. A Mac has its builds made by a remote
  builder.
*/
let
  kernelOf = system: builtins.match "(.*)-darwin" system;
in
rec {
  /**
    The systems of an index, and what nixpkgs calls the package set that is compiled for one elsewhere.
  */
  processors = [
    {
      system = "x86_64-linux";
      cross = "gnu64";
    }
    {
      system = "aarch64-linux";
      cross = "aarch64-multiplatform";
    }
  ];

  /**
    The Linux of the same processor: `aarch64-darwin` has `aarch64-linux`.

    # Type

    ```
    systemFor :: String -> String
    ```
  */
  systemFor =
    system:
    let
      processor = kernelOf system;
    in
    if processor == null then system else "${builtins.head processor}-linux";

  /**
    The packages of that Linux, from a package set of nixpkgs.

    # Type

    ```
    packagesFor :: PackageSet -> PackageSet
    ```
  */
  packagesFor =
    pkgs:
    let
      system = pkgs.stdenv.hostPlatform.system or "";
    in
    if systemFor system == system then
      pkgs
    else
      pkgs.pkgsLinux or (import pkgs.path { system = systemFor system; });
}
