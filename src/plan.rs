//! The plan: everything about an image that is decided before a byte of it is written.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use anyhow::{Result, bail};

use crate::face::thin::mounts;
use crate::host::log::{self, count, size};
use crate::host::problem::Problems;
use crate::host::store::Store;
use crate::image::ImageManifest;
use crate::input::attrs::Attrs;
use crate::input::spec::Kind;
use crate::input::store_path::StorePath;
use crate::pack::compress::Method;
use crate::tree::contents::Contents;
use crate::tree::root;
use crate::tree::start;
use crate::tree::{Node, Source, Tree};

/// A checked image, ready to be written.
#[derive(Debug)]
pub struct Plan {
    /// The image manifest.
    pub manifest: ImageManifest,
    /// The root file system.
    pub tree: Tree,
    /// Which store paths it holds or mounts.
    pub contents: Contents,
    /// Store paths from which single files are copied, and which are verified for that.
    pub copied: BTreeSet<StorePath>,
    /// How the archive is compressed.
    pub compression: Method,
    /// Lines for the build log about what may not be meant so.
    pub warnings: Vec<String>,
}

/// How many store paths are told by their weight.
const HEAVIEST: usize = 3;

/// Longest `NAME-VERSION`: the names of the output's files have endings, and those of files under way have more.
const LONGEST_STEM: usize = 220;

impl Plan {
    /// Checks the description against the closure; all its problems come as one error.
    pub fn new(attrs: &Attrs) -> Result<Self> {
        let Attrs { spec, closure, .. } = attrs;
        let store = Store::new(closure);
        let mut problems = Problems::default();
        let mut warnings = Vec::new();
        let compression = problems.take(Method::from_spec(&spec.compression));
        if let Some(method) = compression {
            problems.check("compression.method", method.fits(spec.face));
        }
        if spec.kind != Kind::Thin {
            warnings.extend(compression.and_then(warning_of_references));
        }
        let contents = Contents::choose(spec, closure, &mut problems, &mut warnings)?;
        let store_mounts = mounts::mount_points(&contents.mounted)?;
        let manifest = ImageManifest::from_spec(spec, store_mounts, &mut problems, &mut warnings);
        let tree = root::file_system(spec, store, &contents, &mut problems, &mut warnings)?;
        let mut of_tree = Problems::default();
        start::check(&tree, spec, &mut of_tree)?;
        problems.add_untold(of_tree);
        if let Some(manifest) = &manifest {
            check_stem(&stem(manifest), &mut problems);
        }
        let copied = copied(&tree, store, &contents.packed);
        match (manifest, compression, problems.or(())) {
            (Some(manifest), Some(compression), Ok(())) => Ok(Self {
                manifest,
                tree,
                contents,
                copied,
                compression,
                warnings,
            }),
            (_, _, Err(problems)) => Err(problems.into()),
            (_, _, Ok(())) => bail!("the image was refused without a reason; please report this"),
        }
    }

    /// What will be written, in one line.
    #[must_use]
    pub fn summary(&self, attrs: &Attrs) -> String {
        let Contents { packed, mounted } = &self.contents;
        let paths = |number: usize| count(number as u64, "store path", "store paths");
        match attrs.spec.kind {
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
        let closure = &attrs.closure;
        let weight = |path: &StorePath| closure.get(path).map_or(0, |object| object.nar_size);
        let mut packed: Vec<&StorePath> = self.contents.packed.iter().collect();
        if packed.len() <= HEAVIEST {
            return Vec::new();
        }
        packed.sort_by_key(|path| (Reverse(weight(path)), *path));
        packed.truncate(HEAVIEST);
        let line = |path: &StorePath| format!("{}, {}", chain(attrs, path), size(weight(path)));
        packed.into_iter().map(line).collect()
    }

    /// `NAME-VERSION`, which the names of all files of the output begin with.
    #[must_use]
    pub fn stem(&self) -> String {
        stem(&self.manifest)
    }
}

/// The names of the store paths that bring `path` into an image, from a package on, each of which refers to the next.
pub(crate) fn chain(attrs: &Attrs, path: &StorePath) -> String {
    let Attrs { spec, closure, .. } = attrs;
    let packages = spec.packages.iter().flat_map(|package| &package.paths);
    let packages: Vec<StorePath> = packages
        .filter_map(|path| closure.store_dir().parse(path).ok())
        .collect();
    // Where no package needs it, a text of the description mentions it.
    let chain = closure.why(&packages, path).unwrap_or_else(|| vec![path]);
    let names: Vec<&str> = chain.into_iter().map(StorePath::name).collect();
    log::chain(&names)
}

/// What a compression that leaves names of store paths readable does to the closure.
fn warning_of_references(compression: Method) -> Option<String> {
    let readable = match compression.name() {
        "none" => "names of store paths stand readable in an image without compression",
        "xz" => {
            "content that xz cannot compress stands there as it is, and, rarely, names of store paths in it"
        }
        _ => return None,
    };
    Some(format!(
        "compression: {readable}; a Nix that does not know unsafeDiscardReferences takes them for references and keeps \
         those store paths with it"
    ))
}

fn stem(manifest: &ImageManifest) -> String {
    let name = manifest.name().last_component();
    format!("{name}-{}", manifest.version())
}

fn check_stem(stem: &str, problems: &mut Problems) {
    if stem.len() > LONGEST_STEM {
        problems.add(
            "acName",
            format!(
                "name and version have {} characters, and files are called so, which leaves {LONGEST_STEM}; shorten \
                 acName or acVersion",
                stem.len()
            ),
        );
    }
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
