//! The OCI face: an image for the runtimes of today (image specification 1.1).

pub mod document;
pub mod layers;
pub mod layout;
mod limits;
pub mod losses;
pub mod mapping;
