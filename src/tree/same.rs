//! Sameness: whether two entries of packages have the same content, so that either may stand in the tree.

use std::fs::File;
use std::io::{BufRead, BufReader};

use anyhow::{Context, Result};
use camino::Utf8Path;

use crate::host::store::{Followed, Store};
use crate::tree::{Entry, Node, Source};

/// Files are compared in pieces of this many bytes.
const BLOCK: usize = 64 * 1024;

/// Whether two entries that are not directories are alike: the same link, or files of equal bytes and mode.
pub(super) fn same_content(store: Store<'_>, one: &Entry, other: &Entry) -> Result<bool> {
    if one.children().is_some() {
        return Ok(false);
    }
    if one.node == other.node {
        return Ok(true);
    }
    let (Some(one), Some(other)) = (leads_into_store(one), leads_into_store(other)) else {
        return Ok(false);
    };
    match (store.follow(one)?, store.follow(other)?) {
        (
            Followed::File {
                path: one,
                executable: one_runs,
                size: one_size,
            },
            Followed::File {
                path: other,
                executable: other_runs,
                size: other_size,
            },
        ) => Ok(one == other
            || (one_runs == other_runs && one_size == other_size && same_bytes(&one, &other)?)),
        (one, other) => Ok(one == other),
    }
}

/// Where in the store a package's entry has its content.
pub(super) fn leads_into_store(entry: &Entry) -> Option<&Utf8Path> {
    match &entry.node {
        Node::Symlink(target) => Some(Utf8Path::new(target)),
        Node::File(Source::Store { path, .. }) => Some(path),
        _ => None,
    }
}

/// Whether two files have the same bytes. They are compared in blocks, since they may be large.
fn same_bytes(one: &Utf8Path, other: &Utf8Path) -> Result<bool> {
    let open = |path: &Utf8Path| -> Result<_> {
        let file = File::open(path).with_context(|| format!("reading {path}"))?;
        Ok(BufReader::with_capacity(BLOCK, file))
    };
    let (mut one_file, mut other_file) = (open(one)?, open(other)?);
    let context = || format!("comparing {one} and {other}");
    loop {
        let a = one_file.fill_buf().with_context(context)?;
        let b = other_file.fill_buf().with_context(context)?;
        // Either may end, or come in smaller pieces than the other.
        let length = a.len().min(b.len());
        if a[..length] != b[..length] {
            return Ok(false);
        }
        if length == 0 {
            return Ok(a.is_empty() && b.is_empty());
        }
        one_file.consume(length);
        other_file.consume(length);
    }
}
