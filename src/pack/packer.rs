//! The image: a plan, written into an archive.
//!
//! Whatever the face, the entries are the same and so is their order.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Write};

use anyhow::{Context, Result};
use camino::Utf8Path;
use sha2::{Digest, Sha256};

use crate::host::interrupt::Interrupt;
use crate::host::log::Log;
use crate::input::attrs::Attrs;
use crate::input::store_path::StorePath;
use crate::pack::archive::{Archive, Kind};
use crate::pack::copies::Copies;
use crate::pack::unfit;
use crate::pack::verify::{self, Nowhere, PIECE};
use crate::plan::{self, Plan};
use crate::tree::{Attributes, Entry, Node, Source};

/// Name of the stage that packs, for Nix's progress bar.
pub const PACKING: &str = "packing";

/// Writes parts of a plan and tells how far it is.
#[derive(Debug)]
pub struct Packer<'a> {
    plan: &'a Plan,
    attrs: &'a Attrs,
    log: &'a mut Log,
    interrupt: &'a Interrupt,
    copies: Copies,
    /// Bytes of NARs read, and how many there are.
    done: u64,
    all: u64,
}

impl<'a> Packer<'a> {
    /// A packer, which has verified the store paths that files are copied from.
    pub fn new(
        plan: &'a Plan,
        attrs: &'a Attrs,
        log: &'a mut Log,
        interrupt: &'a Interrupt,
    ) -> Result<Self> {
        let mut packer = Self {
            plan,
            attrs,
            log,
            interrupt,
            copies: Copies::of(&plan.tree),
            done: 0,
            all: attrs
                .closure
                .nar_size(plan.contents.packed.iter().chain(&plan.copied)),
        };
        for path in &plan.copied {
            packer.read(path, Nowhere)?;
        }
        Ok(packer)
    }

    /// Writes the root file system, its store paths in their places.
    pub fn root<W: Write>(&mut self, archive: &mut Archive<W>) -> Result<()> {
        self.tree(archive, true)
    }

    /// Writes the root file system without its store paths.
    pub fn root_alone<W: Write>(&mut self, archive: &mut Archive<W>) -> Result<()> {
        self.tree(archive, false)
    }

    fn tree<W: Write>(&mut self, archive: &mut Archive<W>, packed: bool) -> Result<()> {
        let plan = self.plan;
        plan.tree
            .visit(&mut |path, entry| self.entry(archive, path, entry, packed))
    }

    /// Writes `paths` and the directories above them.
    pub fn store_paths<W: Write>(
        &mut self,
        archive: &mut Archive<W>,
        paths: &BTreeSet<StorePath>,
    ) -> Result<()> {
        for above in self.attrs.closure.store_dir().with_parents() {
            directory(archive, above)?;
        }
        paths
            .iter()
            .try_for_each(|path| self.read(path, &mut *archive))
    }

    /// Reads all of `path` into `sink`, and compares it with what Nix recorded of it.
    fn read(&mut self, path: &StorePath, sink: impl verify::Sink) -> Result<()> {
        let form = sink.form();
        let Self {
            attrs,
            log,
            interrupt,
            copies,
            done,
            all,
            ..
        } = self;
        let read = verify::read(path, &attrs.closure, copies.watch(sink), &mut |bytes| {
            *done += bytes;
            log.progress(PACKING, *done, *all);
            interrupt.check()
        });
        read.or_else(|error| {
            interrupt.check()?;
            let chain = || plan::chain(attrs, path);
            Err(unfit::explain(error, path, form, chain))
        })
    }

    fn entry<W: Write>(
        &mut self,
        archive: &mut Archive<W>,
        path: &str,
        entry: &Entry,
        packed: bool,
    ) -> Result<()> {
        let context = || format!("writing the image at {path}");
        let mut header = |kind| {
            let written = archive.entry(path, kind, entry.attributes);
            written.with_context(context)
        };
        match &entry.node {
            Node::Directory(_)
            | Node::Mounted {
                directory: true, ..
            } => header(Kind::Directory),
            Node::Mounted {
                directory: false, ..
            } => header(Kind::File(0)),
            Node::Symlink(target) => header(Kind::Symlink(target)),
            Node::File(Source::Text(text)) => {
                header(Kind::File(text.len() as u64))?;
                archive.content(text.as_bytes()).with_context(context)
            }
            Node::File(Source::Store { path: source, size }) => {
                header(Kind::File(*size))?;
                self.copy(archive, source)
                    .with_context(|| format!("copying {source} to {path}"))
            }
            Node::Packed(store_path) if packed => self.read(store_path, archive),
            Node::Packed(_) => Ok(()),
        }
    }

    /// Writes the content of the file at `source`.
    fn copy<W: Write>(&mut self, archive: &mut Archive<W>, source: &Utf8Path) -> Result<()> {
        let mut file = File::open(source)?;
        let mut read = Sha256::new();
        let mut piece = vec![0; PIECE];
        loop {
            self.interrupt.check()?;
            let length = file.read(&mut piece)?;
            if length == 0 {
                return self.copies.note(source, read);
            }
            read.update(&piece[..length]);
            archive.content(&piece[..length])?;
        }
    }
}

fn directory<W: Write>(archive: &mut Archive<W>, path: &str) -> Result<()> {
    let written = archive.entry(path, Kind::Directory, Attributes::root(0o755));
    written.with_context(|| format!("writing the image at {path}"))
}
