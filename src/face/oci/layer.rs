//! A layer of an OCI image: an archive that is a blob, and what is told of it.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::face::oci::document::{Descriptor, Digest, LAYER};
use crate::face::oci::layout::blob_path;
use crate::host::output::Output;
use crate::input::compression::Compression;
use crate::input::store_path::StorePath;
use crate::pack::packer::{Named, Packed, Packer, Part};

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

/// Writes a layer for each of `parts`, in their order.
pub(crate) fn write(
    packer: &Packer<'_>,
    parts: &[Part<'_>],
    compression: Compression,
    output: &mut Output,
) -> Result<Vec<Layer>> {
    let media_type = media_type(compression)?;
    let named = Named::ByDigest(|digest| blob_path(Digest(*digest)));
    let what = |part: Part<'_>| format!("writing the layer of {}", title(part));
    let archives = packer.pack_all::<Sha256>(parts, output, &named, what)?;
    let layer = |(part, archive): (&Part<'_>, Packed<Sha256>)| Layer {
        descriptor: Descriptor {
            media_type: media_type.clone(),
            digest: Digest(archive.sha256),
            size: archive.summary.compressed,
            platform: None,
            annotations: BTreeMap::new(),
        },
        diff_id: Digest(archive.summary.digest.into()),
        comment: title(*part),
    };
    Ok(parts.iter().zip(archives).map(layer).collect())
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
