//! The tree: every entry of an image's root file system below `/`, as a value.
//!
//! Nothing can stand below what is not a directory, and nothing stands twice, because the tree is a tree. Store paths
//! are grafts: one entry stands for all that the store path holds, which is read when the archive is written.

pub(crate) mod accounts;
pub(crate) mod bases;
pub(crate) mod below;
pub(crate) mod budget;
mod collisions;
pub mod contents;
mod copy;
mod descent;
mod doubles;
mod entry;
pub(crate) mod files;
pub(crate) mod findings;
pub(crate) mod foreign;
mod interpreter;
mod join;
pub(crate) mod lookup;
pub(crate) mod merge;
pub(crate) mod mounts;
pub(crate) mod overlay;
pub(crate) mod perms;
pub(crate) mod root;
mod same;
pub(crate) mod skeleton;
pub(crate) mod start;
pub(crate) mod whitelist;
pub(crate) mod why;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;

pub use entry::{Attributes, Entry, Node, Origin, Source};

use crate::image::path::{components, parent};

/// The root directory of an image and all below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    root: Entry,
}

impl Default for Tree {
    fn default() -> Self {
        Self {
            root: Entry::directory(Attributes::root(0o755), Origin::Skeleton),
        }
    }
}

impl Tree {
    /// The entry of `/`.
    #[must_use]
    pub fn root(&self) -> &Entry {
        &self.root
    }

    pub(crate) fn root_mut(&mut self) -> &mut Entry {
        &mut self.root
    }

    /// The entry at `path`, no link followed.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Entry> {
        components(path).try_fold(&self.root, |entry, name| entry.children()?.get(name))
    }

    /// The entry at `path`, to be changed.
    pub fn get_mut(&mut self, path: &str) -> Option<&mut Entry> {
        components(path).try_fold(&mut self.root, |entry, name| {
            entry.children_mut()?.get_mut(name)
        })
    }

    /// Calls `change` for every entry.
    pub(crate) fn visit_mut(&mut self, change: &mut impl FnMut(&mut Entry)) {
        change_below(&mut self.root, change);
    }

    /// Leaves out the entries that `keep` does not want, with all below them.
    pub(crate) fn retain(&mut self, keep: &mut impl FnMut(&str, &Entry) -> bool) {
        retain_below(&mut String::new(), &mut self.root, keep);
    }

    /// Puts `entry` at `path`, whatever stood there. Missing parents become directories of root's.
    ///
    /// When something on the way is not a directory, the tree stays as it is and the error is the path of that thing.
    pub fn insert(&mut self, path: &str, entry: Entry) -> Result<(), String> {
        let mut here = &mut self.root;
        let mut walked = String::new();
        for name in components(path) {
            let Some(children) = here.children_mut() else {
                return Err(walked);
            };
            walked.push('/');
            walked.push_str(name);
            here = children
                .entry(name.to_owned())
                .or_insert_with(|| Entry::directory(Attributes::root(0o755), Origin::Skeleton));
        }
        *here = entry;
        Ok(())
    }

    /// Puts `entry` at `path`; what is no directory on the way there becomes one of root's.
    pub(crate) fn replace(&mut self, path: &str, entry: Entry) {
        while let Some((obstacle, _)) = self.obstacle(parent(path)) {
            if let Some(there) = self.get_mut(&obstacle) {
                *there = Entry::directory(Attributes::root(0o755), there.origin.clone());
            }
        }
        // Nothing stands in the way any more.
        let _ = self.insert(path, entry);
    }

    /// Takes out what is called `name` in the directory `parent`.
    pub(crate) fn remove(&mut self, parent: &str, name: &str) {
        let children = self.get_mut(parent).and_then(Entry::children_mut);
        if let Some(children) = children {
            children.remove(name);
        }
    }

    /// The first entry on the way to `path`, or at it, that is not a directory, with its own path.
    #[must_use]
    pub fn obstacle(&self, path: &str) -> Option<(String, &Entry)> {
        let mut here = &self.root;
        let mut walked = String::new();
        for name in components(path) {
            here = here.children()?.get(name)?;
            walked.push('/');
            walked.push_str(name);
            if here.children().is_none() {
                return Some((walked, here));
            }
        }
        None
    }

    /// Calls `visit` for every entry with its path, parents first, names by their bytes.
    pub fn visit<E>(&self, visit: &mut impl FnMut(&str, &Entry) -> Result<(), E>) -> Result<(), E> {
        visit_below(&mut String::new(), &self.root, visit)
    }

    /// Calls `visit`, which cannot fail, for every entry with its path, as [`visit`](Self::visit) does.
    pub(crate) fn visit_all(&self, visit: &mut impl FnMut(&str, &Entry)) {
        let visited: Result<(), Infallible> = self.visit(&mut |path, entry| {
            visit(path, entry);
            Ok(())
        });
        match visited {
            Ok(()) => {}
            Err(never) => match never {},
        }
    }
}

