//! The reader: what a part holds, read into its archive.

use std::fs::File;
use std::io::{self, Read, Write};
use std::sync::TryLockError;
use std::sync::atomic::Ordering;

use anyhow::{Context, Result, bail};
use camino::Utf8Path;
use sha2::{Digest, Sha256};

use crate::host::store::{Seen, Store};
use crate::input::store_path::StorePath;
use crate::pack::archive::{Archive, Body, Dialect};
use crate::pack::compress::{Pool, locked};
use crate::pack::packer::Packer;
use crate::pack::part::{PACKING, Part};
use crate::pack::unfit;
use crate::pack::verify::{self, Nowhere, PIECE, Sink};
use crate::tree::findings::planned;
use crate::tree::findings::scan::Scan;
use crate::tree::why::Why;
use crate::tree::{Attributes, Entry, Node, Source};

/// Reads for one archive.
pub(super) struct Reader<'p, 'a> {
    pub(super) packer: &'p Packer<'a>,
    /// Who may help with hashing.
    pub(super) pool: Option<&'p Pool>,
    /// An error as soon as there is no point in going on.
    pub(super) check: &'p dyn Fn() -> Result<()>,
}

impl Reader<'_, '_> {
    /// Writes the entries of `part`, but for a manifest, which every archive of an image begins with.
    pub(super) fn write<W: Write>(&self, archive: &mut Archive<W>, part: Part<'_>) -> Result<()> {
        let packed = match part {
            Part::Image(_) => true,
            Part::RootAlone => false,
            Part::StorePaths(paths) => {
                for above in self.packer.attrs.closure.store_dir().with_parents() {
                    directory(archive, above)?;
                }
                return paths
                    .iter()
                    .try_for_each(|path| self.read(path, &mut *archive));
            }
        };
        let tree = self.packer.plan.written();
        let form = Archive::dialect(archive);
        let written = tree.visit(&mut |path, entry| self.entry(archive, path, entry, packed));
        written.or_else(|error| {
            (self.check)()?;
            Err(unfit::in_tree(error, tree, form))
        })
    }

    /// Reads all of `path` into `sink`, compares it with what Nix recorded of it, and notes what is found in it.
    fn read(&self, path: &StorePath, sink: impl Sink) -> Result<()> {
        let Packer { attrs, found, .. } = self.packer;
        let mut scan = Scan::new(Store::new(&attrs.closure), path);
        let scanned = Scanned {
            scan: &mut scan,
            sink,
        };
        self.read_into(path, scanned)?;
        locked(found).extend(scan.finish());
        Ok(())
    }

    /// Reads all of `path`, which goes nowhere, and compares it with what Nix recorded of it.
    pub(super) fn verify(&self, path: &StorePath) -> Result<()> {
        self.read_into(path, Nowhere)
    }

    fn read_into(&self, path: &StorePath, sink: impl Sink) -> Result<()> {
        let form = sink.dialect();
        let Packer { attrs, copies, .. } = self.packer;
        let sink = copies.watch(sink);
        let read = verify::read(path, &attrs.closure, self.pool, sink, &mut |bytes| {
            self.progress(bytes);
            (self.check)()
        });
        read.or_else(|error| {
            (self.check)()?;
            let chain = Why::new(attrs, path).names();
            Err(unfit::in_store_path(error, path, form, &chain))
        })
    }

    /// Tells that so many `bytes` more have been read.
    fn progress(&self, bytes: u64) {
        let Packer { log, done, all, .. } = self.packer;
        let done = done.fetch_add(bytes, Ordering::Relaxed) + bytes;
        // Where another reader is about to tell, that will do.
        let mut log = match log.try_lock() {
            Ok(log) => log,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return,
        };
        log.progress(PACKING, done, *all);
    }

    fn entry<W: Write>(
        &self,
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
                self.copy(archive, source, *size, path)
                    .with_context(|| format!("copying {source} to {path}"))
            }
            Node::File(Source::Foreign { .. }) => {
                bail!("{path} is in a layer below, and its content is not known")
            }
            Node::Packed(store_path) if packed => self.read(store_path, archive),
            Node::Packed(_) => Ok(()),
        }
    }

    /// Whether a file of the store is looked at where it is copied to, since its store path is not in the image.
    fn is_told_here(&self, source: &Utf8Path) -> bool {
        let Packer { attrs, plan, .. } = self.packer;
        let owner = Store::new(&attrs.closure).owner(source.as_str());
        owner.is_some_and(|owner| plan.copied.contains(&owner))
    }

    /// Writes the content of the file at `source`, which goes to `path` of the image.
    fn copy<W: Write>(
        &self,
        archive: &mut Archive<W>,
        source: &Utf8Path,
        size: u64,
        path: &str,
    ) -> Result<()> {
        let mut file = File::open(source)?;
        let mut read = Sha256::new();
        let mut piece = vec![0; PIECE];
        loop {
            (self.check)()?;
            let length = file.read(&mut piece)?;
            if length == 0 {
                return self.packer.copies.note(source, read);
            }
            if length as u64 == size && self.is_told_here(source) {
                locked(&self.packer.found).extend(planned::secret(path, &piece[..length]));
            }
            read.update(&piece[..length]);
            archive.content(&piece[..length])?;
        }
    }
}

/// Has a store path looked at on its way into `sink`.
struct Scanned<'s, 'a, S> {
    scan: &'s mut Scan<'a>,
    sink: S,
}

impl<S: Sink> Sink for Scanned<'_, '_, S> {
    fn entry(&mut self, path: &Utf8Path, seen: &Seen) -> io::Result<()> {
        self.sink.entry(path, seen)?;
        self.scan.entry(path, seen).map_err(io::Error::other)
    }

    fn content(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.sink.content(bytes)?;
        self.scan.content(bytes);
        Ok(())
    }

    fn dialect(&self) -> Option<Dialect> {
        self.sink.dialect()
    }
}

fn directory<W: Write>(archive: &mut Archive<W>, path: &str) -> Result<()> {
    let written = archive.entry(path, Body::Directory, Attributes::root(0o755));
    written.with_context(|| format!("writing the image at {path}"))
}
