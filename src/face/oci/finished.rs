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
use crate::face::oci::layout::{FULL_NAME, INDEX_FILE, REF_NAME, blob_path};
use crate::face::oci::{artifact, shared};

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
        let manifest = entry(output)?;
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

impl Finished {
    /// What the image is called where Docker's names are understood, e.g. `docker.io/library/redis:7.2`.
    pub(crate) fn full_name(&self) -> Result<&str> {
        annotation(&self.manifest, FULL_NAME)
    }
}

/// The first entry of the layout in the directory `output`: an image, or an index of some.
pub(crate) fn entry(output: &Utf8Path) -> Result<Descriptor> {
    let index: Index = read(&output.join(INDEX_FILE))?;
    let entry = index.manifests.into_iter().next();
    entry.with_context(|| format!("{output} has no image"))
}

/// The blobs of the image in the directory `output`, and of the artifacts beside it, with their sizes.
pub(crate) fn blobs(output: &Utf8Path) -> Result<BTreeMap<Digest, u64>> {
    let mut blobs = BTreeMap::new();
    let beside = output.join(artifact::DIRECTORY).join(INDEX_FILE);
    let indices = [output.join(INDEX_FILE), beside];
    for index in indices.iter().filter(|index| index.exists()) {
        let index: Index = read(index)?;
        for entry in index.manifests {
            let Manifest { config, layers } = read(&output.join(blob_path(entry.digest)))?;
            let all = [entry, config].into_iter().chain(layers);
            blobs.extend(all.map(|blob| (blob.digest, blob.size)));
        }
    }
    Ok(blobs)
}

/// The tag that the entry of a layout has of its own.
pub(crate) fn tag(entry: &Descriptor) -> Result<&str> {
    annotation(entry, REF_NAME)
}

fn annotation<'e>(entry: &'e Descriptor, name: &str) -> Result<&'e str> {
    let value = entry.annotations.get(name);
    let value = value.map(String::as_str);
    value.with_context(|| format!("the index of the layout does not say {name}"))
}

/// Reads a JSON document.
pub(crate) fn read<T: DeserializeOwned>(path: &Utf8Path) -> Result<T> {
    let context = || format!("reading {path}");
    let text = fs::read_to_string(path).with_context(context)?;
    serde_json::from_str(&text).with_context(context)
}
