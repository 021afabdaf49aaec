//! The root file system outside of the store, compared path by path.

use anyhow::Result;
use serde::Serialize;

use crate::face::diff::Side;
use crate::host::digest::Digest;
use crate::input::store_path::StoreDir;
use crate::tree::{Entry, Node, Source, Tree};

/// What tells two root file systems apart. Links that lead to the same place of a newer store path are only counted: each
/// new version of a package has all its links changed.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct RootChanges {
    pub(super) added: Vec<Change>,
    pub(super) removed: Vec<Change>,
    pub(super) changed: Vec<Change>,
    /// How many links lead to the same place of another build of the package.
    pub(super) moved: usize,
}

/// One path.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Change {
    /// Where it is.
    pub(super) path: String,
    /// What is there, or in what it differs.
    pub(super) what: String,
    /// The store path that a link leads to which is new or gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) package: Option<String>,
}

impl Change {
    /// That `entry` has come or gone.
    fn of(store_dir: &StoreDir, path: &str, entry: &Entry) -> Self {
        let package = match &entry.node {
            Node::Symlink(target) => store_dir.split(target).map(|(path, _)| path),
            _ => None,
        };
        Self {
            path: path.to_owned(),
            what: described(store_dir, entry),
            package: package.map(|path| path.name().to_owned()),
        }
    }
}

impl RootChanges {
    pub(super) fn new(older: &Side<'_>, newer: &Side<'_>) -> Result<Self> {
        let store_dir = newer.attrs.closure.store_dir();
        compare(store_dir, &older.plan.tree, &newer.plan.tree)
    }
}

fn compare(store_dir: &StoreDir, older: &Tree, newer: &Tree) -> Result<RootChanges> {
    let mut changes = RootChanges::default();
    older.visit_all(&mut |path, entry| {
        if is_told(entry) && newer.get(path).is_none() {
            changes.removed.push(Change::of(store_dir, path, entry));
        }
    });
    newer.visit(&mut |path, entry| -> Result<()> {
        if !is_told(entry) {
            return Ok(());
        }
        let Some(before) = older.get(path) else {
            changes.added.push(Change::of(store_dir, path, entry));
            return Ok(());
        };
        match differs(store_dir, before, entry)? {
            Differs::No => {}
            Differs::Moved => changes.moved += 1,
            Differs::Yes(what) => changes.changed.push(Change {
                path: if path.is_empty() { "/" } else { path }.to_owned(),
                what,
                package: None,
            }),
        }
        Ok(())
    })?;
    Ok(changes)
}

/// Store paths are told of apart.
fn is_told(entry: &Entry) -> bool {
    !matches!(entry.node, Node::Packed(_) | Node::Mounted { .. })
}

enum Differs {
    No,
    Moved,
    Yes(String),
}

fn differs(store_dir: &StoreDir, older: &Entry, newer: &Entry) -> Result<Differs> {
    let what = match (&older.node, &newer.node) {
        (Node::Directory(_), Node::Directory(_)) => None,
        (Node::Symlink(before), Node::Symlink(after)) if before == after => None,
        (Node::Symlink(before), Node::Symlink(after)) => {
            if place(store_dir, before).is_some_and(|old| place(store_dir, after) == Some(old)) {
                return Ok(Differs::Moved);
            }
            let (before, after) = (shown(store_dir, before), shown(store_dir, after));
            Some(format!("link to {before}, now to {after}"))
        }
        (Node::File(before), Node::File(after)) => {
            let (old, new) = (size_of(before), size_of(after));
            if old != new {
                Some(format!("{old} bytes, now {new}"))
            } else if is_same(before, after)? {
                None
            } else {
                Some(format!("other content of {new} bytes"))
            }
        }
        _ => Some(format!("{}, now {}", older.kind(), newer.kind())),
    };
    let (old, new) = (older.attributes, newer.attributes);
    let is_link = matches!(newer.node, Node::Symlink(_));
    let rights = (old != new && !is_link).then(|| {
        format!(
            "{:04o} {}:{}, now {:04o} {}:{}",
            old.mode, old.uid, old.gid, new.mode, new.uid, new.gid
        )
    });
    let told: Vec<String> = what.into_iter().chain(rights).collect();
    Ok(if told.is_empty() {
        Differs::No
    } else {
        Differs::Yes(told.join("; "))
    })
}

