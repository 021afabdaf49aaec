//! Limits: what an OCI image cannot be. What it can be but not say, [`losses`](super::losses) tells.

use anyhow::{Context, Result};

use super::document::Platform;
use crate::image::Image;

/// What `image` runs on, in the words of the image specification, which are Go's (image configuration,
/// `architecture`).
pub(super) fn platform(image: &Image) -> Result<Platform> {
    let platform = &image.platform;
    let (architecture, variant) = platform.in_oci().with_context(|| {
        format!("{platform} has no name among the platforms of OCI images; build the ACI")
    })?;
    Ok(Platform {
        architecture: architecture.to_owned(),
        os: platform.os().to_owned(),
        variant: variant.map(str::to_owned),
    })
}
