/**
  The builder: one program without run-time dependencies but libc, which a Nix derivation runs to write an image.

  Its source is what it is compiled from and no more, so that a change to an expression or a document packs no image
  anew.
*/
{ lib, rustPlatform }:

rustPlatform.buildRustPackage {
  pname = "nix2aci";
  inherit ((lib.importTOML ../Cargo.toml).package) version;

  src = lib.fileset.toSource {
    root = ../.;
    fileset = lib.fileset.unions [
      ../.cargo
      ../Cargo.lock
      ../Cargo.toml
      ../src
      ../tests/golden
    ];
  };
  cargoLock.lockFile = ../Cargo.lock;

  # The other tests build images, which takes a Nix around them.
  cargoTestFlags = [
    "--lib"
    "--bins"
  ];

  meta = {
    description = "Builds App Container Images from Nix closures, as the builder of a Nix derivation";
    license = lib.licenses.mit;
    mainProgram = "nix2aci";
    platforms = lib.platforms.linux;
  };
}
