//! About: what a build tells of an image, instead of making it.

use camino::Utf8PathBuf;
use serde::Deserialize;

use crate::input::below::{Base, Shared};
use crate::input::facts::Facts;
use crate::input::spec::Spec;

/// What is told.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum About {
    /// What tells the image from an older one.
    Diff(Box<Diff>),
    /// What is inside, why, and how large it is.
    Report(Report),
    /// What it is made of, for programs to read.
    Sbom(Sbom),
}

/// What a report tells.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// Whether it tells about files too, for which the whole closure is read.
    pub files: bool,
}

/// What a bill of materials is made from, besides what the image is made from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sbom {
    /// What packages say of themselves.
    pub packages: Vec<Facts>,
    /// The layout of the OCI image, which tells of its layers.
    #[serde(default)]
    pub layout: Option<Utf8PathBuf>,
}

/// Two finished images.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Diff {
    /// Where the image itself is in the store.
    pub output: Utf8PathBuf,
    /// The one that it is compared with.
    pub older: Older,
}

/// An image that another one is compared with, as far as its own build would have had it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Older {
    /// Where it is in the store.
    pub output: Utf8PathBuf,
    /// What its author asked for.
    pub spec: Spec,
    /// The images that it stands on.
    pub below: Vec<Base>,
    /// Store paths of it that have layers elsewhere.
    pub shared: Vec<Shared>,
}
