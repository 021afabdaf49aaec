//! Writes container images from Nix closures.
//!
//! Nix starts the program as the `builder` of a derivation with structured attributes. What comes in is one JSON
//! file: the [spec](spec::Spec) that `mkACI` wrote and the [closure](closure::Closure) that Nix exported. What goes
//! out is a directory with `NAME-VERSION.aci` and `postprocess.sh`, for a thin image also `NAME-VERSION.mounts`.
//! The same input gives the same bytes, and an image is complete or not there at all.

pub mod manifest;
pub mod nearest;
pub mod problem;
pub mod spec;
