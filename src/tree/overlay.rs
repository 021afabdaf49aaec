//! Overlays: root file systems laid over each other, as runtimes lay the archives of images and of layers.
//!
//! What lies higher replaces what lies lower, but for directories, which are united.

use std::collections::BTreeMap;

use crate::tree::{Entry, Node, Tree};

/// Lays `upper` over `tree`. `replaced` hears of each entry that gives way to another one that differs, with its path.
pub(crate) fn lay(tree: &mut Tree, upper: &Tree, replaced: &mut impl FnMut(&str, &Entry, &Entry)) {
    lay_entry(&mut String::new(), tree.root_mut(), upper.root(), replaced);
}

fn lay_entry(
    path: &mut String,
    here: &mut Entry,
    upper: &Entry,
    replaced: &mut impl FnMut(&str, &Entry, &Entry),
) {
    let (Some(below), Some(children)) = (here.children_mut(), upper.children()) else {
        if here.node != upper.node {
            replaced(path, here, upper);
        }
        *here = upper.clone();
        return;
    };
    for (name, child) in children {
        let length = path.len();
        path.push('/');
        path.push_str(name);
        match below.get_mut(name) {
            Some(there) => lay_entry(path, there, child, replaced),
            None => drop(below.insert(name.clone(), child.clone())),
        }
        path.truncate(length);
    }
    here.attributes = upper.attributes;
}

/// What has to lie over `lower` so that `whole` comes of it: what is new or other, and the directories above that.
pub(crate) fn difference(whole: &Tree, lower: &Tree) -> Tree {
    let mut tree = Tree::default();
    let children = changed_children(whole.root(), Some(lower.root()));
    *tree.root_mut() = Entry {
        node: Node::Directory(children),
        attributes: whole.root().attributes,
        origin: whole.root().origin.clone(),
    };
    tree
}

fn changed_children(whole: &Entry, lower: Option<&Entry>) -> BTreeMap<String, Entry> {
    let below = lower.and_then(Entry::children);
    let mut changed = BTreeMap::new();
    for (name, entry) in whole.children().into_iter().flatten() {
        let there = below.and_then(|below| below.get(name));
        let is_there = there.is_some_and(|there| there.attributes == entry.attributes);
        let own = if entry.children().is_some() {
            let children = changed_children(entry, there);
            let is_directory = there.is_some_and(|there| there.children().is_some());
            let is_own = !children.is_empty() || !is_directory || !is_there;
            is_own.then_some(Node::Directory(children))
        } else {
            let is_same = is_there && there.is_some_and(|there| there.node == entry.node);
            (!is_same).then(|| entry.node.clone())
        };
        if let Some(node) = own {
            let own = Entry {
                node,
                attributes: entry.attributes,
                origin: entry.origin.clone(),
            };
            changed.insert(name.clone(), own);
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::{Attributes, Origin};
    use expect_test::expect;

    fn tree(entries: &[(&str, &str)]) -> Tree {
        let mut tree = Tree::default();
        for (path, content) in entries {
            let entry = match content.strip_prefix("-> ") {
                Some(target) => Entry::symlink(target, Origin::Files),
                None if *content == "/" => Entry::directory(Attributes::root(0o755), Origin::Files),
                None => Entry::text(*content, Origin::Files),
            };
            tree.insert(path, entry).unwrap();
        }
        tree
    }

    #[test]
    fn the_difference_laid_over_the_lower_one_is_the_whole() {
        let lower = tree(&[
            ("/a/same", "1"),
            ("/a/other", "1"),
            ("/lib", "-> /x"),
            ("/c/d", "/"),
        ]);
        let mut whole = lower.clone();
        for (path, text) in [("/a/other", "2"), ("/a/new/er", "3")] {
            whole
                .insert(path, Entry::text(text, Origin::Files))
                .unwrap();
        }
        let directory = Entry::directory(Attributes::root(0o700), Origin::Files);
        whole.insert("/lib", directory.clone()).unwrap();
        whole.insert("/c/d", directory).unwrap();
        let own = difference(&whole, &lower);
        expect![[r#"
            0755 0:0 / directory
            0755 0:0 /a directory
            0755 0:0 /a/new directory
            0644 0:0 /a/new/er "3"
            0644 0:0 /a/other "2"
            0755 0:0 /c directory
            0700 0:0 /c/d directory
            0700 0:0 /lib directory
        "#]]
        .assert_eq(&own.to_string());
        let mut again = lower;
        let mut replaced = Vec::new();
        lay(&mut again, &own, &mut |path, _, _| {
            replaced.push(path.to_owned());
        });
        assert_eq!(again.to_string(), whole.to_string());
        assert_eq!(replaced, ["/a/other", "/lib"]);
    }
}
