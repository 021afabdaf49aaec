//! Whether an image keeps to its budget. Where it does not, its author is told by how much, and what weighs most; of what
//! is forbidden, what brings it, down to the file that mentions it.

use std::cmp::Reverse;

use crate::host::log::{count, size};
use crate::host::mention;
use crate::host::problem::Problems;
use crate::input::attrs::Attrs;
use crate::input::budget::Bytes;
use crate::input::store_path::StorePath;
use crate::tree::contents::Contents;
use crate::tree::foreign;
use crate::tree::why::{self, Why};
use crate::tree::{Node, Source, Tree};

/// How many causes are told of each limit.
const TOLD: usize = 5;

/// Of how many forbidden store paths the file is looked for that mentions them: that reads what refers to them.
const SEARCHED: usize = 10;

/// Notes each limit that is broken, as far as that can be told before anything is packed.
pub(crate) fn check(attrs: &Attrs, contents: &Contents, tree: &Tree, problems: &mut Problems) {
    let budget = &attrs.spec.budget;
    let all = || contents.all();
    let (own, theirs) = root_size(tree);
    let store = attrs.closure.nar_size(all());
    let bytes = store.saturating_add(own).saturating_add(theirs);
    if let Some(limit) = budget.max_closure_size.filter(|limit| bytes > limit.get()) {
        problems.add(
            "maxClosureSize",
            format!(
                "unpacked, the image has {}; {} of it are files of its root{}{}",
                too_many(bytes, limit),
                size(own),
                match theirs {
                    0 => String::new(),
                    theirs => format!(", {} those of {}", size(theirs), foreign::NAME),
                },
                heaviest(attrs, contents)
            ),
        );
    }
    let number = all().count() as u64;
    if let Some(limit) = budget.max_paths.filter(|limit| number > limit.get()) {
        problems.add(
            "maxPaths",
            format!(
                "the image has {}, and the limit is {}{}; leave out what brings them, or raise the limit",
                count(number, "store path", "store paths"),
                limit.get(),
                told(&most_needy(attrs), "the packages with most are")
            ),
        );
    }
    let mut searched = 0;
    for path in all() {
        let mut patterns = budget.forbid.iter();
        if let Some(pattern) = patterns.find(|pattern| pattern.matches(path)) {
            let why = Why::new(attrs, path);
            let is_searched = why.referrer().is_some() && searched < SEARCHED;
            searched += usize::from(is_searched);
            problems.add(
                "forbid",
                format!(
                    "{:?} is {path}{}",
                    pattern.as_str(),
                    explained(&why, path, is_searched)
                ),
            );
        }
    }
}

/// Notes it when a finished image of so many `bytes` is larger than it may be.
pub(crate) fn check_size(attrs: &Attrs, contents: &Contents, bytes: u64) -> Result<(), Problems> {
    let mut problems = Problems::default();
    let limit = attrs.spec.budget.max_size;
    if let Some(limit) = limit.filter(|limit| bytes > limit.get()) {
        problems.add(
            "maxSize",
            format!(
                "the finished image has {}{}",
                too_many(bytes, limit),
                heaviest(attrs, contents)
            ),
        );
    }
    problems.or(())
}

fn too_many(bytes: u64, limit: Bytes) -> String {
    let limit = limit.get();
    format!(
        "{bytes} bytes ({}), and the limit is {limit} ({})",
        size(bytes),
        size(limit)
    )
}

/// Unpacked, of the root file system outside of store paths: what Nix has brought, and what an image from elsewhere has.
fn root_size(tree: &Tree) -> (u64, u64) {
    let (mut own, mut theirs) = (0_u64, 0_u64);
    tree.visit_all(&mut |_, entry| match &entry.node {
        Node::File(Source::Text(text)) => own = own.saturating_add(text.len() as u64),
        Node::File(Source::Store { size, .. }) => own = own.saturating_add(*size),
        Node::File(Source::Foreign { size }) => theirs = theirs.saturating_add(*size),
        Node::Directory(_) | Node::Symlink(_) | Node::Packed(_) | Node::Mounted { .. } => {}
    });
    (own, theirs)
}

fn heaviest(attrs: &Attrs, contents: &Contents) -> String {
    let lines = why::heaviest(attrs, contents.all(), TOLD);
    format!(
        "{}; leave out what brings them, or raise the limit",
        told(&lines, "the heaviest, unpacked, are")
    )
}

fn told(lines: &[String], what: &str) -> String {
    if lines.is_empty() {
        return String::new();
    }
    format!("; {what} {}", lines.join("; "))
}

/// The packages that bring most store paths, with their number.
fn most_needy(attrs: &Attrs) -> Vec<String> {
    let root = &attrs.spec.root;
    let packages = root.packages.iter().chain(&root.layers);
    let number = |paths: &[String]| {
        attrs
            .closure
            .reachable_from(paths)
            .map_or(0, |all| all.len())
    };
    let mut packages: Vec<(usize, &str)> = packages
        .map(|package| (number(&package.paths), package.name.as_str()))
        .collect();
    packages.sort_by_key(|(number, name)| (Reverse(*number), *name));
    packages.truncate(TOLD);
    let line = |(number, name): (usize, &str)| format!("{name}, {number}");
    packages.into_iter().map(line).collect()
}

/// What brings the forbidden `path`, and how to be without it.
fn explained(why: &Why, path: &StorePath, is_searched: bool) -> String {
    let argument = why.argument.as_deref().unwrap_or("the image");
    let Some(referrer) = why.referrer() else {
        return format!(", named by {argument}; take it out there, or allow it here");
    };
    // A store path that cannot be read has its own error, where it is packed; this one is told anyway.
    let file = is_searched.then(|| mention::find(referrer.as_path(), path.hash_part()));
    let file = match file {
        Some(Ok(Some(file))) => format!("; {file} mentions it"),
        _ => String::new(),
    };
    format!(
        ", brought by {argument}: {}{file}; take a package that does without, remove the mention (nixpkgs: \
         removeReferencesTo), or allow it here",
        why.names()
    )
}