fn visit_below<E>(
    path: &mut String,
    entry: &Entry,
    visit: &mut impl FnMut(&str, &Entry) -> Result<(), E>,
) -> Result<(), E> {
    visit(path, entry)?;
    for (name, child) in entry.children().into_iter().flatten() {
        let length = path.len();
        path.push('/');
        path.push_str(name);
        visit_below(path, child, visit)?;
        path.truncate(length);
    }
    Ok(())
}

fn change_below(entry: &mut Entry, change: &mut impl FnMut(&mut Entry)) {
    change(entry);
    for child in entry
        .children_mut()
        .into_iter()
        .flat_map(BTreeMap::values_mut)
    {
        change_below(child, change);
    }
}

fn retain_below(path: &mut String, entry: &mut Entry, keep: &mut impl FnMut(&str, &Entry) -> bool) {
    let Some(children) = entry.children_mut() else {
        return;
    };
    children.retain(|name, child| {
        let length = path.len();
        path.push('/');
        path.push_str(name);
        let kept = keep(path, child);
        if kept {
            retain_below(path, child, keep);
        }
        path.truncate(length);
        kept
    });
}

/// One line an entry, for tests and for reading: mode, owner, path, content.
impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visit(&mut |path, entry| {
            let Attributes { mode, uid, gid } = entry.attributes;
            let path = if path.is_empty() { "/" } else { path };
            write!(f, "{mode:04o} {uid}:{gid} {path}")?;
            match &entry.node {
                Node::Directory(_) => writeln!(f, " directory"),
                Node::File(Source::Text(text)) => writeln!(f, " {text:?}"),
                Node::File(Source::Store { path, size }) => writeln!(f, " <- {path} ({size})"),
                Node::File(Source::Foreign { size }) => writeln!(f, " there ({size})"),
                Node::Symlink(target) => writeln!(f, " -> {target}"),
                Node::Packed(_) => writeln!(f, " packed"),
                Node::Mounted { .. } => writeln!(f, " mounted"),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn parents_come_of_themselves_and_first() {
        let mut tree = Tree::default();
        tree.insert("/usr/bin/env", Entry::symlink("/bin/env", Origin::Files))
            .unwrap();
        tree.insert("/etc/a", Entry::text("1", Origin::Files))
            .unwrap();
        tree.insert("/etc-b", Entry::text("2", Origin::Files))
            .unwrap();
        expect![[r#"
            0755 0:0 / directory
            0755 0:0 /etc directory
            0644 0:0 /etc/a "1"
            0644 0:0 /etc-b "2"
            0755 0:0 /usr directory
            0755 0:0 /usr/bin directory
            0777 0:0 /usr/bin/env -> /bin/env
        "#]]
        .assert_eq(&tree.to_string());
    }

    #[test]
    fn nothing_goes_below_what_is_not_a_directory() {
        let mut tree = Tree::default();
        tree.insert("/bin", Entry::symlink("usr/bin", Origin::Files))
            .unwrap();
        let before = tree.clone();
        let entry = Entry::text("", Origin::Files);
        assert_eq!(tree.insert("/bin/a/b", entry), Err("/bin".to_owned()));
        assert_eq!(tree, before);
        assert_eq!(tree.obstacle("/bin/a").unwrap().0, "/bin");
        assert!(tree.obstacle("/usr").is_none());
    }
}
