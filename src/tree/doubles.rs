//! Doubles: names under `/etc` that packages have for one file of the store, such as a bundle of certificates under its
//! three usual names. One of them is the copy, all others are links to it.

use std::collections::BTreeMap;

use crate::image::path::{is_within, parent};
use crate::tree::below::Below;
use crate::tree::{Attributes, Entry, Node, Origin, Source, Tree};

/// Makes links of all names but the shortest, or one that an image below has. Files right in `/etc` stay copies:
/// runtimes write some of them.
pub(crate) fn link(tree: &mut Tree, below: &Below) {
    let mut groups: BTreeMap<_, Vec<(bool, String)>> = BTreeMap::new();
    tree.visit_all(&mut |path, entry| {
        if let Node::File(Source::Store { path: source, .. }) = &entry.node
            && matches!(entry.origin, Origin::Package { .. })
            && is_within(path, "/etc")
            && parent(path) != "/etc"
        {
            // Who gave one name a mode or an owner of its own wants a file of its own.
            let Attributes { mode, uid, gid } = entry.attributes;
            let file = (source.clone(), mode, uid, gid);
            let is_own = !below.has(path, entry);
            groups
                .entry(file)
                .or_default()
                .push((is_own, path.to_owned()));
        }
    });
    for mut names in groups.into_values() {
        names.sort_by_key(|(is_own, name)| (*is_own, name.len()));
        let mut names = names.into_iter();
        let (_, first) = names.next().unwrap_or_default();
        for (is_own, double) in names {
            if is_own && let Some(entry) = tree.get_mut(&double) {
                *entry = Entry::symlink(first.as_str(), entry.origin.clone());
            }
        }
    }
}