/// Which place of which package a link leads to, whatever its version.
fn place<'a>(store_dir: &StoreDir, target: &'a str) -> Option<(String, Option<String>, &'a str)> {
    let (path, rest) = store_dir.split(target)?;
    let output = path.output().map(str::to_owned);
    Some((path.family().to_owned(), output, rest))
}

/// The target of a link, without a hash.
fn shown(store_dir: &StoreDir, target: &str) -> String {
    match store_dir.split(target) {
        Some((path, rest)) => format!("{}{rest}", path.name()),
        None => target.to_owned(),
    }
}

fn described(store_dir: &StoreDir, entry: &Entry) -> String {
    match &entry.node {
        Node::Directory(_) => "directory".to_owned(),
        Node::File(source) => format!("{} bytes", size_of(source)),
        Node::Symlink(target) => format!("link to {}", shown(store_dir, target)),
        Node::Packed(path) => path.name().to_owned(),
        Node::Mounted { store_path, .. } => store_path.name().to_owned(),
    }
}

fn size_of(source: &Source) -> u64 {
    match source {
        Source::Text(text) => text.len() as u64,
        Source::Store { size, .. } | Source::Foreign { size } => *size,
    }
}

/// Whether two files of one size hold the same.
fn is_same(older: &Source, newer: &Source) -> Result<bool> {
    if older == newer {
        return Ok(true);
    }
    let (older, newer) = (digest(older)?, digest(newer)?);
    Ok(older.is_some() && older == newer)
}

/// Digest of a file's bytes; nothing of one in a layer that another tool has made.
fn digest(source: &Source) -> Result<Option<Digest>> {
    Ok(match source {
        Source::Text(text) => Some(Digest::of(text.as_bytes())),
        Source::Store { path, .. } => Some(Digest::of_file(path, &|| Ok(()))?.0),
        Source::Foreign { .. } => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::{Attributes, Origin};

    fn tree(entries: &[(&str, &str)]) -> Tree {
        let mut tree = Tree::default();
        for (path, content) in entries {
            let entry = match content.strip_prefix("-> ") {
                Some(target) => Entry::symlink(target, Origin::Files),
                None if *content == "/" => Entry::directory(Attributes::root(0o700), Origin::Files),
                None => Entry::text(*content, Origin::Files),
            };
            tree.insert(path, entry).unwrap();
        }
        tree
    }

    #[test]
    fn links_to_a_new_version_are_counted_and_all_else_is_told() {
        let to = |hash: &str, rest: &str| format!("-> /nix/store/{}-{rest}", hash.repeat(32));
        let older = tree(&[
            ("/bin/a", &to("1", "a-1/bin/a")),
            ("/bin/b", &to("1", "a-1/bin/b")),
            ("/bin/c", &to("1", "a-1/bin/c")),
            ("/etc/x", "1"),
            ("/etc/y", "same"),
            ("/data", "/"),
        ]);
        let newer = tree(&[
            ("/bin/a", &to("2", "a-2/bin/a")),
            ("/bin/b", &to("2", "a-2/bin/other")),
            ("/etc/x", "22"),
            ("/etc/y", "same"),
            ("/etc/z", "3"),
            ("/data/deep", "4"),
        ]);
        let store = StoreDir::new("/nix/store").unwrap();
        let RootChanges {
            added,
            removed,
            changed,
            moved,
        } = compare(&store, &older, &newer).unwrap();
        let lines = |changes: Vec<Change>| {
            let lines = changes.into_iter();
            lines
                .map(|change| format!("{}: {}", change.path, change.what))
                .collect::<Vec<_>>()
        };
        assert_eq!(moved, 1);
        assert_eq!(
            lines(added),
            [
                "/data/deep: 4 bytes".replace('4', "1"),
                "/etc/z: 1 bytes".into()
            ]
        );
        assert_eq!(lines(removed), ["/bin/c: link to a-1/bin/c"]);
        assert_eq!(
            lines(changed),
            [
                "/bin/b: link to a-1/bin/b, now to a-2/bin/other",
                "/data: 0700 0:0, now 0755 0:0",
                "/etc/x: 1 bytes, now 2",
            ]
        );
    }
}
