//! Settling: which of the findings count in an image that is planned, and in which order.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use anyhow::Result;

use crate::image::path::is_within;
use crate::input::attrs::Attrs;
use crate::input::concern::Concern;
use crate::input::store_path::StorePath;
use crate::tree::Tree;
use crate::tree::findings::Finding;
use crate::tree::lookup::{Rootfs, Target};
use crate::tree::root::FILLED_LATER;

/// What runtimes write under `/etc`.
const OF_RUNTIMES: [&str; 4] = [
    "/etc/hostname",
    "/etc/hosts",
    "/etc/mtab",
    "/etc/resolv.conf",
];

/// Files for building that are fewer bytes in all say nothing: hardly a package is without a header.
const LEAST: u64 = 1_000_000;

/// Those of `findings` that count in the image of `attrs`, whose root is `tree`: most serious first, and of one kind what
/// stands in the expression, then what is largest.
pub(crate) fn settle(findings: Vec<Finding>, attrs: &Attrs, tree: &Tree) -> Result<Vec<Finding>> {
    let closure = &attrs.closure;
    let named: BTreeSet<StorePath> = {
        let root = &attrs.spec.root;
        let packages = root.packages.iter().chain(&root.layers);
        let paths = packages.flat_map(|package| &package.paths);
        paths
            .filter_map(|path| closure.store_dir().parse(path).ok())
            .collect()
    };
    let is_named = |finding: &Finding| {
        let path = finding.store_path(closure);
        path.is_some_and(|path| named.contains(&path))
    };
    let mut kept = Vec::new();
    for finding in findings {
        let counts = match finding.concern {
            Concern::Dangling => is_lost(&finding, attrs, tree)?,
            // Who names a package has it as it is.
            Concern::Development | Concern::Documentation => !is_named(&finding),
            _ => true,
        };
        if counts {
            kept.push(finding);
        }
    }
    let mut kept = merged(kept, attrs);
    let is_for_building = |finding: &&Finding| finding.concern == Concern::Development;
    let is_output = |finding: &Finding| finding.number == 0;
    let building: Vec<&Finding> = kept.iter().filter(is_for_building).collect();
    let bytes: u64 = building.iter().map(|finding| finding.size).sum();
    if bytes < LEAST && !building.iter().any(|finding| is_output(finding)) {
        kept.retain(|finding| !is_for_building(&finding));
    }
    kept.sort_by_cached_key(|finding| {
        // By names: hashes change whenever anything does.
        let owner = finding.store_path(closure);
        let name = owner.as_ref().map(|owner| owner.name().to_owned());
        (
            finding.concern,
            owner.is_some(),
            Reverse(finding.size),
            name,
            finding.path.clone(),
        )
    });
    Ok(kept)
}

/// One finding of a store path where both its name and its files tell the same.
fn merged(findings: Vec<Finding>, attrs: &Attrs) -> Vec<Finding> {
    let mut kept: Vec<Finding> = Vec::new();
    let (by_name, others): (Vec<_>, Vec<_>) = findings
        .into_iter()
        .partition(|finding| finding.number == 0);
    let whole: BTreeSet<(Concern, String)> = by_name
        .iter()
        .map(|finding| (finding.concern, finding.path.clone()))
        .collect();
    kept.extend(by_name);
    kept.extend(others.into_iter().filter(|finding| {
        let path = finding.store_path(&attrs.closure);
        path.is_none_or(|path| !whole.contains(&(finding.concern, path.to_string())))
    }));
    kept
}

/// Whether the program of the image finds nothing behind a link, and nothing will be there when it runs.
fn is_lost(link: &Finding, attrs: &Attrs, tree: &Tree) -> Result<bool> {
    Ok(match Rootfs::new(tree).follow(&link.path)? {
        Target::Directory | Target::File { .. } => false,
        Target::Loop => true,
        Target::Missing(at) => {
            // What is missing may be a directory above it.
            let at = if is_within(&link.about, &at) {
                &link.about
            } else {
                &at
            };
            let mounts = attrs.spec.image.mounts.iter();
            let mounts = mounts.map(|(_, mount)| mount.path.as_str());
            let mut later = FILLED_LATER.into_iter().chain(mounts);
            let store_dir = attrs.closure.store_dir().as_str();
            let is_filled =
                later.any(|directory| is_within(at, directory)) && !is_within(at, store_dir);
            !is_filled && !OF_RUNTIMES.contains(&at.as_str())
        }
    })
}
