//! About: what is told of an image in the place of making it.

use camino::Utf8PathBuf;
use serde::Deserialize;

use crate::input::facts::Facts;

/// What is told.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum About {
    /// What it is made of, for programs to read (attribute `sbom`).
    Sbom(Sbom),
}

/// What a bill of materials is made from, besides what the image is made from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sbom {
    /// What packages say of themselves.
    pub packages: Vec<Facts>,
    /// The layout of the OCI image, which tells of its layers.
    #[serde(default)]
    pub layout: Option<Utf8PathBuf>,
}
