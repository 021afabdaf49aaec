//! OCI images: the second face, for the runtimes of today.

pub mod document;
pub mod layers;
pub mod layout;
pub mod losses;
pub mod mapping;
