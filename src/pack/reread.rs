//! Rereading: a finished archive, read to its last byte by other means than it was written, and compared with its plan.
//!
//! The archive's own invariants hold while it is written; this finds what they cannot see: a defect of the writer, of
//! the compressor, of the disk. It costs about as much as packing, so it is done where it was asked for (argument
//! `selfCheck`).

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::rc::Rc;

use anyhow::{Context, Result, bail, ensure};
use camino::Utf8Path;
use tar::{Entries, EntryType};

use crate::host::interrupt::Interrupt;
use crate::host::store::{self, Seen};
use crate::input::attrs::Attrs;
use crate::pack::part::Part;
use crate::plan::Plan;
use crate::tree::{Attributes, Node, Source, Tree};

/// Tar streams are made of blocks of so many bytes, and end with two blocks of zeros.
const BLOCK: usize = 512;

/// Compares the archive `file` of `uncompressed` bytes with what `plan` says of its content.
pub fn compare(
    file: &Utf8Path,
    plan: &Plan,
    attrs: &Attrs,
    part: Part<'_>,
    uncompressed: u64,
    interrupt: &Interrupt,
) -> Result<()> {
    let opened = File::open(file).with_context(|| format!("reading {file}"))?;
    let read = Rc::new(Cell::new(0));
    let mut stream = tar::Archive::new(Counted {
        from: attrs
            .spec
            .form
            .compression
            .decoder(BufReader::new(opened))?,
        read: Rc::clone(&read),
    });
    let mut found = Found {
        entries: stream.entries()?.raw(true),
        top: match part {
            Part::Image(_) => "rootfs",
            Part::StorePaths(_) | Part::RootAlone => "",
        },
        interrupt,
    };
    match part {
        Part::Image(manifest) => {
            found.file("manifest", Attributes::root(0o644), manifest.as_bytes())?;
            found.tree(plan.written(), true)?;
        }
        Part::RootAlone => found.tree(plan.written(), false)?,
        Part::StorePaths(paths) => {
            for above in attrs.closure.store_dir().with_parents() {
                found.directory(&found.name(above), Attributes::root(0o755))?;
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
    // The first of the two blocks of zeros told the reader that there are no more entries.
    ensure!(
        rest == [0; BLOCK],
        "the archive does not end with two blocks of zeros, and nothing behind them"
    );
    ensure!(
        read.get() == uncompressed,
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

/// Long names of one entry, as its extended header has them (POSIX, "pax Header Block").
#[derive(Debug, Default, PartialEq, Eq)]
struct Long {
    path: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
}

impl Long {
    /// Reads the records by their lengths, since a value may hold anything, line breaks too.
    fn parse(mut records: &[u8]) -> Option<Self> {
        let mut long = Self::default();
        while !records.is_empty() {
            let blank = records.iter().position(|byte| *byte == b' ')?;
            let length = std::str::from_utf8(&records[..blank]).ok()?.parse().ok()?;
            let (record, rest) = records.split_at_checked(length)?;
            let record = record.get(blank + 1..)?.strip_suffix(b"\n")?;
            if let Some(path) = record.strip_prefix(b"path=") {
                long.path = Some(path.to_vec());
            } else {
                long.link = Some(record.strip_prefix(b"linkpath=")?.to_vec());
            }
            records = rest;
        }
        Some(long)
    }
}

/// The entries of the archive that are still to be compared.
struct Found<'a, R: Read> {
    entries: Entries<'a, R>,
    /// What the names of entries have before their paths in the image.
    top: &'static str,
    interrupt: &'a Interrupt,
}

impl<'a, R: Read> Found<'a, R> {
    /// What the entry at `path` of the image is called in the archive.
    fn name(&self, path: &str) -> String {
        let name = format!("{}{path}", self.top);
        match name.strip_prefix('/') {
            Some(name) => name.to_owned(),
            None => name,
        }
    }

    /// The root file system, with or without its store paths.
    fn tree(&mut self, tree: &Tree, packed: bool) -> Result<()> {
        tree.visit(&mut |path, entry| {
            let attributes = entry.attributes;
            let name = self.name(path);
            match &entry.node {
                // Layers say nothing of the root itself.
                Node::Directory(_) if name.is_empty() => Ok(()),
                Node::Directory(_)
                | Node::Mounted {
                    directory: true, ..
                } => self.directory(&name, attributes),
                Node::Mounted {
                    directory: false, ..
                } => self.file(&name, attributes, io::empty()),
                Node::Symlink(target) => self.symlink(&name, attributes, target),
                Node::File(Source::Text(text)) => self.file(&name, attributes, text.as_bytes()),
                Node::File(Source::Store { path: source, .. }) => {
                    self.file(&name, attributes, open(source)?)
                }
                Node::File(Source::Foreign { .. }) => bail!("{name} is in a layer below"),
                Node::Packed(store_path) if packed => self.store_path(store_path.as_path()),
                Node::Packed(_) => Ok(()),
            }
        })
    }

    /// Takes the next entry, which must have this path, type and owner; its long link comes with it.
    fn next(
        &mut self,
        path: &str,
        kind: EntryType,
        attributes: Attributes,
    ) -> Result<(tar::Entry<'a, R>, Option<Vec<u8>>)> {
        self.interrupt.check()?;
        let mut entry = self.raw(path)?;
        let mut long = Long::default();
        if entry.header().entry_type() == EntryType::XHeader {
            let mut records = Vec::new();
            entry.read_to_end(&mut records)?;
            long = Long::parse(&records)
                .with_context(|| format!("the extended header before {path} is malformed"))?;
            entry = self.raw(path)?;
        }
        let header = entry.header();
        ensure!(
            header.as_ustar().is_some(),
            "{path} has a header that is not of POSIX"
        );
        let name = long.path.map_or_else(|| header.path_bytes(), Into::into);
        let name = name.strip_suffix(b"/").unwrap_or(&name);
        ensure!(
            name == path.as_bytes(),
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
        Ok((entry, long.link))
    }

    fn raw(&mut self, path: &str) -> Result<tar::Entry<'a, R>> {
        let entry = self.entries.next();
        entry
            .with_context(|| format!("the archive lacks {path}"))?
            .with_context(|| format!("reading the archive before {path}"))
    }

    fn directory(&mut self, path: &str, attributes: Attributes) -> Result<()> {
        self.next(path, EntryType::Directory, attributes).map(drop)
    }

    fn symlink(&mut self, path: &str, attributes: Attributes, target: &str) -> Result<()> {
        let (entry, long) = self.next(path, EntryType::Symlink, attributes)?;
        let short = || entry.header().link_name_bytes().unwrap_or_default();
        let found = long.map_or_else(short, Into::into);
        ensure!(
            *found == *target.as_bytes(),
            "{path} leads elsewhere in the archive than to {target:?}"
        );
        Ok(())
    }

    fn file(&mut self, path: &str, attributes: Attributes, mut content: impl Read) -> Result<()> {
        let (mut entry, _) = self.next(path, EntryType::Regular, attributes)?;
        let (mut one, mut other) = (vec![0; 64 << 10], vec![0; 64 << 10]);
        loop {
            self.interrupt.check()?;
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

    /// What the store holds at `path`, and all below it.
    fn store_path(&mut self, path: &Utf8Path) -> Result<()> {
        let name = self.name(path.as_str());
        match store::look(path)? {
            Seen::Symlink(target) => self.symlink(&name, Attributes::root(0o777), &target),
            Seen::File { executable, .. } => {
                let mode = if executable { 0o555 } else { 0o444 };
                self.file(&name, Attributes::root(mode), open(path)?)
            }
            Seen::Directory => {
                self.directory(&name, Attributes::root(0o555))?;
                let names = store::list(path)?;
                names
                    .iter()
                    .try_for_each(|name| self.store_path(&path.join(name)))
            }
        }
    }
}
