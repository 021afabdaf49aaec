//! The document: everything that a report tells. `docs/report.md` has a word on each member.

use std::path::Path;

use anyhow::Result;
use camino::Utf8Path;
use serde::Serialize;
use serde_json::Value;

use super::concerns::{self, Told};
use super::equal::{self, Equal};
use super::facts::{self, Account, Facts, Program};
use super::files::{self, Entry, Inside};
use super::graph::{Graph, Place};
use super::layers::{self, Layer};
use super::objects::{self, Object};
use super::treemap::{self, Part};
use crate::host::interrupt::Interrupt;
use crate::host::log::Log;
use crate::image::path::components;
use crate::input::about;
use crate::input::attrs::Attrs;
use crate::plan::Plan;
use crate::tree::{Node, Source};

/// The version of the document's shape.
const FORMAT: u32 = 1;

/// So many of the largest files are told.
const LARGEST: usize = 100;

/// All that is told.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report {
    pub(super) format: u32,
    pub(super) image: Facts,
    pub(super) totals: Totals,
    /// In the order of their names; their place here is their number elsewhere.
    pub(super) store_paths: Vec<Object>,
    /// The parts of the image, store path by store path and then its own files.
    pub(super) tree: Vec<Part>,
    /// The largest files; nothing where no files were read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) largest: Option<Vec<LargeFile>>,
    /// What is there several times; nothing where no files were read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) equal: Option<Equal>,
    /// What may not be meant so, most serious first.
    pub(super) concerns: Vec<Told>,
    pub(super) programs: Vec<Program>,
    pub(super) accounts: Vec<Account>,
    pub(super) layers: Vec<Layer>,
    pub(super) manifest: Value,
}

/// Sums.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Totals {
    /// Those that are there when the image runs.
    pub(super) store_paths: u64,
    /// What they weigh, as Nix counts.
    pub(super) nar_bytes: u64,
    /// What the image's own files weigh, outside of the store.
    pub(super) own_bytes: u64,
    /// The two together.
    pub(super) bytes: u64,
    /// What the host or images below have of the bytes.
    pub(super) bytes_elsewhere: u64,
    /// Files of the store paths and of the image itself; nothing where they were not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) files: Option<u64>,
    /// What all these files weigh.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file_bytes: Option<u64>,
}

/// A file.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LargeFile {
    /// The number of its store path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) store_path: Option<usize>,
    /// Its path there, or in the image.
    pub(super) path: String,
    pub(super) bytes: u64,
}

impl Report {
    pub(super) fn new(
        plan: &Plan,
        attrs: &Attrs,
        wanted: &about::Report,
        log: &Log,
        interrupt: &Interrupt,
    ) -> Result<Self> {
        let graph = Graph::new(attrs, &plan.contents);
        let layers = layers::of(plan, attrs, &graph, interrupt)?;
        let own = Own::of(plan);
        let mut report = Self {
            format: FORMAT,
            image: Facts::new(attrs),
            totals: totals(&graph, &own),
            store_paths: objects::of(attrs, &graph, &layers, interrupt)?,
            tree: Vec::new(),
            largest: None,
            equal: None,
            concerns: Vec::new(),
            programs: facts::programs(plan, attrs, &graph)?,
            accounts: facts::accounts(plan),
            layers,
            manifest: facts::manifest(plan, attrs, log)?,
        };
        let there = |path: &usize| graph.places[*path] != Place::Copied;
        let there: Vec<usize> = (0..graph.paths.len()).filter(there).collect();
        let inside = if wanted.files {
            let paths = there.iter().map(|path| graph.paths[*path].as_path());
            let paths: Vec<&Path> = paths.map(Utf8Path::as_std_path).collect();
            files::walk(&paths, interrupt)?
        } else {
            there
                .iter()
                .map(|path| unread(graph.sizes[*path]))
                .collect()
        };
        let inside: Vec<(usize, Inside)> = there.into_iter().zip(inside).collect();
        let read = wanted.files.then_some(&inside[..]);
        report.concerns = concerns::of(plan, attrs, &graph, read, interrupt)?;
        if wanted.files {
            report.add_files(&inside, &own, &graph, interrupt)?;
        }
        report.add_tree(inside, own);
        Ok(report)
    }

