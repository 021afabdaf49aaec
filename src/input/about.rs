//! About: what a build tells of an image, instead of making it.

use camino::Utf8PathBuf;
use serde::Deserialize;

use crate::input::attrs::{Base, Shared};
use crate::input::spec::Spec;

/// What is told.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum About {
    /// What tells the image from an older one.
    Diff(Box<Diff>),
    /// What is inside, why, and how large it is (attribute `report`).
    Report(Report),
}

/// What a report tells (argument `report`).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// Whether it tells about files too, for which the whole closure is read.
    pub files: bool,
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
