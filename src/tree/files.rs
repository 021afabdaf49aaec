//! `files`: what the user puts into the image.
//!
//! The user has precedence over packages: a file of the user's replaces a package's file or link, but a whole
//! directory is replaced only by a directory.

use std::collections::BTreeMap;

use anyhow::Result;
use camino::Utf8Path;

use crate::host::problem::Problems;
use crate::host::store::Store;
use crate::image::path::parent;
use crate::image::{Id, InnerPath};
use crate::input::files::{Content, File, Mode};
use crate::tree::copy::copy;
use crate::tree::descent::Descent;
use crate::tree::merge::Merge;
use crate::tree::{Attributes, Entry, Node, Origin};

/// Puts the entries of `files` into the tree.
pub(crate) fn put(
    merge: &mut Merge<'_>,
    store: Store<'_>,
    files: &BTreeMap<InnerPath, File>,
    problems: &mut Problems,
) -> Result<()> {
    let mut descent = Descent::default();
    for (path, file) in files {
        let path = path.as_str();
        let argument = format!("files.{path:?}");
        let owned = |default| Attributes {
            mode: file.mode.map_or(default, Mode::bits),
            uid: file.uid.map_or(0, Id::get),
            gid: file.gid.map_or(0, Id::get),
        };
        let entry = match &file.content {
            Content::Text(text) => Entry {
                attributes: owned(0o644),
                ..Entry::text(text, Origin::Files)
            },
            Content::Directory => Entry::directory(owned(0o755), Origin::Files),
            Content::Symlink(target) => Entry {
                attributes: owned(0o777),
                ..Entry::symlink(target.as_str(), Origin::Files)
            },
            Content::Source(source) => {
                let (source, has_mode) = (Utf8Path::new(source), file.mode.is_some());
                match copy(source, store, &owned, has_mode, descent.of_another()) {
                    Ok(entry) => entry,
                    Err(error) => {
                        problems.add(format!("{argument}.source"), format!("{error:#}"));
                        continue;
                    }
                }
            }
        };
        lay(merge, path, entry, &argument, problems)?;
    }
    Ok(())
}

/// Puts `entry` at `path`; directories are merged into what is there.
fn lay(
    merge: &mut Merge<'_>,
    path: &str,
    entry: Entry,
    argument: &str,
    problems: &mut Problems,
) -> Result<()> {
    let path = &merge.behind_links_below(path)?;
    merge.make_real(parent(path))?;
    let there = merge.tree.get(path);
    // A link is replaced as it stands; only a directory goes into the directory that it leads to.
    let replaces = entry.children().is_none() && there.is_some_and(|e| e.children().is_none());
    let into_directory = !replaces && merge.make_real(path)?;
    if !into_directory {
        if let Err((obstacle, origin)) = merge.put(path, entry)? {
            problems.add(
                argument,
                format!(
                    "cannot go below {obstacle}, which {origin} brings and which is no directory"
                ),
            );
        }
        return Ok(());
    }
    let Node::Directory(children) = entry.node else {
        problems.add(
            argument,
            format!("would replace the whole directory {path}; name a path in it, or leave the directory out with pathsToLink"),
        );
        return Ok(());
    };
    if let Some(there) = merge.tree.get_mut(path) {
        there.attributes = entry.attributes;
        there.origin = entry.origin;
    }
    for (name, child) in children {
        lay(merge, &format!("{path}/{name}"), child, argument, problems)?;
    }
    Ok(())
}