    /// Adds what is known when the files have been read.
    fn add_files(
        &mut self,
        inside: &[(usize, Inside)],
        own: &Own,
        graph: &Graph<'_>,
        interrupt: &Interrupt,
    ) -> Result<()> {
        let shown = |owner: usize, path: &Path| {
            let top = graph.paths[owner].as_path();
            let inner = path.strip_prefix(top).unwrap_or(path);
            files::shown(inner.as_os_str())
        };
        self.equal = Some(equal::find(inside, shown, interrupt)?);
        let mut largest: Vec<(u64, Option<usize>, &Path)> = Vec::new();
        let (mut files, mut bytes) = (own.count(), own.bytes());
        for (owner, inside) in inside {
            self.store_paths[*owner].files = Some(inside.tree.files);
            files += inside.tree.files;
            bytes = bytes.saturating_add(inside.tree.bytes);
            let all = inside.files.iter();
            largest.extend(all.map(|file| (file.bytes, Some(*owner), file.path.as_path())));
        }
        self.totals.files = Some(files);
        self.totals.file_bytes = Some(bytes);
        largest.extend(
            own.files
                .iter()
                .map(|(path, bytes)| (*bytes, None, Path::new(path))),
        );
        largest.sort_by(|(a, _, one), (b, _, other)| (b, one).cmp(&(a, other)));
        largest.truncate(LARGEST);
        let file = |(bytes, store_path, path): (u64, Option<usize>, &Path)| LargeFile {
            store_path,
            path: match store_path {
                Some(owner) => shown(owner, path),
                None => files::shown(path.as_os_str()),
            },
            bytes,
        };
        self.largest = Some(largest.into_iter().map(file).collect());
        Ok(())
    }

    /// Adds the parts of the image.
    fn add_tree(&mut self, inside: Vec<(usize, Inside)>, own: Own) {
        let (owners, mut tops): (Vec<usize>, Vec<Entry>) = inside
            .into_iter()
            .map(|(owner, inside)| (owner, inside.tree))
            .unzip();
        let names = [
            ("files of the image", own.image),
            ("fromImage", own.foreign),
        ];
        let (names, own): (Vec<&str>, Vec<Entry>) = names
            .into_iter()
            .filter(|(_, entry)| entry.files > 0)
            .unzip();
        tops.extend(own);
        let mut parts = treemap::parts(&tops, treemap::NAMED);
        for (part, owner) in parts.iter_mut().zip(&owners) {
            part.store_path = Some(*owner);
        }
        for (part, name) in parts[owners.len()..].iter_mut().zip(names) {
            part.name = Some(name.to_owned());
        }
        self.tree = parts;
    }
}

/// A store path whose files were not read.
fn unread(bytes: u64) -> Inside {
    Inside {
        tree: Entry {
            bytes,
            ..Entry::default()
        },
        files: Vec::new(),
    }
}

/// The files outside of the store.
#[derive(Default)]
struct Own {
    image: Entry,
    /// Those of the image from elsewhere that lies lowest.
    foreign: Entry,
    files: Vec<(String, u64)>,
}

impl Own {
    fn of(plan: &Plan) -> Self {
        let mut own = Self::default();
        plan.tree.visit_all(&mut |path, entry| {
            let (bytes, whose) = match &entry.node {
                Node::File(Source::Text(text)) => (text.len() as u64, &mut own.image),
                Node::File(Source::Store { size, .. }) => (*size, &mut own.image),
                Node::File(Source::Foreign { size }) => (*size, &mut own.foreign),
                Node::Directory(_) | Node::Symlink(_) | Node::Packed(_) | Node::Mounted { .. } => {
                    return;
                }
            };
            whose.add(components(path), bytes);
            own.files.push((path.to_owned(), bytes));
        });
        own
    }

    fn bytes(&self) -> u64 {
        self.image.bytes.saturating_add(self.foreign.bytes)
    }

    fn count(&self) -> u64 {
        self.files.len() as u64
    }
}

fn totals(graph: &Graph<'_>, own: &Own) -> Totals {
    let mut totals = Totals {
        own_bytes: own.bytes(),
        ..Totals::default()
    };
    for (place, size) in graph.places.iter().zip(&graph.sizes) {
        totals.store_paths += u64::from(*place != Place::Copied);
        totals.nar_bytes = totals.nar_bytes.saturating_add(*size);
        if matches!(place, Place::Below | Place::Mounted) {
            totals.bytes_elsewhere = totals.bytes_elsewhere.saturating_add(*size);
        }
    }
    totals.bytes = totals.nar_bytes.saturating_add(totals.own_bytes);
    totals
}
