//! The plan: everything about an image that is decided before a byte of it is written.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::Result;

use crate::host::log::{count, size};
use crate::host::problem::Problems;
use crate::host::store::Store;
use crate::input::attrs::Attrs;
use crate::input::compression::Compression;
use crate::input::form::Kind;
use crate::input::store_path::StorePath;
use crate::tree::bases;
use crate::tree::contents::Contents;
use crate::tree::findings::settle::settle;
use crate::tree::findings::{Finding, planned, tell};
use crate::tree::{Node, Source, Tree, budget, overlay, root, start, whitelist, why};

/// A checked image, ready to be written.
#[derive(Debug)]
pub struct Plan {
    /// The root file system as the program sees it.
    pub tree: Tree,
    /// What of it is written; nothing where all of it is, since no image is below.
    own: Option<Tree>,
    /// Which store paths it holds or mounts.
    pub contents: Contents,
    /// Store paths from which single files are copied, and which are verified for that.
    pub copied: BTreeSet<StorePath>,
    /// Which image below brings which store path.
    pub(crate) bases: BTreeMap<StorePath, Arc<str>>,
    /// The only paths that are seen when the image is rendered; none of them is no such list.
    pub visible: BTreeSet<String>,
    /// Lines for the build log about what may not be meant so.
    pub warnings: Vec<String>,
    /// What may not be meant so, as far as nothing has to be read for it.
    findings: Vec<Finding>,
}

/// How many store paths are told by their weight.
const HEAVIEST: usize = 3;

impl Plan {
    /// Checks the description against the closure; all its problems come as one error.
    pub fn new(attrs: &Attrs) -> Result<Self> {
        let Attrs { spec, closure, .. } = attrs;
        let store = Store::new(closure);
        let mut problems = Problems::default();
        let mut warnings = spec.form.notes.clone();
        if spec.form.kind != Kind::Thin {
            warnings.extend(warning_of_references(spec.form.compression));
        }
        let below = bases::below(attrs, store)?;
        let held = below.store_paths.clone();
        let mut contents = Contents::choose(spec, held, store, &mut problems, &mut warnings)?;
        let tree = root::file_system(spec, &below, store, &contents, &mut problems, &mut warnings)?;
        let mut of_tree = Problems::default();
        let visible = whitelist::complete(&spec.image.path_whitelist, &tree, store, &contents)?;
        let theirs = attrs.inherited();
        start::check(
            &tree,
            &spec.image,
            theirs,
            &visible,
            &mut of_tree,
            &mut warnings,
        )?;
        problems.add_untold(of_tree);
        budget::check(attrs, &contents, &tree, &mut problems);
        problems.or(())?;
        let has_below = !attrs.below.is_empty() || attrs.foreign.is_some();
        let own = has_below.then(|| overlay::difference(&tree, &below.tree));
        let new = contents.packed.iter().chain(&contents.mounted);
        let new = new
            .filter(|path| !below.store_paths.contains(*path))
            .cloned();
        let own_tree = own.as_ref().unwrap_or(&tree);
        let findings = planned::find(attrs, &contents, &new.collect(), own_tree);
        for (shared, paths) in attrs.new_in_shared()? {
            if shared.output.is_some() {
                contents.packed.retain(|path| !paths.contains(path));
                contents.below.extend(paths);
            }
        }
        let copied = copied(own.as_ref().unwrap_or(&tree), store, &contents.packed);
        Ok(Self {
            tree,
            own,
            contents,
            copied,
            bases: below.bases,
            visible,
            warnings,
            findings,
        })
    }

