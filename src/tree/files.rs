//! `files`: what the user puts into the image.
//!
//! The user has precedence over packages: a file of the user's replaces a package's file or link, but a whole
//! directory is replaced only by a directory.

use std::collections::BTreeMap;

use anyhow::{Result, anyhow};
use camino::Utf8Path;

use crate::host::problem::Problems;
use crate::host::store::{self, Followed, Seen, Store};
use crate::image::path::parent;
use crate::image::{Id, InnerPath};
use crate::input::spec::{Content, File, Mode};
use crate::tree::descent::Walk;
use crate::tree::merge::Merge;
use crate::tree::{Attributes, Entry, Node, Origin, Source};

/// Puts the entries of `files` into the tree.
pub fn put(
    merge: &mut Merge<'_>,
    store: Store<'_>,
    files: &BTreeMap<InnerPath, File>,
    problems: &mut Problems,
) -> Result<()> {
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
                ..Entry::symlink(target, Origin::Files)
            },
            Content::Source(source) => {
                match copy(Utf8Path::new(source), store, &owned, file.mode.is_some()) {
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

/// A copy of what is at `source` in the store, links that leave it followed inside the closure.
fn copy(
    source: &Utf8Path,
    store: Store<'_>,
    owned: &impl Fn(u32) -> Attributes,
    has_mode: bool,
) -> Result<Entry> {
    let node_at = |entry| Entry {
        node: entry,
        attributes: owned(0o755),
        origin: Origin::Files,
    };
    match store.follow(source)? {
        Followed::File {
            path,
            executable,
            size,
        } => Ok(Entry {
            attributes: owned(if executable { 0o755 } else { 0o644 }),
            ..node_at(Node::File(Source::Store { path, size }))
        }),
        Followed::Directory(_) if has_mode => anyhow::bail!(
            "{source} is a directory, for whose content one mode cannot be right; set modes with perms"
        ),
        Followed::Directory(directory) => {
            let mut root = node_at(Node::Directory(BTreeMap::new()));
            let mut copy = Copy {
                store,
                owned,
                root: &directory,
                walk: Walk::default(),
            };
            copy.directory(&directory, true, &mut root)?;
            Ok(root)
        }
        Followed::Missing(path) => anyhow::bail!("{path} is not there"),
        Followed::Outside(path) => anyhow::bail!(
            "leads to {path}, outside the closure; give a path of the store, or a path literal such as ./file, \
             which Nix copies there"
        ),
        Followed::Loop => anyhow::bail!("{source} is a link that leads to itself"),
    }
}

/// A directory of the store on its way into the tree.
struct Copy<'c, F> {
    store: Store<'c>,
    owned: &'c F,
    /// The directory that was asked for.
    root: &'c Utf8Path,
    walk: Walk,
}

impl<F: Fn(u32) -> Attributes> Copy<'_, F> {
    /// Copies what is in `directory`. `in_place` is whether it was reached without a link, so that a relative link in
    /// it leads to the same thing in the copy.
    fn directory(&mut self, directory: &Utf8Path, in_place: bool, into: &mut Entry) -> Result<()> {
        let Node::Directory(children) = &mut into.node else {
            return Ok(());
        };
        let entered = self.walk.enter(directory, 0);
        entered.map_err(|error| anyhow!("{}: {error}", self.root))?;
        for name in store::list(directory)? {
            let path = directory.join(&name);
            let seen = store::look(&path)?;
            let entry = match &seen {
                Seen::Symlink(target) if in_place && stays_in(&path, target, self.root) => {
                    Entry::symlink(target, Origin::Files)
                }
                _ => match self.store.follow(&path)? {
                    Followed::Directory(real) => {
                        let mut child = Entry::directory((self.owned)(0o755), Origin::Files);
                        let in_place = in_place && seen == Seen::Directory;
                        self.directory(&real, in_place, &mut child)?;
                        child
                    }
                    _ => copy(&path, self.store, self.owned, false)?,
                },
            };
            children.insert(name, entry);
        }
        self.walk.leave();
        Ok(())
    }
}

/// Whether a relative link at `path` leads to something in the same tree, so that it can be copied as it is.
fn stays_in(path: &Utf8Path, target: &str, root: &Utf8Path) -> bool {
    let Ok(below) = path.strip_prefix(root) else {
        return false;
    };
    if target.starts_with('/') {
        return false;
    }
    let mut depth = below.components().count().saturating_sub(1);
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." if depth == 0 => return false,
            ".." => depth -= 1,
            _ => depth += 1,
        }
    }
    true
}
