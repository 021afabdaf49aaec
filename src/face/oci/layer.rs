//! A layer of an OCI image: an archive that is a blob, and what is told of it.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::face::oci::blob::blob_path;
use crate::face::oci::document::{Descriptor, Digest, LAYER};
use crate::host::cache::Key;
use crate::host::output::Output;
use crate::input::attrs::Attrs;
use crate::input::compression::Compression;
use crate::input::store_path::StorePath;
use crate::pack::compress;
use crate::pack::packer::{Named, Packed, Packer};
use crate::pack::part::Part;
use crate::tree::findings::Finding;

/// How many store paths of a layer are named.
const NAMED: usize = 3;

/// A layer that is somewhere.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Layer {
    /// What it is, and where.
    pub descriptor: Descriptor,
    /// Digest of the uncompressed layer.
    pub diff_id: Digest,
    /// What it holds, for people.
    pub comment: String,
    /// The store paths that it holds, without the store.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
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
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Note {
    digest: Digest,
    size: u64,
    diff_id: Digest,
    /// What was found in it, since it is not read again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    found: Vec<Finding>,
}

/// Layers that are in the output.
pub(crate) struct Written {
    /// In the order in which they were asked for.
    pub(crate) layers: Vec<Layer>,
    /// What was found in them.
    pub(crate) found: Vec<Finding>,
}

/// Writes a layer for each of `parts`, in their order. What the output's cache has is not made again.
pub(crate) fn write(
    packer: &Packer<'_>,
    parts: &[Part<'_>],
    attrs: &Attrs,
    output: &mut Output,
) -> Result<Written> {
    let media_type = media_type(attrs.spec.form.compression)?;
    let keys: Vec<Option<Key>> = parts.iter().map(|part| key(*part, attrs)).collect();
    let mut notes: Vec<Option<Note>> = Vec::new();
    for (part, key) in parts.iter().zip(&keys) {
        let note: Option<Note> = key.as_ref().and_then(|key| output.note(key));
        let taken = match &note {
            Some(note) => output.take(note.digest, &blob_path(note.digest))?,
            None => None,
        };
        if let (Some(()), Part::StorePaths(paths)) = (taken, part) {
            packer.verify_copied(paths)?;
        }
        notes.push(note.filter(|_| taken.is_some()));
    }
    let missing = parts.iter().zip(&notes);
    let missing = missing.filter(|(_, note)| note.is_none());
    let missing: Vec<Part<'_>> = missing.map(|(part, _)| *part).collect();
    let mut made = pack(packer, &missing, output)?.into_iter();
    let mut found = packer.take_found();
    let known = notes.iter().flatten().flat_map(|note| &note.found);
    found.extend(known.cloned());
    for ((note, key), part) in notes.iter_mut().zip(&keys).zip(parts) {
        if note.is_none() {
            *note = made.next();
            if let (Some(note), Some(key), Part::StorePaths(paths)) = (note, key, part) {
                let here = found.iter().filter(|finding| {
                    let path = finding.store_path(&attrs.closure);
                    path.is_some_and(|path| paths.contains(&path))
                });
                note.found = here.cloned().collect();
                output.keep(note.digest, &blob_path(note.digest), key, note)?;
            }
        }
    }
    let layers = parts.iter().zip(notes.into_iter().flatten());
    let layer = |(part, note): (&Part<'_>, Note)| Layer {
        descriptor: Descriptor {
            media_type: media_type.clone(),
            artifact_type: None,
            digest: note.digest,
            size: note.size,
            platform: None,
            annotations: BTreeMap::new(),
        },
        diff_id: note.diff_id,
        comment: title(*part),
        paths: match part {
            Part::StorePaths(paths) => paths
                .iter()
                .map(|path| path.base_name().to_owned())
                .collect(),
            Part::Image(_) | Part::RootAlone => Vec::new(),
        },
    };
    Ok(Written {
        layers: layers.map(layer).collect(),
        found,
    })
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
fn pack(packer: &Packer<'_>, parts: &[Part<'_>], output: &mut Output) -> Result<Vec<Note>> {
    if parts.is_empty() {
        return Ok(Vec::new());
    }
    let named = Named::ByDigest(|digest| blob_path(Digest(*digest)));
    let what = |part: Part<'_>| format!("writing the layer of {}", title(part));
    let archives = packer.pack_all::<Sha256>(parts, output, &named, what)?;
    let note = |archive: Packed<Sha256>| Note {
        digest: Digest(archive.sha256),
        size: archive.summary.compressed,
        diff_id: Digest(archive.summary.digest.into()),
        found: Vec::new(),
    };
    Ok(archives.into_iter().map(note).collect())
}

/// What a layer is called: the names of its store paths, as far as people read them.
pub(crate) fn title(part: Part<'_>) -> String {
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
