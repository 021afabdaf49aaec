//! Figures: `NAME-VERSION.json`, what came of a build in figures.
//!
//! Nothing in it reads as a reference to a store path, since a fat image's output must not refer to its packages.

use std::fs;

use anyhow::{Context, Result};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

use crate::face::json;
use crate::face::recorded::{self, Recorded};
use crate::image::{Dependency, ImageId, Size};
use crate::input::attrs::Attrs;
use crate::input::below::Base;
use crate::input::closure::Closure;
use crate::pack::compress::Summary;
use crate::plan::Plan;

/// Of the figures of an image, what one on top of it says of it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Known {
    #[serde(rename = "imageID")]
    image_id: ImageId,
    compressed_size: Size,
}

/// Adds to a dependency what came of its build, if it is one of `below`.
pub(super) fn complete(dependency: &mut Dependency, below: &[Base]) -> Result<()> {
    let is_it = |base: &&Base| dependency.output.as_deref() == Some(base.output.as_str());
    let Some(Base { output, spec }) = below.iter().find(is_it) else {
        return Ok(());
    };
    let path = output.join(format!("{}.json", spec.image.stem()));
    let context = || format!("reading the figures of the image below, {path}");
    let text = fs::read_to_string(&path).with_context(context)?;
    let known: Known = serde_json::from_str(&text).with_context(context)?;
    dependency.image_id = Some(known.image_id);
    dependency.size = Some(known.compressed_size);
    Ok(())
}

/// Figures of one image; sizes are in bytes.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Figures {
    name: String,
    version: String,
    /// Image ID: SHA-512 of the uncompressed archive (appc specification, "Image Archives").
    #[serde(rename = "imageID")]
    image_id: String,
    /// Entries of the archive, its manifest among them.
    entries: u64,
    /// Store paths that the archive holds.
    packed_store_paths: usize,
    /// Store paths that the host brings.
    mounted_store_paths: usize,
    uncompressed_size: u64,
    compressed_size: u64,
    /// What Nix recorded of the store paths that the archive holds.
    store_paths: Vec<Recorded>,
}

impl Figures {
    /// The figures of `plan`, written with `summary`.
    #[must_use]
    pub(super) fn new(attrs: &Attrs, plan: &Plan, summary: &Summary, entries: u64) -> Self {
        let Attrs { spec, closure, .. } = attrs;
        let image = &spec.image;
        Self {
            name: image.name.to_string(),
            version: image.version.to_string(),
            image_id: format!("sha512-{}", HEXLOWER.encode(&summary.digest)),
            entries,
            packed_store_paths: plan.contents.packed.len(),
            mounted_store_paths: plan.contents.mounted.len(),
            uncompressed_size: summary.uncompressed,
            compressed_size: summary.compressed,
            store_paths: recorded::of(&plan.contents.packed, closure),
        }
    }

    /// The image ID, as users give it to rkt.
    #[must_use]
    pub(super) fn image_id(&self) -> &str {
        &self.image_id
    }

    /// The text of the file.
    pub(super) fn to_json(&self, closure: &Closure) -> Result<String> {
        Ok(json::pretty(closure, self)? + "\n")
    }
}
