//! The OCI face: an image for the runtimes of today (image specification 1.1).

pub(crate) mod document;
mod json;
pub(crate) mod layer;
pub(crate) mod layers;
pub(crate) mod layout;
mod limits;
pub mod losses;
pub(crate) mod mapping;
pub(crate) mod shared;

use anyhow::Result;

use crate::face::check_dependencies;
use crate::face::word;
use crate::image::{HealthCheck, Image};

/// Refuses what an OCI image cannot be. The evaluation has told it, with the mend.
pub fn check(image: &Image) -> Result<()> {
    limits::platform(image)?;
    check_dependencies(image, |platform| platform.in_oci().is_some())
}

/// The arguments of `podman run` for a health check, which podman reads from no configuration of an OCI image.
fn health_arguments(check: &HealthCheck) -> Vec<String> {
    let mut arguments = vec![format!("--health-cmd={}", word(&check.podman_command()))];
    for (name, value) in check.when() {
        arguments.push(format!("--health-{name}={value}"));
    }
    arguments
}
