//! Index: one name for images of several platforms, of which each machine takes its own (`mkIndex`).
//!
//! The layout has one entry, the index, whose entries are the images (image specification 1.1, section "Image Index").
//! The blobs are links to those of the images. For each image there is a layout of its own within, over the same blobs,
//! with all that lies beside the image: what engines are given who take no index, and what runs here.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use crate::face::json::{json, read};
use crate::face::oci::blob::{self, blob_path};
use crate::face::oci::document::{
    Descriptor, Entries, FULL_NAME, INDEX, INDEX_FILE, Index, LAYOUT_FILE, LAYOUT_TEXT, Parts,
    Platform, REF_NAME,
};
use crate::face::oci::finished::{self, Finished};
use crate::face::scripts;
use crate::host::log::{Log, count};
use crate::host::output::Output;
use crate::input::attrs::Attrs;
use crate::rules::RULES;

/// Where blobs are in a layout.
const BLOBS: &str = "blobs";

/// What an image has of its own for who links it somewhere; the index has that of its own.
const POSTPROCESS: &str = "postprocess.sh";

/// Writes the index of the finished images of `attrs`.
pub(crate) fn write(attrs: &Attrs, output: &mut Output, log: &Log) -> Result<()> {
    let mut manifests = Vec::new();
    // What all images say of themselves, the index says too: registries show that.
    let mut said: Option<BTreeMap<String, String>> = None;
    let mut platforms = BTreeSet::new();
    for image in &attrs.images {
        let (manifest, name) =
            take(image, output).with_context(|| format!("reading the image {image}"))?;
        ensure!(
            platforms.insert(name.clone()),
            "there are two images for {name}"
        );
        let Parts { annotations, .. } = read(&image.join(blob_path(manifest.digest)))?;
        match &mut said {
            Some(said) => said.retain(|name, value| annotations.get(name) == Some(value)),
            None => said = Some(annotations),
        }
        manifests.push(manifest);
    }
    let index = Index {
        schema_version: 2,
        media_type: INDEX,
        manifests,
        annotations: said.unwrap_or_default(),
    };
    let closure = &attrs.closure;
    let mut entry = blob::write(output, closure, INDEX, &index)?;
    log.line(format!(
        "{} for {}, {}",
        count(platforms.len() as u64, "image", "images"),
        platforms.into_iter().collect::<Vec<_>>().join(", "),
        entry.digest
    ));
    let reference = &attrs.spec.form.reference;
    entry.annotations = BTreeMap::from([
        (REF_NAME.to_owned(), reference.tag().to_owned()),
        (FULL_NAME.to_owned(), reference.in_full()),
    ]);
    let layout = Index {
        schema_version: 2,
        media_type: INDEX,
        manifests: vec![entry],
        annotations: BTreeMap::new(),
    };
    output.write(LAYOUT_FILE, LAYOUT_TEXT, 0o644)?;
    output.write(INDEX_FILE, &json(closure, &layout)?, 0o644)?;
    scripts::write(&RULES.verbs.oci, output)
}

/// Takes the image in the directory `image` into the index; gives back its entry, and the name of its platform.
fn take(image: &Utf8Path, output: &mut Output) -> Result<(Descriptor, String)> {
    let Finished { manifest, .. } = Finished::load(image)?;
    let platform = manifest.platform.as_ref();
    let name = directory(platform.context("its index does not say what it runs on")?);
    link_below(image, BLOBS, BLOBS, output)?;
    for entry in entries(image)? {
        let within = format!("{name}/{entry}");
        if entry == BLOBS {
            output.link(&within, "../blobs".into());
        } else if image.join(&entry).is_dir() {
            link_below(image, &entry, &within, output)?;
        } else if entry != POSTPROCESS {
            output.link(&within, &end(&image.join(&entry))?);
        }
    }
    let manifest = Descriptor {
        annotations: BTreeMap::new(),
        ..manifest
    };
    Ok((manifest, name))
}

/// Links all that is below `directory` of an image.
fn link_below(image: &Utf8Path, directory: &str, within: &str, output: &mut Output) -> Result<()> {
    for entry in entries(&image.join(directory))? {
        let path = image.join(directory).join(&entry);
        let within = format!("{within}/{entry}");
        if !path.is_dir() {
            output.link(&within, &end(&path)?);
        } else if path.is_symlink() {
            // The blobs of artifacts are those of their image.
            output.link(&within, &path.read_link_utf8()?);
        } else {
            link_below(image, &format!("{directory}/{entry}"), &within, output)?;
        }
    }
    Ok(())
}

/// Where a link leads in the end: one to a link would need what lies between.
fn end(path: &Utf8Path) -> Result<Utf8PathBuf> {
    path.canonicalize_utf8()
        .with_context(|| format!("reading {path}"))
}

/// The names in a directory, sorted.
fn entries(directory: &Utf8Path) -> Result<BTreeSet<String>> {
    let context = || format!("reading the directory {directory}");
    let entries = directory.read_dir_utf8().with_context(context)?;
    entries
        .map(|entry| Ok(entry.with_context(context)?.file_name().to_owned()))
        .collect()
}

/// What the layout of an image for `platform` is called within the index: `linux-amd64`, `linux-arm64-v8`.
fn directory(platform: &Platform) -> String {
    let Platform {
        os,
        architecture,
        variant,
    } = platform;
    let variant = variant.as_ref().map(|variant| format!("-{variant}"));
    format!("{os}-{architecture}{}", variant.unwrap_or_default())
}

/// The images of the index in the directory `output`, and where in it the layout of each is; nothing where it is the
/// layout of one image.
pub(crate) fn images(output: &Utf8Path) -> Result<Option<Vec<(Platform, String)>>> {
    let entry = finished::entry(output)?;
    if entry.media_type != INDEX {
        return Ok(None);
    }
    let Entries { manifests } = read(&output.join(blob_path(entry.digest)))?;
    let platforms = manifests
        .into_iter()
        .filter_map(|manifest| manifest.platform);
    let images = platforms.map(|platform| {
        let directory = directory(&platform);
        (platform, directory)
    });
    Ok(Some(images.collect()))
}

/// The layouts of the images of the index in the directory `output`, or that itself, where it is the layout of one image.
pub(crate) fn layouts(output: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
    Ok(match images(output)? {
        Some(images) => images
            .iter()
            .map(|(_, within)| output.join(within))
            .collect(),
        None => vec![output.to_owned()],
    })
}
