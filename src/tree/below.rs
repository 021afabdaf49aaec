//! What is below: the images that one stands on, laid over each other as runtimes lay them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::{Context, Result};
use camino::Utf8PathBuf;

use crate::host::problem::Problems;
use crate::image::path::is_within;
use crate::input::spec::Spec;
use crate::input::store_path::StorePath;
use crate::tree::accounts;
use crate::tree::collisions::named;
use crate::tree::{Entry, Node, Origin, Tree, overlay};

/// What the images below one hold together.
#[derive(Debug, Default)]
pub(crate) struct Below {
    /// Their root file system, empty where there are none.
    pub(crate) tree: Tree,
    /// The store paths that they hold, or that they mount if they are thin.
    pub(crate) store_paths: BTreeSet<StorePath>,
    /// Which image brings which of them, the lowest where several do.
    pub(crate) bases: BTreeMap<StorePath, Arc<str>>,
    /// The files of accounts that they bring, lowest first: of which image, where, and what.
    pub(crate) accounts: Vec<(String, &'static str, Entry)>,
    /// Where two of them, of which none knows the other, differ.
    collisions: Vec<Collision>,
}

/// What two images bring with different content.
#[derive(Debug)]
struct Collision {
    lower: String,
    upper: String,
    /// Where, and what runtimes show there.
    entries: Vec<(String, Node)>,
}

/// An image below, on its own.
pub(super) struct Laid {
    pub(super) output: Utf8PathBuf,
    pub(super) name: String,
    /// What it adds to those that it stands on.
    pub(super) own: Tree,
    pub(super) store_paths: BTreeSet<StorePath>,
    /// The numbers of all those.
    pub(super) stands_on: BTreeSet<usize>,
    /// The only paths of it, and of what it stands on, that are seen; all where there are none.
    pub(super) visible: BTreeSet<String>,
}

impl Below {
    /// What an image with this spec has below it, of those that are `laid`.
    pub(super) fn of(laid: &[Laid], spec: &Spec) -> Result<Self> {
        let mut below = Self::default();
        let numbers = stands_on(laid, spec)?;
        for number in &numbers {
            let Laid {
                name,
                own,
                store_paths,
                stands_on,
                ..
            } = &laid[*number];
            let mut lists: Vec<&BTreeSet<String>> = Vec::new();
            for other in &numbers {
                let Laid {
                    stands_on, visible, ..
                } = &laid[*other];
                let is_seen_through = other == number || stands_on.contains(number);
                if is_seen_through && !visible.is_empty() {
                    lists.push(visible);
                }
            }
            let mut seen = own.clone();
            seen.retain(&mut |path, entry| lists.iter().all(|list| is_seen(list, path, entry)));
            let strangers = numbers.range(..number).filter(|n| !stands_on.contains(n));
            let strangers: Vec<&Laid> = strangers.map(|n| &laid[*n]).collect();
            let mut collisions = Vec::new();
            overlay::lay(&mut below.tree, &seen, &mut |path, lower, upper| {
                let brought =
                    |laid: &&&Laid| laid.own.get(path).is_some_and(|e| e.node == lower.node);
                if !yields(path, lower)
                    && !yields(path, upper)
                    && let Some(stranger) = strangers.iter().find(brought)
                {
                    collisions.push((stranger.name.clone(), path.to_owned(), upper.node.clone()));
                }
            });
            for (lower, path, node) in collisions {
                below.collide(lower, name.clone(), path, node);
            }
            for path in accounts::FILES {
                if let Some(entry) = seen.get(path) {
                    below.accounts.push((name.clone(), path, entry.clone()));
                }
            }
            let is_there = |path: &&StorePath| seen.get(path.as_str()).is_some();
            let name: Arc<str> = Arc::from(name.as_str());
            for path in store_paths.iter().filter(is_there) {
                let base = below.bases.entry(path.clone());
                base.or_insert_with(|| Arc::clone(&name));
                below.store_paths.insert(path.clone());
            }
        }
        Ok(below)
    }

    fn collide(&mut self, lower: String, upper: String, path: String, node: Node) {
        let mut collisions = self.collisions.iter_mut();
        let known = collisions.find(|known| known.lower == lower && known.upper == upper);
        let entry = (path, node);
        match known {
            Some(known) => known.entries.push(entry),
            None => self.collisions.push(Collision {
                lower,
                upper,
                entries: vec![entry],
            }),
        }
    }

    /// Whether `entry` is what the images below have at `path`.
    pub(crate) fn has(&self, path: &str, entry: &Entry) -> bool {
        self.tree
            .get(path)
            .is_some_and(|below| below.node == entry.node)
    }

    /// Notes the differences between images below that `tree`, the whole root file system, does not settle.
    pub(crate) fn report(&self, tree: &Tree, problems: &mut Problems) {
        for Collision {
            lower,
            upper,
            entries,
        } in &self.collisions
        {
            let unsettled = entries.iter();
            let unsettled = unsettled
                .filter(|(path, node)| tree.get(path).is_some_and(|entry| entry.node == *node));
            let paths: Vec<&str> = unsettled.map(|(path, _)| path.as_str()).collect();
            if paths.is_empty() {
                continue;
            }
            let paths = named(&paths);
            problems.add(
                "dependencies",
                format!(
                    "the images {lower} and {upper} bring different content for {paths}; say what is right with \
                     files, or leave one of them out"
                ),
            );
        }
    }
}

/// What never collides: accounts, which are merged, and what is there only where nothing else is.
fn yields(path: &str, entry: &Entry) -> bool {
    accounts::FILES.contains(&path) || matches!(entry.origin, Origin::Skeleton | Origin::Mount)
}

/// Whether a whitelist lets an entry be seen. Directories always are.
fn is_seen(list: &BTreeSet<String>, path: &str, entry: &Entry) -> bool {
    match entry.node {
        Node::Directory(_) => true,
        Node::Packed(_) | Node::Mounted { .. } => {
            let mut after = list.range(path.to_owned()..);
            after.next().is_some_and(|listed| is_within(listed, path))
        }
        Node::File(_) | Node::Symlink(_) => list.contains(path),
    }
}

/// The numbers of the images that one with this spec stands on, directly or not.
pub(super) fn stands_on(laid: &[Laid], spec: &Spec) -> Result<BTreeSet<usize>> {
    let mut numbers = BTreeSet::new();
    let dependencies = spec.image.dependencies.iter();
    let outputs = dependencies.filter_map(|dependency| dependency.output.as_deref());
    let from = spec.root.from_image.iter();
    for output in from.map(|from| from.path.as_str()).chain(outputs) {
        let number = laid.iter().position(|image| image.output == output);
        let number = number.with_context(|| format!("{output} is not among the images below"))?;
        numbers.insert(number);
        numbers.extend(&laid[number].stands_on);
    }
    Ok(numbers)
}
