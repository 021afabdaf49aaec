//! Unfit entries: what of a store path or of the root file system an archive cannot carry, told all at once.
//!
//! The first such entry ends the packing. Only then names and links are looked through, and no content is read.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Error;
use camino::Utf8Path;

use crate::host::problem::Problems;
use crate::host::store::{NAME_NOT_UTF8, TARGET_NOT_UTF8};
use crate::input::store_path::StorePath;
use crate::pack::archive::{Body, Dialect};
use crate::tree::{Node, Origin, Tree};

/// So many entries are named of those that have the same fault.
const NAMED: usize = 8;

/// The entries that have one fault: some of them, and how many there are.
#[derive(Default)]
struct Entries {
    named: Vec<String>,
    count: usize,
}

/// The faults that were found, of each whose they are.
#[derive(Default)]
struct Unfit(BTreeMap<(Argument, String, String), Entries>);

/// The argument that has to change.
type Argument = &'static str;

impl Unfit {
    fn add(&mut self, argument: Argument, whose: &str, fault: String, name: String) {
        let key = (argument, whose.to_owned(), fault);
        let entries = self.0.entry(key).or_default();
        entries.count += 1;
        if entries.count <= NAMED {
            entries.named.push(name);
        }
    }

    /// What was found, as problems, with those that packing told already; or else the `error` that it gave.
    fn or(self, error: Error) -> Error {
        if self.0.is_empty() {
            return error;
        }
        let mut problems: Problems = error.downcast().unwrap_or_default();
        for ((argument, whose, fault), Entries { named, count }) in self.0 {
            let (named, more) = (named.join(", "), count.saturating_sub(NAMED));
            let entries = match (count, more) {
                (1, _) => named,
                (_, 0) => format!("{named}: each"),
                _ => format!("{named} and {more} more: each"),
            };
            problems.add(
                argument,
                format!("{whose} cannot be packed: {entries} {fault}"),
            );
        }
        problems.into()
    }
}

/// Why the store path `root` cannot be packed into an archive of `dialect`: what is unfit in it, or else the `error` that
/// packing gave. `chain` is how the image has come by it. What cannot be read has no fault here: packing tells of that.
pub(crate) fn in_store_path(
    error: Error,
    root: &StorePath,
    dialect: Option<Dialect>,
    chain: &str,
) -> Error {
    let whose = format!("{root} ({chain})");
    let root = root.as_path();
    let mut unfit = Unfit::default();
    let mut waiting = vec![PathBuf::from(root)];
    while let Some(path) = waiting.pop() {
        if let Some(fault) = fault(&path, dialect) {
            let below = path.strip_prefix(root).unwrap_or(&path);
            let name = below.to_str().map_or_else(
                || format!("{:?}", below.as_os_str().display()),
                str::to_owned,
            );
            unfit.add("packages", &whose, fault, name);
        }
        let is_directory = path.symlink_metadata().is_ok_and(|found| found.is_dir());
        // What lies below a name that is not UTF-8 is not named.
        if is_directory && path.to_str().is_some() {
            let entries = fs::read_dir(&path).into_iter().flatten().flatten();
            let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
            paths.sort_unstable_by(|one, other| other.cmp(one));
            waiting.append(&mut paths);
        }
    }
    unfit.or(error)
}

/// Why the root file system cannot be packed into an archive of `dialect`: what is unfit in it, its store paths aside, or
/// else the `error` that packing gave.
pub(crate) fn in_tree(error: Error, tree: &Tree, dialect: Dialect) -> Error {
    let mut unfit = Unfit::default();
    tree.visit_all(&mut |path, entry| {
        let kind = match &entry.node {
            Node::Symlink(target) => Body::Symlink(target),
            // The root has no name.
            _ if path.is_empty() => return,
            _ => Body::Directory,
        };
        if let Some(fault) = dialect.refuses(path, kind) {
            let argument = match entry.origin {
                Origin::Files => "files",
                _ => "packages",
            };
            let (whose, fault) = (entry.origin.to_string(), fault.to_owned());
            unfit.add(argument, &whose, fault, path.to_owned());
        }
    });
    unfit.or(error)
}

/// What is wrong with the entry at `path`.
fn fault(path: &Path, dialect: Option<Dialect>) -> Option<String> {
    let Some(path) = path.to_str().map(Utf8Path::new) else {
        return Some(format!("has a name that {NAME_NOT_UTF8}"));
    };
    let target = fs::read_link(path).ok();
    let kind = match target.as_deref().map(Path::to_str) {
        Some(None) => return Some(format!("is a link to what {TARGET_NOT_UTF8}")),
        Some(Some(target)) => Body::Symlink(target),
        None => Body::Directory,
    };
    dialect?.refuses(path.as_str(), kind).map(str::to_owned)
}
