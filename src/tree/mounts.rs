//! Mounts: the places of a root file system that volumes are mounted on.
//!
//! What stands at such a place is lost to the program while a volume covers it, and is never lost without a word.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use crate::image::path::ancestors;
use crate::image::{Image, Mount, Mounts, Owner};
use crate::input::store_path::StorePath;
use crate::tree::accounts::Accounts;
use crate::tree::merge::Merge;
use crate::tree::{Attributes, Entry, Node, Origin, Tree};

/// Adds an empty directory at each place, for runtimes that do not make it themselves. A writable one belongs to whom
/// the program runs as: new volumes get the owner of what they cover.
pub(crate) fn add(merge: &mut Merge<'_>, image: &Image) -> Result<()> {
    let users = Attributes {
        mode: 0o755,
        uid: id(&merge.tree, &image.user, Accounts::Passwd),
        gid: id(&merge.tree, &image.group, Accounts::Group),
    };
    for (_, Mount { path, read_only }) in image.mounts.iter() {
        let path = &merge.behind_links_below(path.as_str())?;
        merge.make_real(path)?;
        if merge.tree.get(path).is_none() {
            let attributes = if *read_only {
                Attributes::root(0o755)
            } else {
                users
            };
            let place = Entry::directory(attributes, Origin::Mount);
            // What stands in the way may lead to the right place at run time.
            let _ = merge.put(path, place)?;
        }
    }
    Ok(())
}

/// The number of the user or group `who`: itself, or what the account file of the image says of the name; else root's.
fn id(tree: &Tree, who: &Owner, accounts: Accounts) -> u32 {
    match who {
        Owner::Id(id) => id.get(),
        Owner::Path(_) => 0,
        // What is wrong with a name, the checks of the finished tree tell.
        Owner::Name(name) => accounts.number_in(tree, name).unwrap_or(0),
    }
}

/// Warns of places that hide others, and of those that hide what the image has.
pub(crate) fn warn(
    tree: &Tree,
    mounts: &Mounts,
    store: &BTreeSet<StorePath>,
    warnings: &mut Vec<String>,
) {
    warn_of_nesting(mounts, store, warnings);
    for (name, mount) in mounts.iter() {
        let path = mount.path.as_str();
        let children = tree.get(path).and_then(Entry::children);
        if children.is_some_and(|children| children.values().any(would_be_missed)) {
            warnings.push(format!(
                "{}.{name}: what is mounted at {path} hides what the image has there",
                mount.argument()
            ));
        }
    }
}

fn warn_of_nesting(mounts: &Mounts, store: &BTreeSet<StorePath>, warnings: &mut Vec<String>) {
    let own = mounts.iter();
    let own =
        own.map(|(name, mount)| (format!("{}.{name}", mount.argument()), mount.path.as_str()));
    let store = store.iter().map(|path| ("thin".to_owned(), path.as_str()));
    let all: Vec<(String, &str)> = own.chain(store).collect();
    let paths: BTreeSet<&str> = all.iter().map(|(_, path)| *path).collect();
    let mut below: BTreeMap<&str, Vec<&(String, &str)>> = BTreeMap::new();
    for place in &all {
        if let Some(above) = ancestors(place.1).find(|path| paths.contains(path)) {
            below.entry(above).or_default().push(place);
        }
    }
    // One line for each that has others below it: a whole store may be.
    for (above, below) in below {
        let [(argument, path), others @ ..] = below.as_slice() else {
            continue;
        };
        let what = if others.is_empty() {
            format!("{path} is")
        } else {
            format!("{path} and {} more are", others.len())
        };
        warnings.push(format!(
            "{argument}: {what} below the mount point {above}; what is mounted last hides the other"
        ));
    }
}

/// Whether `entry` is more than an empty directory that every image has.
fn would_be_missed(entry: &Entry) -> bool {
    match &entry.node {
        Node::Directory(children) if children.is_empty() => {
            !matches!(entry.origin, Origin::Skeleton | Origin::Mount)
        }
        Node::Directory(children) => children.values().any(would_be_missed),
        // Of mount points below each other there is a warning of its own.
        Node::Mounted { .. } => false,
        Node::File(_) | Node::Symlink(_) | Node::Packed(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::store_path::StoreDir;

    #[test]
    fn a_mount_above_a_store_is_one_warning() {
        let mounts: Mounts = serde_json::from_value(serde_json::json!({
            "nix": { "path": "/nix", "readOnly": false },
            "nixpkgs": { "path": "/nixpkgs", "readOnly": false },
        }))
        .unwrap();
        let store_dir = StoreDir::new("/nix/store").unwrap();
        let store = ["a", "b", "c"].map(|digit| {
            let path = format!("/nix/store/{}-x", digit.repeat(32));
            store_dir.parse(&path).unwrap()
        });
        let mut warnings = Vec::new();
        warn_of_nesting(&mounts, &store.clone().into(), &mut warnings);
        let told = format!(
            "thin: {} and 2 more are below the mount point /nix; what is mounted last hides the other",
            store[0]
        );
        assert_eq!(warnings, [told]);
    }
}
