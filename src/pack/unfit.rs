//! Unfit entries: what of a store path an archive cannot carry, told all at once.
//!
//! The first such entry ends the packing. Only then the names and links of the store path are looked through, and no
//! content is read.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Error;
use camino::Utf8Path;

use crate::host::problem::Problems;
use crate::host::store::{NAME_NOT_UTF8, TARGET_NOT_UTF8};
use crate::input::store_path::StorePath;
use crate::pack::archive::{Form, Kind};

/// So many entries are named of those that have the same fault.
const NAMED: usize = 8;

/// The entries that have one fault: some of them, and how many there are.
#[derive(Default)]
struct Entries {
    named: Vec<String>,
    count: usize,
}

/// Why `path` cannot be packed into an archive of `form`: what is unfit in it, or else the `error` that packing gave.
/// `chain` says how the image has come by it.
pub(crate) fn explain(
    error: Error,
    path: &StorePath,
    form: Option<Form>,
    chain: impl FnOnce() -> String,
) -> Error {
    let unfit = look_through(path.as_path(), form);
    if unfit.is_empty() {
        return error;
    }
    let chain = chain();
    let mut problems = Problems::default();
    for (fault, Entries { named, count }) in unfit {
        let (named, more) = (named.join(", "), count.saturating_sub(NAMED));
        let entries = match (count, more) {
            (1, _) => named,
            (_, 0) => format!("{named}: each"),
            _ => format!("{named} and {more} more: each"),
        };
        problems.add(
            "packages",
            format!("{path} ({chain}) cannot be packed: {entries} {fault}"),
        );
    }
    problems.into()
}

/// The faults in `root`, with the entries that have them. What cannot be read has none: packing tells of that.
fn look_through(root: &Utf8Path, form: Option<Form>) -> BTreeMap<String, Entries> {
    let mut unfit: BTreeMap<String, Entries> = BTreeMap::new();
    let mut waiting = vec![PathBuf::from(root)];
    while let Some(path) = waiting.pop() {
        if let Some(fault) = fault(&path, form) {
            let entries = unfit.entry(fault).or_default();
            entries.count += 1;
            if entries.count <= NAMED {
                let below = path.strip_prefix(root).unwrap_or(&path);
                entries.named.push(match below.to_str() {
                    Some(text) => text.to_owned(),
                    None => format!("{below:?}"),
                });
            }
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
    unfit
}

/// What is wrong with the entry at `path`.
fn fault(path: &Path, form: Option<Form>) -> Option<String> {
    let Some(path) = path.to_str().map(Utf8Path::new) else {
        return Some(format!("has a name that {NAME_NOT_UTF8}"));
    };
    let target = fs::read_link(path).ok();
    let kind = match target.as_deref().map(Path::to_str) {
        Some(None) => return Some(format!("is a link to what {TARGET_NOT_UTF8}")),
        Some(Some(target)) => Kind::Symlink(target),
        None => Kind::Directory,
    };
    form?.refuses(path.as_str(), kind).map(str::to_owned)
}
