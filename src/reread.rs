//! Rereading: a finished archive, read to its last byte by other means than it was written, and compared with its plan.
//!
//! The archive's own invariants hold while it is written; this finds what they cannot see: a defect of the writer, of
//! the compressor, of the disk. It costs about as much as packing, so it is done where it was asked for (argument
//! `selfCheck`).

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::rc::Rc;

use anyhow::{Context, Result, bail, ensure};
use camino::Utf8Path;
use tar::{Entries, EntryType};

use crate::compress::Method;
use crate::plan::Plan;
use crate::store::{self, Seen};
use crate::store_path::{StoreDir, StorePath};
use crate::tree::{Attributes, Node, Source, Tree};

/// The two zero blocks at the end of a stream.
const END: u64 = 1024;

/// What an archive is of.
#[derive(Debug, Clone, Copy)]
pub enum Content<'a> {
    /// An App Container Image.
    Image,
    /// The layer of an OCI image with these store paths, and the directories above them.
    StorePaths(&'a StoreDir, &'a BTreeSet<StorePath>),
    /// The layer of an OCI image with all but its store paths.
    RootAlone,
}

/// Compares the archive `file` of `uncompressed` bytes with what `plan` says of its content.
pub fn compare(
    file: &Utf8Path,
    plan: &Plan,
    content: Content<'_>,
    uncompressed: u64,
) -> Result<()> {
    let opened = File::open(file).with_context(|| format!("reading {file}"))?;
    let read = Rc::new(Cell::new(0));
    let mut stream = tar::Archive::new(Counted {
        from: plan.compression.decoder(BufReader::new(opened))?,
        read: Rc::clone(&read),
    });
    let mut found = Found {
        entries: stream.entries()?,
        top: match content {
            Content::Image => "rootfs",
            Content::StorePaths(..) | Content::RootAlone => "",
        },
    };
    match content {
        Content::Image => {
            let manifest = plan.manifest.to_json();
            found.manifest(manifest.as_bytes())?;
            found.tree(&plan.tree, true)?;
        }
        Content::RootAlone => found.tree(&plan.tree, false)?,
        Content::StorePaths(directory, paths) => {
            for above in directory.with_parents() {
                found.directory(above, Attributes::root(0o755))?;
            }
            for path in paths {
                found.store_path(path.as_path())?;
            }
        }
    }
    if let Some(entry) = found.entries.next() {
        bail!(
            "the archive has an entry too much: {:?}",
            entry?.path_bytes()
        );
    }
    let mut rest = Vec::new();
    stream
        .into_inner()
        .read_to_end(&mut rest)
        .context("reading the archive to its end")?;
    ensure!(
        rest.iter().all(|byte| *byte == 0),
        "the archive has content behind its end"
    );
    ensure!(
        read.get() == uncompressed && uncompressed.is_multiple_of(END / 2),
        "the archive has {} bytes, and {uncompressed} were written",
        read.get()
    );
    Ok(())
}

fn open(path: &Utf8Path) -> Result<BufReader<File>> {
    Ok(BufReader::new(
        File::open(path).with_context(|| format!("reading {path}"))?,
    ))
}

/// Counts what is read.
struct Counted<R> {
    from: R,
    read: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.from.read(buffer)?;
        self.read.set(self.read.get() + length as u64);
        Ok(length)
    }
}

/// Whether the archive's name or target is the one expected. The reader ends a pax value at its first newline.
fn same(found: &[u8], expected: &str) -> bool {
    let expected = expected.as_bytes();
    found == expected
        || expected
            .strip_prefix(found)
            .is_some_and(|rest| rest.starts_with(b"\n"))
}

/// The entries of the archive that are still to be compared.
struct Found<'a, R: Read> {
    entries: Entries<'a, R>,
    /// What the names of entries begin with, before their paths in the image.
    top: &'static str,
}

impl<'a, R: Read> Found<'a, R> {
    fn manifest(&mut self, text: &[u8]) -> Result<()> {
        let entry = self.next("manifest", EntryType::Regular, Attributes::root(0o644))?;
        same_content(entry, "manifest", text)
    }

    /// The root file system, with or without its store paths.
    fn tree(&mut self, tree: &Tree, packed: bool) -> Result<()> {
        tree.visit(&mut |path, entry| {
            let attributes = entry.attributes;
            match &entry.node {
                // Layers say nothing of the root itself.
                Node::Directory(_) if path.is_empty() && self.top.is_empty() => Ok(()),
                Node::Directory(_)
                | Node::Mounted {
                    directory: true, ..
                } => self.directory(path, attributes),
                Node::Mounted {
                    directory: false, ..
                } => self.file(path, attributes, io::empty()),
                Node::Symlink(target) => self.symlink(path, attributes, target),
                Node::File(Source::Text(text)) => self.file(path, attributes, text.as_bytes()),
                Node::File(Source::Store { path: source, .. }) => {
                    self.file(path, attributes, open(source)?)
                }
                Node::Packed(store_path) if packed => self.store_path(store_path.as_path()),
                Node::Packed(_) => Ok(()),
            }
        })
    }

