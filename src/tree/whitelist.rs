//! The whitelist: the paths that are seen when an App Container Image is rendered.
//!
//! rkt takes each entry of a `pathWhitelist` for one path, and leaves out every file and link that none names (appc,
//! "Image Manifest Schema"). So the list in a manifest is longer than its author's: it has what the author's paths lead
//! to, and what is below them. Of a store path that one leads into, it has all, and all of those that this one needs.

use std::collections::BTreeSet;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use crate::host::store::{Seen, Store, list, look};
use crate::image::ImagePath;
use crate::input::store_path::StorePath;
use crate::tree::contents::Contents;
use crate::tree::interpreter::Needs;
use crate::tree::lookup::{Rootfs, Target};
use crate::tree::{Node, Source, Tree};

/// All paths of the image that the `named` ones stand for; none when there are none, which is no whitelist.
///
/// # Errors
/// When a file or a directory of the store cannot be read.
pub(crate) fn complete(
    named: &[ImagePath],
    tree: &Tree,
    store: Store<'_>,
    contents: &Contents,
) -> Result<BTreeSet<String>> {
    if named.is_empty() {
        return Ok(BTreeSet::new());
    }
    let mut whitelist = Whitelist {
        tree,
        store,
        contents,
        visible: BTreeSet::new(),
        followed: BTreeSet::new(),
        whole: BTreeSet::new(),
    };
    for path in named {
        whitelist.visible.insert(path.as_str().to_owned());
        whitelist.add(path.as_str())?;
    }
    // What a store path is mounted on has to be there.
    tree.visit_all(&mut |path, entry| {
        if let Node::Mounted {
            directory: false, ..
        } = entry.node
        {
            whitelist.visible.insert(path.to_owned());
        }
    });
    let Whitelist {
        mut visible, whole, ..
    } = whitelist;
    for path in store.closure().reachable(whole) {
        if contents.holds(&path) {
            add_files_of(path.as_path(), &mut visible)?;
        }
    }
    Ok(visible)
}

/// A whitelist in the making.
struct Whitelist<'a> {
    tree: &'a Tree,
    store: Store<'a>,
    contents: &'a Contents,
    visible: BTreeSet<String>,
    followed: BTreeSet<String>,
    /// Store paths of which all is seen, and all that they need.
    whole: BTreeSet<StorePath>,
}

impl Whitelist<'_> {
    /// Adds `path`, where it leads, and what it needs there to be started.
    fn add(&mut self, path: &str) -> Result<()> {
        if !self.followed.insert(path.to_owned()) {
            return Ok(());
        }
        let rootfs = Rootfs::new(self.tree);
        let way: Vec<String> = rootfs.way(path)?.collect();
        for step in &way {
            match self.store.owner(step) {
                Some(owner) => drop(self.whole.insert(owner)),
                None => drop(self.visible.insert(step.clone())),
            }
        }
        match rootfs.follow(path)? {
            Target::File { .. } => {}
            Target::Directory => return way.last().map_or(Ok(()), |end| self.add_below(end)),
            Target::Missing(_) | Target::Loop => return Ok(()),
        }
        if let Some(end) = way.last() {
            self.add_mentioned(end);
        }
        match rootfs.needs(path)? {
            Some(Needs::Script(program) | Needs::Linker(program)) => self.add(&program),
            Some(Needs::Nothing) | None => Ok(()),
        }
    }

    /// Adds what is below a directory that is none of the store's.
    fn add_below(&mut self, directory: &str) -> Result<()> {
        let children = self.tree.get(directory).and_then(|entry| entry.children());
        for name in children.into_iter().flat_map(|children| children.keys()) {
            // The store has what the other paths need of it.
            let child = format!("{}/{name}", directory.trim_end_matches('/'));
            if child != self.store.closure().store_dir().as_str() {
                self.add(&child)?;
            }
        }
        Ok(())
    }

    /// Adds the store paths that a file outside the store mentions.
    fn add_mentioned(&mut self, file: &str) {
        let closure = self.store.closure();
        match self.tree.get(file).map(|entry| &entry.node) {
            Some(Node::File(Source::Text(text))) => {
                let mentioned = closure.store_dir().mentioned(text);
                self.whole.extend(mentioned);
            }
            Some(Node::File(Source::Store { path, .. })) => {
                let owner = self.store.owner(path.as_str());
                let object = owner.and_then(|owner| closure.get(&owner));
                let references = object.into_iter().flat_map(|object| &object.references);
                self.whole.extend(references.cloned());
            }
            _ => {}
        }
        self.whole.retain(|path| self.contents.holds(path));
    }
}

/// Adds every file and link at `path` of the store and below.
fn add_files_of(path: &Utf8Path, visible: &mut BTreeSet<String>) -> Result<()> {
    let mut left: Vec<Utf8PathBuf> = vec![path.to_owned()];
    while let Some(path) = left.pop() {
        match look(&path)? {
            Seen::Directory => left.extend(list(&path)?.into_iter().map(|name| path.join(name))),
            Seen::File { .. } | Seen::Symlink(_) => drop(visible.insert(path.into_string())),
        }
    }
    Ok(())
}