    /// The plan of layers for the packages of `attrs`, without those store paths that `others` have layers of.
    pub fn of_layers(attrs: &Attrs, others: &BTreeSet<StorePath>) -> Result<Self> {
        let packages = attrs.spec.root.packages.iter();
        let roots: Vec<String> = packages.flat_map(|package| package.paths.clone()).collect();
        let all = attrs.closure.reachable_from(&roots)?;
        Ok(Self {
            tree: Tree::default(),
            own: None,
            contents: Contents {
                packed: &all - others,
                ..Contents::default()
            },
            copied: BTreeSet::new(),
            bases: BTreeMap::new(),
            visible: BTreeSet::new(),
            warnings: Vec::new(),
            findings: Vec::new(),
        })
    }

    /// The root file system as it is written: without what the images below have.
    #[must_use]
    pub fn written(&self) -> &Tree {
        self.own.as_ref().unwrap_or(&self.tree)
    }

    /// The store paths of which the image, or one below it, has nothing but copies of single files.
    pub(crate) fn copied_anywhere(&self, attrs: &Attrs) -> BTreeSet<StorePath> {
        let held = self.contents.all().cloned().collect();
        copied(&self.tree, Store::new(&attrs.closure), &held)
    }

    /// What will be written, in one line.
    #[must_use]
    pub fn summary(&self, attrs: &Attrs) -> String {
        let Contents {
            packed, mounted, ..
        } = &self.contents;
        let paths = |number: usize| count(number as u64, "store path", "store paths");
        match attrs.spec.form.kind {
            Kind::Thin => format!("thin: mounts {} of the host", paths(mounted.len())),
            Kind::Fat | Kind::Static => format!(
                "packs {}, {}",
                paths(packed.len()),
                size(attrs.closure.nar_size(packed))
            ),
        }
    }

    /// The store paths that weigh most in an image of several, each with the chain of references that brings it there: a
    /// line each.
    #[must_use]
    pub fn heaviest(&self, attrs: &Attrs) -> Vec<String> {
        let packed = &self.contents.packed;
        if packed.len() <= HEAVIEST {
            return Vec::new();
        }
        why::heaviest(attrs, packed.iter(), HEAVIEST)
    }

    /// What may not be meant so, with what was `found` where the store paths were read: all of it, in the order of weight.
    pub(crate) fn findings(&self, attrs: &Attrs, found: Vec<Finding>) -> Result<Vec<Finding>> {
        let all = self.findings.iter().cloned().chain(found);
        settle(all.collect(), attrs, &self.tree)
    }

    /// What of that the author of the image has not allowed, in a few lines.
    pub(crate) fn concerns(&self, attrs: &Attrs, found: Vec<Finding>) -> Result<Vec<String>> {
        Ok(tell::lines(attrs, &self.findings(attrs, found)?))
    }

    /// Refuses a finished image of so many `bytes` where its budget does not allow them.
    pub(crate) fn check_size(&self, attrs: &Attrs, bytes: u64) -> Result<()> {
        Ok(budget::check_size(attrs, &self.contents, bytes)?)
    }
}

/// What a compression that leaves names of store paths readable does to the closure.
fn warning_of_references(compression: Compression) -> Option<String> {
    let readable = match compression {
        Compression::None => "names of store paths stand readable in an image without compression",
        Compression::Xz(_) => {
            "content that xz cannot compress stands there as it is, and, rarely, names of store paths in it"
        }
        Compression::Gzip(_) | Compression::Zstd(_) => return None,
    };
    Some(format!(
        "compression: {readable}; a Nix that does not know unsafeDiscardReferences takes them for references and keeps \
         those store paths with it"
    ))
}

/// The store paths from which single files are copied, but for those that are packed and so verified anyway.
fn copied(tree: &Tree, store: Store<'_>, packed: &BTreeSet<StorePath>) -> BTreeSet<StorePath> {
    let mut copied = BTreeSet::new();
    tree.visit_all(&mut |_, entry| {
        if let Node::File(Source::Store { path, .. }) = &entry.node
            && let Some(owner) = store.owner(path.as_str())
            && !packed.contains(&owner)
        {
            copied.insert(owner);
        }
    });
    copied
}
