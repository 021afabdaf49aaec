//! Pieces: the files of an image, as a directory has them.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use crate::face::oci::blob::blob_path;
use crate::face::oci::finished;
use crate::host::digest::Digest;
use crate::host::interrupt::Interrupt;
use crate::host::threads;

/// Where in a layout the blobs are.
const BLOBS: &str = "blobs/sha256/";

/// What of a layout is a link, when it lies within that of an index.
const LINKED: &str = "blobs";

/// A file of an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Piece {
    /// Its path in the image's output.
    pub(super) name: String,
    pub(super) mode: u32,
    pub(super) digest: Digest,
    pub(super) size: u64,
    /// Where it is in the store, when it is a link to there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) linked: Option<Utf8PathBuf>,
    /// Where it leads within the image, when it is a link to a directory, and has no content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) alias: Option<Utf8PathBuf>,
}

/// All files below `directory`, as they are.
pub(super) fn read(directory: &Utf8Path, interrupt: &Interrupt) -> Result<Vec<Piece>> {
    let names = names(directory)?;
    let mut pieces = Vec::new();
    threads::ahead(
        names.len(),
        |number| {
            let name = &names[number];
            let path = directory.join(name);
            match alias(&path, name)? {
                Some(alias) => Ok(alias),
                None => piece(
                    directory,
                    name,
                    Digest::of_file(&path, &|| interrupt.check())?,
                ),
            }
        },
        |_, piece| {
            pieces.push(piece);
            Ok(())
        },
    )?;
    Ok(pieces)
}

/// All files below `directory`, blobs as their names say, and unread.
pub(super) fn listed(directory: &Utf8Path) -> Result<Vec<Piece>> {
    let names = names(directory)?;
    let mut all = Vec::new();
    for name in &names {
        let path = directory.join(name);
        if let Some(alias) = alias(&path, name)? {
            if name == LINKED {
                // Those of the index that this is an image of, among which are the blobs of others.
                for (digest, size) in finished::blobs(directory)? {
                    let name = blob_path(digest);
                    all.push(piece(directory, &name, (digest, size))?);
                }
            } else {
                all.push(alias);
            }
            continue;
        }
        let blob = name.strip_prefix(BLOBS).and_then(Digest::from_hex);
        let found = match blob {
            Some(digest) => {
                let metadata = fs::metadata(&path).with_context(|| format!("reading {path}"))?;
                (digest, metadata.len())
            }
            None => Digest::of_file(&path, &|| Ok(()))?,
        };
        all.push(piece(directory, name, found)?);
    }
    Ok(all)
}

/// The names of all files below `directory`, sorted.
fn names(directory: &Utf8Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let mut waiting = vec![directory.to_owned()];
    while let Some(here) = waiting.pop() {
        let context = || format!("reading the directory {here}");
        for entry in fs::read_dir(&here).with_context(context)? {
            let path = Utf8PathBuf::try_from(entry.with_context(context)?.path())?;
            if path.is_dir() && !path.is_symlink() {
                waiting.push(path);
            } else {
                names.push(path.strip_prefix(directory)?.to_string());
            }
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// The link at `path` that leads to a directory of the image, if there is one.
fn alias(path: &Utf8Path, name: &str) -> Result<Option<Piece>> {
    if !path.is_dir() {
        return Ok(None);
    }
    let target = path.read_link_utf8();
    let target = target.with_context(|| format!("reading {path}"))?;
    Ok(Some(Piece {
        name: name.to_owned(),
        mode: 0o644,
        digest: Digest::of(target.as_str().as_bytes()),
        size: 0,
        linked: None,
        alias: Some(target),
    }))
}

/// The file of this name below `directory`, of which digest and size are known.
fn piece(directory: &Utf8Path, name: &str, (digest, size): (Digest, u64)) -> Result<Piece> {
    let path = directory.join(name);
    let metadata = fs::symlink_metadata(&path);
    let metadata = metadata.with_context(|| format!("reading {path}"))?;
    let (mode, linked) = if metadata.is_symlink() {
        // A copy is its user's to write, and what could be run there can be run here.
        let target = path.canonicalize_utf8()?;
        let context = || format!("reading {target}");
        let mode = fs::metadata(&target).with_context(context)?.permissions();
        let mode = if mode.mode() & 0o111 == 0 {
            0o644
        } else {
            0o755
        };
        (mode, Some(target))
    } else {
        (metadata.permissions().mode() & 0o7777, None)
    };
    Ok(Piece {
        name: name.to_owned(),
        mode,
        digest,
        size,
        linked,
        alias: None,
    })
}
