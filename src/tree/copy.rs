//! Copies of what `files` name in the store.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

use crate::host::store::{self, Followed, Seen, Store};
use crate::image::path::{LINKS, parent};
use crate::tree::descent::Descent;
use crate::tree::{Attributes, Entry, Node, Origin, Source};

/// A copy of what is at `source` in the store, links that leave it followed inside the closure.
pub(crate) fn copy(
    source: &Utf8Path,
    store: Store<'_>,
    owned: &impl Fn(u32) -> Attributes,
    has_mode: bool,
    descent: &mut Descent,
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
        Followed::Directory(_) if has_mode => bail!(
            "{source} is a directory, for whose content one mode cannot be right; set modes with perms"
        ),
        Followed::Directory(directory) => {
            let mut root = node_at(Node::Directory(BTreeMap::new()));
            let mut copy = Copy {
                store,
                owned,
                root: &directory,
                descent,
            };
            copy.directory(&directory, true, &mut root)?;
            Ok(root)
        }
        Followed::Missing(path) if path == source => bail!("{path} is not there"),
        Followed::Missing(path) => bail!("{source} leads to {path}, which is not there"),
        Followed::Outside(path) if path == source => bail!(
            "{path} is outside the closure; give a path of the store, or a path literal such as ./file, which Nix \
             copies there"
        ),
        Followed::Outside(path) => bail!(
            "{source} leads to {path}, outside the closure, and nothing of the building machine goes into an image; \
             take that link out, or let it lead to a path of the store"
        ),
        Followed::Loop => bail!("{source} is a link that leads to itself"),
    }
}

/// Where a link leads in the copy of a directory.
#[derive(PartialEq)]
enum Leads {
    /// To the copy of what is here.
    To(Utf8PathBuf),
    /// To what is copied in the place of another link, or below that.
    IntoContent,
    /// Out of the copy, or to something else than before.
    Elsewhere,
}

/// A directory of the store on its way into the tree.
struct Copy<'c, F> {
    store: Store<'c>,
    owned: &'c F,
    /// The directory that was asked for.
    root: &'c Utf8Path,
    descent: &'c mut Descent,
}

impl<F: Fn(u32) -> Attributes> Copy<'_, F> {
    /// Copies what is in `directory`. `in_place` is whether it was reached without a link, so that a relative link in
    /// it leads to the same thing in the copy.
    fn directory(&mut self, directory: &Utf8Path, in_place: bool, into: &mut Entry) -> Result<()> {
        let Node::Directory(children) = &mut into.node else {
            return Ok(());
        };
        let context = || format!("in {}", self.root);
        self.descent.enter(directory, 0).with_context(context)?;
        let names = store::list(directory)?;
        self.descent.count(names.len()).with_context(context)?;
        for name in names {
            let path = directory.join(&name);
            let seen = store::look(&path)?;
            let entry = match &seen {
                Seen::Symlink(target)
                    if in_place && self.leads(&path, target, &mut 0)? != Leads::Elsewhere =>
                {
                    Entry::symlink(target, Origin::Files)
                }
                _ => match self.store.follow(&path)? {
                    Followed::Directory(real) => {
                        let mut child = Entry::directory((self.owned)(0o755), Origin::Files);
                        let in_place = in_place && seen == Seen::Directory;
                        self.directory(&real, in_place, &mut child)?;
                        child
                    }
                    _ => copy(&path, self.store, self.owned, false, self.descent)?,
                },
            };
            children.insert(name, entry);
        }
        self.descent.leave();
        Ok(())
    }

    /// Where the link at `path` of the directory that is copied leads in the copy, when it is copied as it is. Links on
    /// the way may be copied as they are or not, and behind what stands for a link nothing is above that was there.
    fn leads(&self, path: &Utf8Path, target: &str, links: &mut usize) -> Result<Leads> {
        *links += 1;
        if target.starts_with('/') || *links > LINKS {
            return Ok(Leads::Elsewhere);
        }
        let mut here = Utf8PathBuf::from(parent(path.as_str()));
        let mut left = store::reversed(target);
        while let Some(name) = left.pop() {
            if name == ".." {
                if here == self.root {
                    return Ok(Leads::Elsewhere);
                }
                here.pop();
                continue;
            }
            here.push(name);
            if let Some(Seen::Symlink(target)) = store::look_if_there(&here)? {
                match self.leads(&here, &target, links)? {
                    Leads::To(end) => here = end,
                    _ if left.iter().any(|name| name == "..") => return Ok(Leads::Elsewhere),
                    _ => return Ok(Leads::IntoContent),
                }
            }
        }
        Ok(Leads::To(here))
    }
}
