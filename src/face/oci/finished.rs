//! Finished: an image of ours that was built before, read from its layout.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use camino::Utf8Path;
use serde::Deserialize;
use serde_json::Value;

use crate::face::json::read;
use crate::face::oci::blob::blob_path;
use crate::face::oci::document::{
    ARTIFACTS, Descriptor, Digest, Entries, FULL_NAME, INDEX_FILE, Parts, REF_NAME,
};
use crate::face::oci::layer::Layer;
use crate::face::oci::list::List;

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

/// The parts of a configuration that tell of layers.
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
        let Parts { config, layers, .. } = read(&at(&manifest))?;
        let Configuration {
            config: execution,
            rootfs: RootFs { diff_ids },
            history,
        } = read(&at(&config))?;
        ensure!(
            layers.len() == diff_ids.len() && layers.len() == history.len(),
            "the manifest and the configuration of {output} have different numbers of layers"
        );
        let listed = List::load_if_there(output)?.layers.into_iter();
        let mut paths: BTreeMap<Digest, Vec<String>> = listed
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
    let Entries { manifests } = read(&output.join(INDEX_FILE))?;
    let entry = manifests.into_iter().next();
    entry.with_context(|| format!("{output} has no image"))
}

/// The blobs of the image in the directory `output`, and of the artifacts beside it, with their sizes.
pub(crate) fn blobs(output: &Utf8Path) -> Result<BTreeMap<Digest, u64>> {
    let mut blobs = BTreeMap::new();
    let beside = output.join(ARTIFACTS).join(INDEX_FILE);
    let indices = [output.join(INDEX_FILE), beside];
    for index in indices.iter().filter(|index| index.exists()) {
        let Entries { manifests } = read(index)?;
        for entry in manifests {
            let Parts { config, layers, .. } = read(&output.join(blob_path(entry.digest)))?;
            let all = [entry, config].into_iter().chain(layers);
            blobs.extend(all.map(|blob| (blob.digest, blob.size)));
        }
    }
    Ok(blobs)
}

/// The artifacts beside the image that is in the directory `output`: what the index calls them, and their digests.
pub(crate) fn artifacts(output: &Utf8Path) -> Result<Vec<(String, Digest)>> {
    let index = output.join(ARTIFACTS).join(INDEX_FILE);
    if !index.exists() {
        return Ok(Vec::new());
    }
    let Entries { manifests } = read(&index)?;
    let artifacts = manifests.into_iter();
    let artifacts = artifacts.filter(|manifest| manifest.artifact_type.is_some());
    let named = artifacts.filter_map(|mut manifest| {
        let name = manifest.annotations.remove(REF_NAME)?;
        Some((name, manifest.digest))
    });
    Ok(named.collect())
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
