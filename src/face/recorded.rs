//! Recorded: the store paths in an image, each with what Nix recorded of it. They stand beside the image, for who verifies
//! that it holds them.

use serde::{Deserialize, Serialize};

use crate::input::closure::Closure;
use crate::input::store_path::StorePath;

/// Where they stand beside the layout of an OCI image; an App Container Image has them among its figures.
pub(crate) const FILE: &str = "store-paths.json";

/// A store path, as it was when the image was built.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Recorded {
    pub(crate) path: String,
    /// As Nix prints it.
    pub(crate) nar_hash: String,
    pub(crate) nar_size: u64,
}

/// The content of [`FILE`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StorePaths {
    /// In the order of their paths.
    pub(crate) store_paths: Vec<Recorded>,
    /// Whether there may be others, in layers that another tool has made.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) others: bool,
}

/// What is recorded of `paths`.
pub(crate) fn of<'p>(
    paths: impl IntoIterator<Item = &'p StorePath>,
    closure: &Closure,
) -> Vec<Recorded> {
    let known = paths
        .into_iter()
        .filter_map(|path| closure.get(path).map(|object| (path, object)));
    known
        .map(|(path, object)| Recorded {
            path: path.as_str().to_owned(),
            nar_hash: object.nar_hash.to_string(),
            nar_size: object.nar_size,
        })
        .collect()
}