    /// What an entry of the image is called in the archive.
    fn name(&self, path: &str) -> String {
        let name = format!("{}{path}", self.top);
        match name.strip_prefix('/') {
            Some(name) => name.to_owned(),
            None => name,
        }
    }

    /// Takes the next entry, which must have this name, type and owner.
    fn next(
        &mut self,
        path: &str,
        kind: EntryType,
        attributes: Attributes,
    ) -> Result<tar::Entry<'a, R>> {
        let entry = self
            .entries
            .next()
            .with_context(|| format!("the archive lacks {path}"))?;
        let entry = entry.with_context(|| format!("reading the archive before {path}"))?;
        let header = entry.header();
        let name = entry.path_bytes();
        let name = name.strip_suffix(b"/").unwrap_or(&name);
        ensure!(
            same(name, path),
            "the archive has {:?} where {path} belongs",
            String::from_utf8_lossy(name)
        );
        ensure!(
            header.entry_type() == kind,
            "{path} is {:?} in the archive, not {kind:?}",
            header.entry_type()
        );
        let found = Attributes {
            mode: header.mode()?,
            uid: u32::try_from(header.uid()?)?,
            gid: u32::try_from(header.gid()?)?,
        };
        ensure!(
            found == attributes,
            "{path} has {found:?} in the archive, not {attributes:?}"
        );
        ensure!(
            header.mtime()? == 1,
            "{path} has the time {} in the archive",
            header.mtime()?
        );
        Ok(entry)
    }

    fn directory(&mut self, path: &str, attributes: Attributes) -> Result<()> {
        let name = self.name(path);
        self.next(&name, EntryType::Directory, attributes).map(drop)
    }

    fn symlink(&mut self, path: &str, attributes: Attributes, target: &str) -> Result<()> {
        let entry = self.next(&self.name(path), EntryType::Symlink, attributes)?;
        let found = entry.link_name_bytes().unwrap_or_default();
        ensure!(
            same(&found, target),
            "{path} leads elsewhere in the archive than to {target:?}"
        );
        Ok(())
    }

    fn file(&mut self, path: &str, attributes: Attributes, content: impl Read) -> Result<()> {
        let entry = self.next(&self.name(path), EntryType::Regular, attributes)?;
        same_content(entry, path, content)
    }

    /// What the store holds at `path`, and all below it.
    fn store_path(&mut self, path: &Utf8Path) -> Result<()> {
        let name = path.as_str();
        match store::look(path)? {
            Seen::Symlink(target) => self.symlink(name, Attributes::root(0o777), &target),
            Seen::File { executable, .. } => {
                let mode = if executable { 0o555 } else { 0o444 };
                self.file(name, Attributes::root(mode), open(path)?)
            }
            Seen::Directory => {
                self.directory(name, Attributes::root(0o555))?;
                let names = store::list(path)?;
                names
                    .iter()
                    .try_for_each(|name| self.store_path(&path.join(name)))
            }
        }
    }
}

fn same_content(mut entry: impl Read, path: &str, mut content: impl Read) -> Result<()> {
    let (mut one, mut other) = (vec![0; 64 << 10], vec![0; 64 << 10]);
    loop {
        let length = entry
            .read(&mut one)
            .with_context(|| format!("reading {path} in the archive"))?;
        if length == 0 {
            let more = content.read(&mut other[..1])?;
            ensure!(more == 0, "{path} ends too early in the archive");
            return Ok(());
        }
        content
            .read_exact(&mut other[..length])
            .with_context(|| format!("comparing {path}"))?;
        ensure!(
            one[..length] == other[..length],
            "{path} has other content in the archive"
        );
    }
}

impl Method {
    /// Reads what this method wrote.
    fn decoder<'r>(self, from: impl io::BufRead + 'r) -> io::Result<Box<dyn Read + 'r>> {
        Ok(match self.name() {
            "gzip" => Box::new(flate2::bufread::MultiGzDecoder::new(from)),
            "zstd" => Box::new(zstd::Decoder::with_buffer(from)?),
            "xz" => Box::new(liblzma::bufread::XzDecoder::new(from)),
            _ => Box::new(from),
        })
    }
}
