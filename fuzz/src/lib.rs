//! The bodies of the fuzz targets: each takes any bytes and panics when a promise is broken.
//!
//! The fuzzer calls them with what it invents, and an ordinary test with what is kept in `seeds`. So they are a crate
//! there and a module here, and name each other by `super`.

#![allow(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "a broken promise is told by panicking"
)]
#![allow(unreachable_pub, reason = "the same file is a crate and a module")]

mod archive;
mod attrs;
mod choices;
mod image;
mod packages;
mod reread;
#[path = "../../tests/common/spec.rs"]
mod spec;
mod tree;

pub use archive::archive;
pub use attrs::attrs;
pub use image::image;
pub use tree::tree;
