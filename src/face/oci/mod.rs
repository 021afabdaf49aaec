//! The OCI face: an image for the runtimes of today (image specification 1.1).

pub(crate) mod artifact;
pub(crate) mod blob;
pub(crate) mod document;
pub(crate) mod finished;
pub(crate) mod foreign;
pub(crate) mod index;
pub(crate) mod inherit;
pub(crate) mod layer;
pub(crate) mod layers;
pub(crate) mod layout;
mod limits;
mod list;
pub mod losses;
pub(crate) mod mapping;
pub(crate) mod running;
pub(crate) mod shared;
mod snapshots;

use anyhow::Result;

use crate::face::check_dependencies;
use crate::host::log::Log;
use crate::image::{HealthCheck, Image};
use crate::input::attrs::Attrs;

/// Refuses what an OCI image cannot be. The evaluation has told it, with the mend.
pub fn check(image: &Image) -> Result<()> {
    limits::platform(image)?;
    check_dependencies(image, |platform| platform.in_oci().is_some())
}

/// Refuses what an OCI image cannot be, and tells what it cannot say.
pub(crate) fn check_and_tell(attrs: &Attrs, log: &Log) -> Result<()> {
    let image = &attrs.spec.image;
    check(image)?;
    for loss in losses::losses(image, attrs.closure.store_dir().as_str()) {
        log.warning(loss);
    }
    Ok(())
}

/// The arguments of `podman run` for a health check, which podman reads from no configuration of an OCI image.
pub(crate) fn health_arguments(check: &HealthCheck) -> Vec<String> {
    let mut arguments = vec![format!("--health-cmd={}", check.podman_command())];
    for (name, value) in check.when() {
        arguments.push(format!("--health-{name}={value}"));
    }
    arguments
}
