//! What is below: the images that one stands on, planned again and laid over each other as runtimes lay them.
//!
//! Planning reads directories and no content, so it costs what the images' descriptions cost.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use camino::Utf8PathBuf;

use crate::host::problem::Problems;
use crate::host::store::Store;
use crate::image::path::is_within;
use crate::input::attrs::Attrs;
use crate::input::below::Base;
use crate::input::form::Face;
use crate::input::spec::Spec;
use crate::input::store_path::StorePath;
use crate::tree::accounts;
use crate::tree::contents::Contents;
use crate::tree::{Entry, Node, Origin, Tree, foreign, overlay, root, whitelist};

/// How many paths of one collision are named.
const NAMED: usize = 8;

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
struct Laid {
    output: Utf8PathBuf,
    name: String,
    /// What it adds to those that it stands on.
    own: Tree,
    store_paths: BTreeSet<StorePath>,
    /// The numbers of all those.
    stands_on: BTreeSet<usize>,
    /// The only paths of it, and of what it stands on, that are seen; all where there are none.
    visible: BTreeSet<String>,
}

impl Below {
    /// The images below that of `attrs`.
    pub(crate) fn new(attrs: &Attrs, store: Store<'_>) -> Result<Self> {
        let mut laid = Vec::new();
        if let (Some(output), Some(foreign)) = (attrs.foreign_output(), &attrs.foreign) {
            laid.push(Laid {
                output: output.clone(),
                name: foreign::NAME.to_owned(),
                own: foreign::tree(foreign)?,
                store_paths: BTreeSet::new(),
                stands_on: BTreeSet::new(),
                visible: BTreeSet::new(),
            });
        }
        for base in &attrs.below {
            let image = lay(base, &laid, attrs.spec.form.face, store)
                .with_context(|| format!("the image {} below", base.spec.image.name))?;
            laid.push(image);
        }
        Self::of(&laid, &attrs.spec)
    }

    fn of(laid: &[Laid], spec: &Spec) -> Result<Self> {
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
            let more = match paths.len().saturating_sub(NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let paths = paths[..paths.len().min(NAMED)].join(", ");
            problems.add(
                "dependencies",
                format!(
                    "the images {lower} and {upper} bring different content for {paths}{more}; say what is right with \
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
fn stands_on(laid: &[Laid], spec: &Spec) -> Result<BTreeSet<usize>> {
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

/// Plans an image on top of some of those that are `laid`.
fn lay(base: &Base, laid: &[Laid], face: Face, store: Store<'_>) -> Result<Laid> {
    let Base { output, spec } = base;
    // What its own build has told is not told again.
    let (mut problems, mut told) = (Problems::default(), Vec::new());
    let below = Below::of(laid, spec)?;
    let held = below.store_paths.clone();
    let contents = Contents::choose(spec, held, store, &mut problems, &mut told)?;
    let tree = root::file_system(spec, &below, store, &contents, &mut problems, &mut told)?;
    let visible = match face {
        Face::Aci | Face::Manifest => {
            whitelist::complete(&spec.image.path_whitelist, &tree, store, &contents)?
        }
        Face::Oci | Face::Layers | Face::Foreign | Face::Index => BTreeSet::new(),
    };
    ensure!(problems.is_empty(), "{problems}");
    let mut own = overlay::difference(&tree, &below.tree);
    let name = spec.image.name.to_string();
    own.visit_mut(&mut |entry| {
        if let Origin::Package { name: package, .. } = &mut entry.origin {
            *package = Arc::from(format!("{package} of the image {name}"));
        }
    });
    Ok(Laid {
        output: output.clone(),
        name,
        own,
        store_paths: &contents.packed | &contents.mounted,
        stands_on: stands_on(laid, spec)?,
        visible,
    })
}
