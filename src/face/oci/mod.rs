//! The OCI face: an image for the runtimes of today (image specification 1.1).

pub mod document;
mod json;
pub mod layers;
pub mod layout;
mod limits;
pub mod losses;
pub mod mapping;

use anyhow::Result;

use crate::face::check_dependencies;
use crate::image::Image;

/// Refuses what an OCI image cannot be. The evaluation has told it, with the mend.
pub fn check(image: &Image) -> Result<()> {
    limits::platform(image)?;
    check_dependencies(image, |platform| platform.in_oci().is_some())
}
