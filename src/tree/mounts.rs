//! Targets: the directories of an image that the user's volumes are mounted on.
//!
//! What stands at a target is lost to the program while a volume covers it, and is never lost without a word.

use anyhow::Result;

use crate::host::problem::Problems;
use crate::host::store::Store;
use crate::image::path::is_within;
use crate::input::spec::Spec;
use crate::tree::accounts::Accounts;
use crate::tree::merge::Merge;
use crate::tree::{Attributes, Entry, Node, Origin, Tree};

/// The user's mounts: the argument with the name, and the path.
fn mounts_of(spec: &Spec) -> impl Iterator<Item = (String, &str)> {
    let arguments = [("mounts", &spec.mounts), ("mountsRo", &spec.mounts_ro)];
    arguments.into_iter().flat_map(|(argument, mounts)| {
        let named = mounts
            .iter()
            .map(move |(name, path)| (format!("{argument}.{name}"), path.as_str()));
        // What is no such path, the manifest's checks tell.
        named.filter(|(_, path)| path.starts_with('/') && path.len() > 1)
    })
}

/// Where runtimes mount the user's volumes; an empty directory there serves those that do not make it themselves.
/// A writable one belongs to whom the program runs as: new volumes get the owner of what they cover.
pub fn add(
    merge: &mut Merge<'_>,
    store: Store<'_>,
    spec: &Spec,
    problems: &mut Problems,
) -> Result<()> {
    let store_dir = store.closure().store_dir().as_str();
    let users = Attributes {
        mode: 0o755,
        uid: id(&merge.tree, &spec.user, Accounts::Passwd),
        gid: id(&merge.tree, &spec.group, Accounts::Group),
    };
    for (argument, path) in mounts_of(spec) {
        if path != store_dir && is_within(path, store_dir) {
            problems.add(
                argument,
                format!("{path} lies in {store_dir}, where only store paths belong; mount it somewhere else"),
            );
            continue;
        }
        merge.make_real(path)?;
        if merge.tree.get(path).is_none() {
            let writable = spec.mounts.values().any(|mount| mount == path);
            let attributes = if writable {
                users
            } else {
                Attributes::root(0o755)
            };
            let target = Entry::directory(attributes, Origin::Mount);
            // What stands in the way may lead to the right place at run time.
            let _ = merge.put(path, target)?;
        }
    }
    Ok(())
}

/// The number of the user or group `who`: itself, or what the account file of the image says of the name; else root's.
fn id(tree: &Tree, who: &str, accounts: Accounts) -> u32 {
    // What is wrong with a name, the checks of the finished tree tell.
    let named = || accounts.number_in(tree, who).unwrap_or(0);
    who.parse().unwrap_or_else(|_| named())
}

/// What a volume covers is lost to the program, and may not be meant so.
pub fn warn_of_hidden_content(tree: &Tree, spec: &Spec, warnings: &mut Vec<String>) {
    for (argument, path) in mounts_of(spec) {
        let children = tree.get(path).and_then(Entry::children);
        if children.is_some_and(|children| children.values().any(would_be_missed)) {
            warnings.push(format!(
                "{argument}: what is mounted at {path} hides what the image has there"
            ));
        }
    }
}

/// Whether `entry` is more than an empty directory that every image has.
fn would_be_missed(entry: &Entry) -> bool {
    match &entry.node {
        Node::Directory(children) if children.is_empty() => {
            !matches!(entry.origin, Origin::Skeleton | Origin::Mount)
        }
        Node::Directory(children) => children.values().any(would_be_missed),
        // Of mount points below each other the manifest's checks tell.
        Node::Mounted { .. } => false,
        Node::File(_) | Node::Symlink(_) | Node::Packed(_) => true,
    }
}
