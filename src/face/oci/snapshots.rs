//! Snapshots: what a layer says to the snapshotter of containerd that mounts store paths, nix-snapshotter.
//!
//! containerd hands such annotations of a layer on to the snapshotter as labels. For each store path named so it asks Nix
//! for the path, keeps that from garbage collection as long as the snapshot is there, and mounts it read-only at its own
//! place, which the layer has to have (`pkg/nix/snapshotter.go`, `pkg/nix2container/generate.go` of nix-snapshotter).

use std::collections::{BTreeMap, BTreeSet};

use crate::input::store_path::StorePath;

/// What says that there are such paths.
const IS_NIX: &str = "containerd.io/snapshot/nix-layer";

/// What a number follows, from 0 on.
const PATH: &str = "containerd.io/snapshot/nix-store-path.";

/// What the layer with the places of `mounted` says; nothing where nothing is mounted.
pub(super) fn annotations(mounted: &BTreeSet<StorePath>) -> BTreeMap<String, String> {
    let paths = mounted.iter().enumerate();
    let mut annotations: BTreeMap<String, String> = paths
        .map(|(number, path)| (format!("{PATH}{number}"), path.to_string()))
        .collect();
    if !annotations.is_empty() {
        annotations.insert(IS_NIX.to_owned(), "true".to_owned());
    }
    annotations
}
