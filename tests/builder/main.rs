//! The integration suite: the real program, started as Nix starts it, on stores made by code.
//!
//! Each module is one theme. A test describes packages and a spec, runs the program, reads the archive back to its
//! last byte and compares entries; or it looks at what the program says of a mistake.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of a test fails by panicking, as the test does"
)]

#[path = "../common/actool.rs"]
mod actool;
#[path = "../common/skip.rs"]
mod skip;
#[path = "../common/spec.rs"]
mod spec;

mod archive;
mod bases;
mod fixture;
mod foreign_image;
mod image;
mod package;
mod recipe;
mod rules;

mod budget;
mod cases;
mod collisions;
mod determinism;
mod etc;
mod files;
mod findings;
mod foreign;
mod hostile;
mod kinds;
mod merge;
mod names;
mod oci;
mod perms;
mod random;
mod report;
mod sbom;
mod skeleton;
mod start;
mod stop;
mod tree;
mod verbs;
mod volumes;
mod whitelist;
