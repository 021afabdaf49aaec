//! The packer: a plan, or a part of it, becomes an archive of the output.
//!
//! Whatever the face, the entries are the same and so is their order.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Write};
use std::mem;
use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::AtomicU64;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256, digest};

use crate::host::interrupt::Interrupt;
use crate::host::log::Log;
use crate::host::output::Output;
use crate::host::threads;
use crate::input::attrs::Attrs;
use crate::input::compression::Compression;
use crate::input::form::Form;
use crate::input::store_path::StorePath;
use crate::pack::archive::Archive;
use crate::pack::compress::{Compressor, Pool, Summary, locked};
use crate::pack::copies::Copies;
use crate::pack::part::Part;
use crate::pack::reader::Reader;
use crate::pack::reread;
use crate::pack::turns::Turns;
use crate::plan::Plan;
use crate::tree::findings::Finding;

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
    pub(super) plan: &'a Plan,
    pub(super) attrs: &'a Attrs,
    pub(super) log: Mutex<&'a mut Log>,
    interrupt: &'a Interrupt,
    pub(super) copies: Copies,
    /// Bytes of NARs read, and how many there are.
    pub(super) done: AtomicU64,
    pub(super) all: u64,
    /// What was found on the way that may not be meant so.
    pub(super) found: Mutex<Vec<Finding>>,
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
        let packer = Self {
            plan,
            attrs,
            log: Mutex::new(log),
            interrupt,
            copies: Copies::of(plan.written()),
            done: AtomicU64::new(0),
            all: attrs.closure.nar_size(read),
            found: Mutex::default(),
        };
        for path in &plan.copied {
            let check = || interrupt.check();
            packer.reader(None, &check).verify(path)?;
        }
        Ok(packer)
    }

    /// What was found in all that was packed since this was asked last.
    pub(crate) fn take_found(&self) -> Vec<Finding> {
        mem::take(&mut locked(&self.found))
    }

    /// Verifies those of `paths` that files are copied from, when nothing else of them is read.
    pub(crate) fn verify_copied(&self, paths: &BTreeSet<StorePath>) -> Result<()> {
        let check = || self.interrupt.check();
        let copied = paths.iter().filter(|path| self.copies.has_of(path));
        copied
            .into_iter()
            .try_for_each(|path| self.reader(None, &check).verify(path))
    }

    /// Packs `part` into a file of `output`. The file has no name before it is complete and, where that was asked for,
    /// read again.
    pub(crate) fn pack<D: Digest + Send + 'static>(
        &self,
        part: Part<'_>,
        output: &mut Output,
        named: &Named<'_>,
    ) -> Result<Packed<D>> {
        let pool = self.pool(threads::granted(), 1)?;
        let check = || self.interrupt.check();
        self.pack_one(part, &pool, &Mutex::new(output), named, &check)
    }

    /// Packs each of `parts` as [`pack`](Self::pack) does, several at once. `what` says for an error what was done.
    pub(crate) fn pack_all<D: Digest + Send + 'static>(
        &self,
        parts: &[Part<'_>],
        output: &mut Output,
        named: &Named<'_>,
        what: impl Fn(Part<'_>) -> String + Sync,
    ) -> Result<Vec<Packed<D>>> {
        let threads = threads::granted();
        let readers = threads::readers(threads).min(parts.len());
        let pool = self.pool(threads, readers)?;
        let output = Mutex::new(output);
        Turns::take(parts.len(), readers, |turns, number| {
            let part = parts[number];
            let check = || turns.check(number).and_then(|()| self.interrupt.check());
            self.pack_one(part, &pool, &output, named, &check)
                .with_context(|| what(part))
        })
    }

    fn pool(&self, threads: NonZeroUsize, readers: usize) -> Result<Pool> {
        let compression = self.attrs.spec.form.compression;
        Ok(Pool::start(compression, threads, readers)?)
    }

    fn pack_one<D: Digest + Send + 'static>(
        &self,
        part: Part<'_>,
        pool: &Pool,
        output: &Mutex<&mut Output>,
        named: &Named<'_>,
        check: &dyn Fn() -> Result<()>,
    ) -> Result<Packed<D>> {
        let Form {
            compression,
            self_check,
            ..
        } = self.attrs.spec.form;
        let (unnamed, file) = locked(output).begin()?;
        // What is not compressed has the digest that is made of the stream anyway.
        let hashed = matches!(named, Named::ByDigest(_)) && compression != Compression::None;
        let out = Hashed {
            out: file,
            hash: hashed.then(Sha256::new),
        };
        let compressor = Compressor::<_, D>::new(pool, out)?;
        let mut archive = match part {
            Part::Image(manifest) => Archive::image(compressor, manifest)?,
            Part::StorePaths(_) | Part::RootAlone => Archive::layer(compressor),
        };
        self.reader(Some(pool), check).write(&mut archive, part)?;
        let entries = archive.entries();
        let (out, summary) = archive.finish().and_then(Compressor::finish)?;
        if self_check {
            let (file, length) = (unnamed.path(), summary.uncompressed);
            reread::compare(file, self.plan, self.attrs, part, length, self.interrupt)
                .context("reading it again")?;
        }
        let sha256 = match out.hash {
            Some(hash) => hash.finalize().into(),
            None => summary.digest.as_slice().try_into().unwrap_or([0; 32]),
        };
        let name = match named {
            Named::As(name) => (*name).to_owned(),
            Named::ByDigest(name) => name(&sha256),
        };
        locked(output).name(unnamed, out.out, &name, 0o644)?;
        Ok(Packed {
            summary,
            entries,
            sha256,
        })
    }

    /// Writes the entries of `part`, but for a manifest, which every archive of an image begins with.
    pub fn write<W: Write>(&self, archive: &mut Archive<W>, part: Part<'_>) -> Result<()> {
        self.reader(None, &|| self.interrupt.check())
            .write(archive, part)
    }

    fn reader<'p>(
        &'p self,
        pool: Option<&'p Pool>,
        check: &'p dyn Fn() -> Result<()>,
    ) -> Reader<'p, 'a> {
        Reader {
            packer: self,
            pool,
            check,
        }
    }
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
