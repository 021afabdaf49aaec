//! Blobs: the files of a layout, each of which is called after its digest (image specification 1.1, "Image Layout").

use std::collections::BTreeMap;

use anyhow::Result;
use serde::Serialize;

use crate::face::json::json;
use crate::face::oci::document::{Descriptor, Digest};
use crate::host::output::Output;
use crate::input::closure::Closure;

/// Where the blob of a digest is in a layout.
pub(crate) fn blob_path(digest: Digest) -> String {
    format!("blobs/sha256/{}", digest.hex())
}

/// Writes a JSON document as a blob.
pub(super) fn write(
    output: &mut Output,
    closure: &Closure,
    media_type: &str,
    document: &impl Serialize,
) -> Result<Descriptor> {
    write_text(output, media_type, &json(closure, document)?)
}

/// Writes a text as a blob.
pub(super) fn write_text(output: &mut Output, media_type: &str, text: &str) -> Result<Descriptor> {
    let digest = Digest::of(text.as_bytes());
    output.write(&blob_path(digest), text, 0o644)?;
    Ok(Descriptor {
        media_type: media_type.to_owned(),
        artifact_type: None,
        digest,
        size: text.len() as u64,
        platform: None,
        annotations: BTreeMap::new(),
    })
}
