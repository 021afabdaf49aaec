//! The form: what is written of an image, and how it is packed.

use serde::Deserialize;

use crate::image::Reference;
use crate::input::compression::Compression;
use crate::input::facts::Facts;
use crate::rules::{Fault, RULES};

/// What is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Form {
    /// What of the closure goes into the image (arguments `thin`, `static`).
    pub kind: Kind,
    /// Which form the image takes.
    #[serde(default)]
    pub face: Face,
    /// Whether a recipe of the image is written instead of the image.
    #[serde(default)]
    pub recipe: bool,
    /// What the image is called in registries.
    pub reference: Reference,
    /// How the archive is compressed.
    pub compression: Compression,
    /// How many layers an OCI image has at most.
    #[serde(default)]
    pub max_layers: MaxLayers,
    /// Whether `postprocess.sh` signs the image.
    pub sign: bool,
    /// Whether the finished archive is read again and compared with the plan.
    #[serde(default)]
    pub self_check: bool,
    /// What the evaluation has to say to who reads the build log, each a line.
    #[serde(default)]
    pub notes: Vec<String>,
    /// What packages say of themselves, where a bill of materials is in the image.
    #[serde(default)]
    pub sbom: Option<Vec<Facts>>,
}

/// Which form the image takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Face {
    /// An App Container Image.
    #[default]
    Aci,
    /// A layout of an OCI image.
    Oci,
    /// The image manifest of the App Container Image alone.
    Manifest,
    /// The layers of packages, for OCI images that share them.
    Layers,
    /// The layers of an image that another tool has made, and what is known of it.
    Foreign,
    /// One name for finished OCI images of several platforms.
    Index,
}

impl Face {
    /// The form's name, as in the argument `face`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Aci => "aci",
            Self::Oci => "oci",
            Self::Manifest => "manifest",
            Self::Layers => "layers",
            Self::Foreign => "foreign",
            Self::Index => "index",
        }
    }
}

/// What of the closure goes into the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The whole closure.
    Fat,
    /// Nothing: the host's store paths are mounted.
    Thin,
    /// The packages' own store paths, which refer to nothing else.
    Static,
}

impl Kind {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Fat => "fat",
            Self::Thin => "thin",
            Self::Static => "static",
        }
    }
}

/// 2 to 127. The default leaves room for layers on top, below the limits of the runtimes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "i64")]
pub struct MaxLayers(usize);

impl MaxLayers {
    /// How many layers runtimes take.
    pub(crate) const MOST: usize = 127;

    /// The number.
    #[must_use]
    pub fn get(self) -> usize {
        self.0
    }
}

impl Default for MaxLayers {
    fn default() -> Self {
        Self(120)
    }
}

impl TryFrom<i64> for MaxLayers {
    type Error = Fault;

    fn try_from(number: i64) -> Result<Self, Fault> {
        RULES.numbers.max_layers.check(number).map(Self)
    }
}
