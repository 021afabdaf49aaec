//! The list of the layers of an output, be it an image or the layers of packages alone: which store paths each one holds.

use anyhow::Result;
use camino::Utf8Path;
use serde::{Deserialize, Serialize};

use crate::face::json::{json, read};
use crate::face::oci::layer::Layer;
use crate::host::output::Output;
use crate::input::attrs::Attrs;
use crate::tree::findings::Finding;

/// What the list is called in an output.
const FILE: &str = "layers.json";

/// What an output lists.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct List {
    /// The layers, lowest first.
    pub(super) layers: Vec<Layer>,
    /// What was found in them, for the images that take them: whether it counts depends on the image, and so does what its
    /// author allows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) found: Vec<Finding>,
}

impl List {
    /// Reads the list of an output.
    pub(super) fn load(output: &Utf8Path) -> Result<Self> {
        read(&output.join(FILE))
    }

    /// Reads the list of an image, which one that another version has made may not have.
    pub(super) fn load_if_there(output: &Utf8Path) -> Result<Self> {
        if output.join(FILE).exists() {
            Self::load(output)
        } else {
            Ok(Self::default())
        }
    }
}

/// Writes the list of layers that are blobs of the output already, with what was found in them.
pub(super) fn write(
    layers: &[Layer],
    found: &[Finding],
    attrs: &Attrs,
    output: &mut Output,
) -> Result<()> {
    let list = List {
        layers: layers.to_vec(),
        found: found.to_vec(),
    };
    output.write(FILE, &json(&attrs.closure, &list)?, 0o644)
}
