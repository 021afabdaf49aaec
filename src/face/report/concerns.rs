//! Concerns: what of the image may not be meant so, all of it. The build tells the first few.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use camino::Utf8Path;
use serde::Serialize;

use super::files::{self, Inside};
use super::graph::Graph;
use crate::host::interrupt::Interrupt;
use crate::host::store::{self, Store};
use crate::input::attrs::Attrs;
use crate::plan::Plan;
use crate::tree::findings::Finding;
use crate::tree::findings::scan::Scan;

/// One thing that may not be meant so.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Told {
    /// What kind it is of: the word of the argument `allow` that settles it.
    pub(super) concern: &'static str,
    /// Whether `allow` has that word.
    pub(super) allowed: bool,
    /// The number of the store path in which it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) store_path: Option<usize>,
    /// Its path there, or in the image.
    pub(super) path: String,
    /// Where a link leads, what secret it is, which mode, of which package it is a version.
    pub(super) about: String,
    /// How many such files the store path has.
    pub(super) number: u64,
    pub(super) bytes: u64,
}

/// What the plan tells, and the files of store paths where they are read: of `inside` each with the number of the path.
pub(super) fn of(
    plan: &Plan,
    attrs: &Attrs,
    graph: &Graph<'_>,
    inside: Option<&[(usize, Inside)]>,
    interrupt: &Interrupt,
) -> Result<Vec<Told>> {
    let found = inside.map(|inside| scan(attrs, graph, inside, interrupt));
    let found = found.transpose()?.unwrap_or_default();
    let findings = plan.findings(attrs, found)?;
    let allowed = &attrs.spec.budget.allow;
    let told = findings.into_iter().map(|finding| {
        let owner = finding.store_path(&attrs.closure);
        let number = owner
            .as_ref()
            .and_then(|owner| graph.paths.binary_search(&owner).ok());
        let inner = owner.and_then(|owner| finding.path.strip_prefix(owner.as_str()));
        Told {
            concern: finding.concern.word(),
            allowed: allowed.contains(&finding.concern),
            store_path: number,
            path: inner.unwrap_or(&finding.path).to_owned(),
            about: finding.about,
            number: finding.number,
            bytes: finding.size,
        }
    });
    Ok(told.collect())
}

fn scan(
    attrs: &Attrs,
    graph: &Graph<'_>,
    inside: &[(usize, Inside)],
    interrupt: &Interrupt,
) -> Result<Vec<Finding>> {
    let store = Store::new(&attrs.closure);
    let found = files::in_parallel(inside.len(), |number| {
        let root = graph.paths[inside[number].0];
        let mut scan = Scan::new(store, root);
        look(&mut scan, root.as_path(), interrupt)?;
        Ok(scan.finish())
    });
    Ok(found?.into_iter().flatten().collect())
}

/// Looks at `path` and all below it. What no image can have, packing tells.
fn look(scan: &mut Scan<'_>, path: &Utf8Path, interrupt: &Interrupt) -> Result<()> {
    interrupt.check()?;
    let Ok(seen) = store::look(path) else {
        return Ok(());
    };
    scan.entry(path, &seen)?;
    let context = || format!("reading {path}");
    if scan.wants_content() {
        scan.content(&fs::read(path).with_context(context)?);
    }
    if seen != store::Seen::Directory {
        return Ok(());
    }
    let entries = fs::read_dir(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let mut names: Vec<_> = entries
        .with_context(context)?
        .into_iter()
        .map(|entry| entry.file_name())
        .collect();
    names.sort_unstable();
    for name in names {
        if let Some(name) = Path::new(&name).to_str() {
            look(scan, &path.join(name), interrupt)?;
        }
    }
    Ok(())
}
