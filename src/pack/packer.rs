//! The packer: a plan, or a part of it, becomes an archive of the output.
//!
//! Whatever the face, the entries are the same and so is their order.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read, Write};

use anyhow::{Context, Result};
use camino::Utf8Path;
use sha2::{Digest, Sha256, digest};

use crate::host::interrupt::Interrupt;
use crate::host::log::Log;
use crate::host::output::Output;
use crate::host::threads;
use crate::input::attrs::Attrs;
use crate::input::spec::Form;
use crate::input::store_path::StorePath;
use crate::pack::archive::{Archive, Body};
use crate::pack::compress::{Compressor, Summary};
use crate::pack::copies::Copies;
use crate::pack::reread;
use crate::pack::unfit;
use crate::pack::verify::{self, Nowhere, PIECE};
use crate::plan::{self, Plan};
use crate::tree::{Attributes, Entry, Node, Source};

/// Name of the stage that packs, for Nix's progress bar.
pub const PACKING: &str = "packing";

/// What an archive is of.
#[derive(Debug, Clone, Copy)]
pub enum Part<'a> {
    /// An App Container Image: this manifest, and the whole root file system.
    Image(&'a str),
    /// The layer of an OCI image with these store paths, and the directories above them.
    StorePaths(&'a BTreeSet<StorePath>),
    /// The layer of an OCI image with all but its store paths.
    RootAlone,
}

/// What an archive is called in the output.
pub(crate) enum Named<'a> {
    /// This.
    As(&'a str),
    /// What comes of the SHA-256 of its bytes.
    ByDigest(fn(&[u8; 32]) -> String),
}

/// An archive that is in the output.
pub(crate) struct Packed<D: Digest> {
    /// Sizes, and the digest of the uncompressed stream.
    pub(crate) summary: Summary<digest::Output<D>>,
    /// Its entries.
    pub(crate) entries: u64,
    /// SHA-256 of its bytes, where it is named so.
    pub(crate) sha256: [u8; 32],
}

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
        let read = plan.contents.packed.iter().chain(&plan.copied);
        let mut packer = Self {
            plan,
            attrs,
            log,
            interrupt,
            copies: Copies::of(plan.written()),
            done: 0,
            all: attrs.closure.nar_size(read),
        };
        for path in &plan.copied {
            packer.read(path, Nowhere)?;
        }
        Ok(packer)
    }

    /// Packs `part` into a file of `output`. The file has no name before it is complete and, where that was asked for,
    /// read again.
    pub(crate) fn pack<D: Digest + Send + 'static>(
        &mut self,
        part: Part<'_>,
        output: &mut Output,
        named: &Named<'_>,
    ) -> Result<Packed<D>> {
        let Form {
            compression,
            self_check,
            ..
        } = self.attrs.spec.form;
        let (unnamed, file) = output.begin()?;
        let out = Hashed {
            out: file,
            hash: matches!(named, Named::ByDigest(_)).then(Sha256::new),
        };
        let compressor = Compressor::<_, D>::new(compression, threads::granted(), out)?;
        let mut archive = match part {
            Part::Image(manifest) => Archive::image(compressor, manifest)?,
            Part::StorePaths(_) | Part::RootAlone => Archive::layer(compressor),
        };
        self.write(&mut archive, part)?;
        let entries = archive.entries();
        let (out, summary) = archive.finish().and_then(Compressor::finish)?;
        if self_check {
            let (file, length) = (unnamed.path(), summary.uncompressed);
            reread::compare(file, self.plan, self.attrs, part, length, self.interrupt)
                .context("reading it again")?;
        }
        let sha256 = out.hash.map_or([0; 32], |hash| hash.finalize().into());
        let name = match named {
            Named::As(name) => (*name).to_owned(),
            Named::ByDigest(name) => name(&sha256),
        };
        output.name(unnamed, out.out, &name, 0o644)?;
        Ok(Packed {
            summary,
            entries,
            sha256,
        })
    }

    /// Writes the entries of `part`, but for a manifest, which every archive of an image begins with.
    pub fn write<W: Write>(&mut self, archive: &mut Archive<W>, part: Part<'_>) -> Result<()> {
        let packed = match part {
            Part::Image(_) => true,
            Part::RootAlone => false,
            Part::StorePaths(paths) => {
                for above in self.attrs.closure.store_dir().with_parents() {
                    directory(archive, above)?;
                }
                return paths
                    .iter()
                    .try_for_each(|path| self.read(path, &mut *archive));
            }
        };
        let plan = self.plan;
        let form = archive.dialect();
        let written = plan
            .written()
            .visit(&mut |path, entry| self.entry(archive, path, entry, packed));
        written.or_else(|error| {
            self.interrupt.check()?;
            Err(unfit::in_tree(error, plan.written(), form))
        })
    }

    /// Reads all of `path` into `sink`, and compares it with what Nix recorded of it.
    fn read(&mut self, path: &StorePath, sink: impl verify::Sink) -> Result<()> {
        let form = sink.dialect();
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
            let chain = plan::chain(attrs, path);
            Err(unfit::in_store_path(error, path, form, &chain))
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
            } => header(Body::Directory),
            Node::Mounted {
                directory: false, ..
            } => header(Body::File(0)),
            Node::Symlink(target) => header(Body::Symlink(target)),
            Node::File(Source::Text(text)) => {
                header(Body::File(text.len() as u64))?;
                archive.content(text.as_bytes()).with_context(context)
            }
            Node::File(Source::Store { path: source, size }) => {
                header(Body::File(*size))?;
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
    let written = archive.entry(path, Body::Directory, Attributes::root(0o755));
    written.with_context(|| format!("writing the image at {path}"))
}

/// A file, and the hash of what is written to it where one is wanted.
struct Hashed {
    out: File,
    hash: Option<Sha256>,
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        if let Some(hash) = &mut self.hash {
            hash.update(&bytes[..written]);
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
