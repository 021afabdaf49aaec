//! Below: what an image stands on, and the layers that others have made for it.

use camino::Utf8PathBuf;
use serde::Deserialize;

use crate::input::form::MaxLayers;
use crate::input::spec::{Package, Spec};

/// An image that another one stands on.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Base {
    /// Where it is in the store.
    pub output: Utf8PathBuf,
    /// What its author asked for.
    pub spec: Spec,
}

/// Store paths that have layers elsewhere, with all that they refer to, but for what those before them bring.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Shared {
    /// Those that bring the others.
    pub roots: Vec<String>,
    /// For an image, how many layers it has at most.
    #[serde(default)]
    pub max_layers: Option<MaxLayers>,
    /// For a derivation of layers alone, where they are, if they concern this build.
    #[serde(default)]
    pub output: Option<Utf8PathBuf>,
    /// The packages that such a derivation would have, for a recipe, which makes their layers itself.
    #[serde(default)]
    pub packages: Vec<Package>,
}
