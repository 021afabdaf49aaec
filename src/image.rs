//! The image: a plan, written.

use std::io::Write;

use anyhow::{Context, Result};
use camino::Utf8Path;

use crate::archive::{Archive, Kind};
use crate::closure::Closure;
use crate::interrupt::Interrupt;
use crate::log::Log;
use crate::plan::Plan;
use crate::tree::{Attributes, Entry, Node, Source};
use crate::verify::{self, Nowhere};

/// Name of the stage that packs, for Nix's progress bar.
const PACKING: &str = "packing";

/// Writes the archive of `plan` to `out` and verifies each store path on the way; gives back `out` and the number of
/// entries.
pub fn write<W: Write>(
    plan: &Plan,
    closure: &Closure,
    out: W,
    log: &mut Log,
    interrupt: &Interrupt,
) -> Result<(W, u64)> {
    let packed = &plan.contents.packed;
    let all = closure.nar_size(packed.iter().chain(&plan.copied));
    let mut done = 0;
    let mut progress = |bytes| {
        done += bytes;
        log.progress(PACKING, done, all);
        interrupt.check()
    };
    for path in &plan.copied {
        verify::read(path, closure, Nowhere, &mut progress)?;
    }
    let mut archive = Archive::new(out);
    let manifest = plan.manifest.to_json();
    file(
        &mut archive,
        "manifest",
        manifest.as_bytes(),
        Attributes::root(0o644),
    )?;
    plan.tree
        .visit(&mut |path, entry| write_entry(&mut archive, path, entry, closure, &mut progress))?;
    let entries = archive.entries();
    let out = archive.finish().context("writing the end of the archive")?;
    Ok((out, entries))
}

fn write_entry<W: Write>(
    archive: &mut Archive<W>,
    path: &str,
    entry: &Entry,
    closure: &Closure,
    progress: &mut impl FnMut(u64) -> Result<()>,
) -> Result<()> {
    let attributes = entry.attributes;
    let name = format!("rootfs{path}");
    let mut simple = |kind| {
        let written = archive.entry(&name, kind, attributes);
        written.with_context(|| format!("writing the image at {path}"))
    };
    match &entry.node {
        Node::Directory(_)
        | Node::Mounted {
            directory: true, ..
        } => simple(Kind::Directory),
        Node::Mounted {
            directory: false, ..
        } => simple(Kind::File(0)),
        Node::Symlink(target) => simple(Kind::Symlink(target)),
        Node::File(Source::Text(text)) => file(archive, &name, text.as_bytes(), attributes),
        Node::File(Source::Store { path, size }) => {
            simple(Kind::File(*size))?;
            copy(archive, path)
        }
        Node::Packed(store_path) => verify::read(store_path, closure, archive, progress),
    }
}

fn file<W: Write>(
    archive: &mut Archive<W>,
    name: &str,
    content: &[u8],
    attributes: Attributes,
) -> Result<()> {
    archive
        .entry(name, Kind::File(content.len() as u64), attributes)
        .and_then(|()| archive.content(content))
        .with_context(|| format!("writing the image at {name}"))
}

fn copy<W: Write>(archive: &mut Archive<W>, path: &Utf8Path) -> Result<()> {
    let mut file = std::fs::File::open(path).with_context(|| format!("reading {path}"))?;
    let mut content = archive.as_writer();
    std::io::copy(&mut file, &mut content).with_context(|| format!("copying {path}"))?;
    Ok(())
}
