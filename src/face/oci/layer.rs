//! A layer of an OCI image: an archive that is a blob, and what is told of it.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::face::oci::document::{Descriptor, Digest, LAYER};
use crate::face::oci::layout::blob_path;
use crate::host::cache::Key;
use crate::host::output::Output;
use crate::input::attrs::Attrs;
use crate::input::compression::Compression;
use crate::input::store_path::StorePath;
use crate::pack::compress;
use crate::pack::packer::{Named, Packed, Packer, Part};

/// How many store paths of a layer are named.
const NAMED: usize = 3;

/// A layer that has been written.
pub(crate) struct Layer {
    /// What it is, and where.
    pub descriptor: Descriptor,
    /// Digest of the uncompressed layer.
    pub diff_id: Digest,
    /// What it holds, for people.
    pub comment: String,
}

impl Layer {
    fn new(note: Note, media_type: &str, part: Part<'_>) -> Self {
        let Note {
            digest,
            size,
            diff_id,
        } = note;
        Self {
            descriptor: Descriptor {
                media_type: media_type.to_owned(),
                digest,
                size,
                platform: None,
                annotations: BTreeMap::new(),
            },
            diff_id,
            comment: title(part),
        }
    }
}

/// What a layer is, compressed so.
fn media_type(compression: Compression) -> Result<String> {
    let suffix = match compression {
        Compression::Gzip(_) => "+gzip",
        Compression::Zstd(_) => "+zstd",
        Compression::None => "",
        Compression::Xz(_) => bail!("OCI images have no layers that xz made"),
    };
    Ok(format!("{LAYER}{suffix}"))
}

/// What the cache notes of a layer.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Note {
    digest: Digest,
    size: u64,
    diff_id: Digest,
}

/// Writes a layer for each of `parts`, in their order. What the output's cache has is not made again.
pub(crate) fn write(
    packer: Packer<'_>,
    parts: &[Part<'_>],
    attrs: &Attrs,
    output: &mut Output,
) -> Result<Vec<Layer>> {
    let compression = attrs.spec.form.compression;
    let media_type = media_type(compression)?;
    let keys: Vec<Option<Key>> = parts.iter().map(|part| key(*part, attrs)).collect();
    let mut known = Vec::new();
    for (part, key) in parts.iter().zip(&keys) {
        let note: Option<Note> = key.as_ref().and_then(|key| output.note(key));
        known.push(match note {
            Some(note) => output
                .take(note.digest, &blob_path(note.digest))?
                .map(|()| Layer::new(note, &media_type, *part)),
            None => None,
        });
    }
    let missing = parts
        .iter()
        .zip(&known)
        .filter(|(_, known)| known.is_none());
    let missing: Vec<Part<'_>> = missing.map(|(part, _)| *part).collect();
    let mut made = pack(packer, &missing, output)?.into_iter();
    let mut layers = Vec::new();
    for ((part, key), known) in parts.iter().zip(&keys).zip(known) {
        if let Some(layer) = known {
            layers.push(layer);
            continue;
        }
        let note = made.next().context("a layer was not made")?;
        if let Some(key) = key {
            output.keep(note.digest, &blob_path(note.digest), key, &note)?;
        }
        layers.push(Layer::new(note, &media_type, *part));
    }
    Ok(layers)
}

/// By what the cache knows the layer of `part`; nothing for the root file system, which the whole image decides.
fn key(part: Part<'_>, attrs: &Attrs) -> Option<Key> {
    let Part::StorePaths(paths) = part else {
        return None;
    };
    let closure = &attrs.closure;
    let form = [
        "layer".to_owned(),
        compress::version().to_owned(),
        format!("{:?}", attrs.spec.form.compression),
        closure.store_dir().to_string(),
    ];
    let recorded = paths.iter().filter_map(|path| closure.get(path));
    let hashes = recorded.map(|object| object.nar_hash.to_string());
    let paths = paths.iter().map(StorePath::to_string).zip(hashes);
    let paths = paths.flat_map(|(path, hash)| [path, hash]);
    Some(Key::new(form.into_iter().chain(paths)))
}

/// Packs a layer of each of `parts`, in their order.
fn pack(mut packer: Packer<'_>, parts: &[Part<'_>], output: &mut Output) -> Result<Vec<Note>> {
    let mut pack = |part| {
        let named = Named::ByDigest(|digest| blob_path(Digest(*digest)));
        let Packed {
            summary, sha256, ..
        } = packer
            .pack::<Sha256>(part, output, &named)
            .with_context(|| format!("writing the layer of {}", title(part)))?;
        Ok(Note {
            digest: Digest(sha256),
            size: summary.compressed,
            diff_id: Digest(summary.digest.into()),
        })
    };
    parts.iter().map(|part| pack(*part)).collect()
}

/// What a layer is called: the names of its store paths, as far as people read them.
fn title(part: Part<'_>) -> String {
    let Part::StorePaths(paths) = part else {
        return "root file system".to_owned();
    };
    let mut names: Vec<&str> = paths.iter().map(StorePath::name).collect();
    names.sort_unstable();
    let more = names.split_off(names.len().min(NAMED)).len();
    let names = names.join(" ");
    match more {
        0 => names,
        more => format!("{names} and {more} more"),
    }
}
