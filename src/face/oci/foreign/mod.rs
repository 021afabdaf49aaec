//! Foreign: an image that another tool has made, read once for all images that stand on it (argument `fromImage`).
//!
//! What comes in is an OCI layout, an archive of one, or an archive of `docker save`. Each layer is compared with its
//! digests, and stays as it is, to the byte. What goes out is `layers.json` and `blobs/`, as of layers that are made
//! apart, and what else is [known](crate::input::foreign) of the image.

mod blobs;
pub(crate) mod choice;
pub(crate) mod members;
mod named;
mod rootfs;
mod stream;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufReader, Read};

use anyhow::{Context, Result, ensure};
use camino::Utf8Path;
use sha2::Sha256;

use crate::face::json::json;
use crate::face::oci::document::{Descriptor, Digest, Platform};
use crate::face::oci::foreign::blobs::Blobs;
use crate::face::oci::foreign::choice::{Chosen, Wanted};
use crate::face::oci::foreign::members::Members;
use crate::face::oci::foreign::rootfs::Layers;
use crate::face::oci::layer::Layer;
use crate::face::oci::{limits, list};
use crate::host::digest::Hashing;
use crate::host::interrupt::Interrupt;
use crate::host::log::{Log, count, size};
use crate::host::output::Output;
use crate::input::attrs::Attrs;
use crate::input::foreign::{DOCUMENT, Foreign};
use crate::tree::foreign::records;

/// Pieces in which layers are read.
const PIECE: usize = 256 * 1024;

/// So many characters of what made a layer are told.
const TOLD: usize = 200;

/// Reads the image of `attrs`, and writes its layers and what is known of it.
pub(crate) fn write(
    attrs: &Attrs,
    output: &mut Output,
    log: &Log,
    interrupt: &Interrupt,
) -> Result<()> {
    let from = attrs.spec.root.from_image.as_ref();
    let source = &from.context("no image is given")?.path;
    let platform = limits::platform(&attrs.spec.image)?;
    read(&platform, source, output, interrupt)
        .and_then(|(layers, foreign)| {
            let bytes = layers.iter().map(|layer| layer.descriptor.size).sum();
            log.line(format!(
                "{}, {}, {}",
                count(layers.len() as u64, "layer", "layers"),
                size(bytes),
                count(foreign.entries.len() as u64, "entry", "entries")
            ));
            list::write(&layers, &[], attrs, output)?;
            output.write(DOCUMENT, &json(&attrs.closure, &foreign)?, 0o644)
        })
        .with_context(|| format!("fromImage: {source}"))
}

fn read(
    platform: &Platform,
    source: &Utf8Path,
    output: &mut Output,
    interrupt: &Interrupt,
) -> Result<(Vec<Layer>, Foreign)> {
    let mut blobs = Blobs::open(source, output, interrupt)?;
    let Chosen {
        id,
        execution,
        layers,
        ..
    } = choice::choose(&blobs, platform)?;
    let mut rootfs = Layers::new();
    let mut read = Vec::new();
    for wanted in &layers {
        let layer = read_layer(wanted, &blobs, &mut rootfs, interrupt);
        read.push(layer.with_context(|| format!("the layer {}", wanted.name))?);
    }
    // One layer may be there several times.
    let mut placed = BTreeSet::new();
    for (wanted, layer) in layers.iter().zip(&read) {
        let digest = layer.descriptor.digest;
        if placed.insert(digest) {
            blobs.place(&wanted.name, digest, output)?;
        }
    }
    blobs.close()?;
    let foreign = Foreign {
        id: id.to_string(),
        execution,
        entries: records(&rootfs.tree),
    };
    Ok((read, foreign))
}

/// An image that was read to its end.
pub(crate) struct Fetched {
    /// Digest of its manifest, where it has one.
    pub(crate) manifest: Option<Digest>,
    /// Digest of its configuration.
    pub(crate) config: Digest,
    /// What is wrong with its layers, a line each.
    pub(crate) damaged: Vec<String>,
    /// Digests of the configurations of all images that are named there, each with the document that does.
    pub(crate) named: BTreeMap<Digest, String>,
}

/// Reads the image for `platform` at `source` to its end, and compares it with its own digests. Each layer is given to `take`.
/// What is in an archive goes to `output` meanwhile.
pub(crate) fn read_to_verify(
    source: &Utf8Path,
    platform: &Platform,
    output: &mut Output,
    interrupt: &Interrupt,
    take: Take<'_>,
) -> Result<Fetched> {
    let blobs = Blobs::open(source, output, interrupt)?;
    let chosen = choice::choose(&blobs, platform)?;
    let named = named::named(&blobs)?;
    let mut damaged = Vec::new();
    for wanted in &chosen.layers {
        if let Err(error) = read_with(wanted, &blobs, interrupt, take) {
            interrupt.check()?;
            damaged.push(format!("the layer {}: {error:#}", wanted.name));
        }
    }
    blobs.close()?;
    Ok(Fetched {
        manifest: chosen.manifest,
        config: chosen.id,
        damaged,
        named,
    })
}

/// Takes the members of a layer.
type Take<'t> = &'t mut dyn FnMut(&mut Members<'_, &mut dyn Read>) -> Result<()>;

/// Reads a layer, compares it with its digests, and lays it over those before it.
fn read_layer(
    wanted: &Wanted,
    blobs: &Blobs,
    rootfs: &mut Layers,
    interrupt: &Interrupt,
) -> Result<Layer> {
    read_with(wanted, blobs, interrupt, &mut |members| rootfs.lay(members))
}

/// Reads a layer, compares it with its digests, and gives its members to `take`.
fn read_with(
    wanted: &Wanted,
    blobs: &Blobs,
    interrupt: &Interrupt,
    take: Take<'_>,
) -> Result<Layer> {
    let path = blobs.path(&wanted.name)?;
    let file = File::open(&path).with_context(|| format!("opening {path}"))?;
    let mut packed = Hashing::<_, Sha256>::new(file);
    let (stream, media_type) = stream::decoder(BufReader::with_capacity(PIECE, &mut packed))?;
    let mut plain = Hashing::<_, Sha256>::new(BufReader::with_capacity(PIECE, stream));
    // What a layer holds is not looked at when it is another one: the digests say more than what follows from that.
    let from: &mut dyn Read = &mut plain;
    let taken = take(&mut Members::new(from, interrupt));
    let plain = plain.finish();
    let (digest, bytes) = packed.finish()?;
    let digest = Digest(digest.into());
    if let Some(told) = &wanted.descriptor {
        ensure!(
            told.digest == digest && told.size == bytes,
            "its digest is {digest} and its size {bytes}, where {} and {} are told: it is damaged; get the image anew",
            told.digest,
            told.size
        );
    }
    let (diff_id, _) = plain?;
    let diff_id = Digest(diff_id.into());
    ensure!(
        diff_id == wanted.diff_id,
        "uncompressed, its digest is {diff_id}, where the configuration tells {}: it is damaged, or the layer of another \
         image; get the image anew",
        wanted.diff_id
    );
    taken?;
    let annotations = wanted.descriptor.as_ref();
    let annotations = annotations.map_or_else(BTreeMap::new, |told| told.annotations.clone());
    Ok(Layer {
        descriptor: Descriptor {
            media_type,
            artifact_type: None,
            digest,
            size: bytes,
            platform: None,
            annotations,
        },
        diff_id,
        comment: wanted.comment.chars().take(TOLD).collect(),
        paths: Vec::new(),
    })
}
