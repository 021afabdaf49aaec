//! Finished: an image of ours that was built before, read from its layout.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result, ensure};
use camino::Utf8Path;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::face::oci::document::{Descriptor, Digest};
use crate::face::oci::layer::Layer;
use crate::face::oci::layout::blob_path;
use crate::face::oci::shared;

/// What the layout of an image says of it.
pub(crate) struct Finished {
    /// The image manifest.
    pub(crate) manifest: Descriptor,
    /// The configuration.
    pub(crate) config: Descriptor,
    /// The layers, lowest first.
    pub(crate) layers: Vec<Layer>,
    /// How it is run: the member `config` of the configuration.
    pub(crate) execution: Value,
}

/// The parts of an index, a manifest and a configuration that tell of layers.
#[derive(Deserialize)]
struct Index {
    manifests: Vec<Descriptor>,
}

#[derive(Deserialize)]
struct Manifest {
    config: Descriptor,
    layers: Vec<Descriptor>,
}

#[derive(Deserialize)]
struct Configuration {
    #[serde(default)]
    config: Value,
    rootfs: RootFs,
    history: Vec<History>,
}

#[derive(Deserialize)]
struct RootFs {
    diff_ids: Vec<Digest>,
}

#[derive(Deserialize)]
struct History {
    comment: String,
}

impl Finished {
    /// Reads the layout of an image that is in the directory `output`.
    pub(crate) fn load(output: &Utf8Path) -> Result<Self> {
        let at = |descriptor: &Descriptor| output.join(blob_path(descriptor.digest));
        let index: Index = read(&output.join("index.json"))?;
        let manifest = index.manifests.into_iter().next();
        let manifest = manifest.with_context(|| format!("{output} has no image"))?;
        let Manifest { config, layers } = read(&at(&manifest))?;
        let Configuration {
            config: execution,
            rootfs: RootFs { diff_ids },
            history,
        } = read(&at(&config))?;
        ensure!(
            layers.len() == diff_ids.len() && layers.len() == history.len(),
            "the manifest and the configuration of {output} have different numbers of layers"
        );
        // One that another version has made may have no such list.
        let listed = if output.join(shared::LIST).exists() {
            shared::listed(output)?
        } else {
            Vec::new()
        };
        let mut paths: BTreeMap<Digest, Vec<String>> = listed
            .into_iter()
            .map(|layer| (layer.descriptor.digest, layer.paths))
            .collect();
        let layers = layers.into_iter().zip(diff_ids).zip(history);
        let layer = |((descriptor, diff_id), History { comment }): ((Descriptor, _), _)| Layer {
            paths: paths.remove(&descriptor.digest).unwrap_or_default(),
            descriptor,
            diff_id,
            comment,
        };
        Ok(Self {
            manifest,
            config,
            layers: layers.map(layer).collect(),
            execution,
        })
    }
}

/// Reads a JSON document.
pub(crate) fn read<T: DeserializeOwned>(path: &Utf8Path) -> Result<T> {
    let context = || format!("reading {path}");
    let text = fs::read_to_string(path).with_context(context)?;
    serde_json::from_str(&text).with_context(context)
}
