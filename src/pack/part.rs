//! Parts: what of a plan goes into one archive.

use std::collections::BTreeSet;

use crate::input::store_path::StorePath;

/// What an archive is of.
#[derive(Debug, Clone, Copy)]
pub enum Part<'a> {
    /// An App Container Image: this manifest, and the whole root file system.
    Image(&'a str),
    /// The layer of an OCI image with these store paths, and the directories above them.
    StorePaths(&'a BTreeSet<StorePath>),
    /// The layer of an OCI image with all but its store paths.
    RootAlone,
}

/// Name of the stage that packs, for Nix's progress bar.
pub const PACKING: &str = "packing";
