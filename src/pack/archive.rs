//! The archive: entries in, one deterministic tar stream out. The only place that writes headers.
//!
//! The invariants of an App Container Image's archive hold by construction, since an entry that would break one is
//! refused: nothing stands twice, nothing stands below what is not a directory, parents stand before their children,
//! `manifest` stands first and all else below `rootfs`. A layer of an OCI image keeps the same rules, but for the last
//! one. For that, names must come sorted by their bytes within each
//! directory, and memory is one name for each level of depth.
//! The stream ends with two zero blocks and has ustar headers, with pax records where a name does not fit.

mod dialect;
mod header;

use std::io::{self, Write};

pub use dialect::Dialect;

use crate::tree::Attributes;

/// Tar streams are made of blocks of this many bytes.
const BLOCK: u64 = 512;

/// What an entry is.
#[derive(Debug, Clone, Copy)]
pub enum Body<'a> {
    /// A directory.
    Directory,
    /// A symbolic link with its target.
    Symlink(&'a str),
    /// A regular file of this many bytes, which [`Archive::content`] takes next.
    File(u64),
}

/// A directory that entries can still go into.
#[derive(Debug)]
struct Open {
    name: String,
    /// The last name written into it; what follows must be greater.
    last: String,
}

/// A tar stream in the making.
#[derive(Debug)]
pub struct Archive<W> {
    out: W,
    dialect: Dialect,
    open: Vec<Open>,
    /// Bytes that the file begun last still lacks.
    missing: u64,
    /// Zero bytes that follow the file's content.
    padding: u64,
    entries: u64,
}

impl<W: Write> Archive<W> {
    /// Begins the archive of an App Container Image with its manifest.
    pub fn image(out: W, manifest: &str) -> io::Result<Self> {
        let mut archive = Self::new(out, Dialect::Image);
        let bytes = manifest.as_bytes();
        let kind = Body::File(bytes.len() as u64);
        archive.header("manifest", kind, Attributes::root(0o644))?;
        archive.content(bytes)?;
        Ok(archive)
    }

    /// Begins a layer of an OCI image.
    pub fn layer(out: W) -> Self {
        Self::new(out, Dialect::Layer)
    }

    fn new(out: W, dialect: Dialect) -> Self {
        let top = Open {
            name: String::new(),
            last: String::new(),
        };
        Self {
            out,
            dialect,
            open: vec![top],
            missing: 0,
            padding: 0,
            entries: 0,
        }
    }

    /// What it is an archive of.
    pub(crate) fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Number of entries so far.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.entries
    }

    /// Writes the header of the entry at `path` of the image, an absolute, clean path; the root itself is empty.
    pub fn entry(&mut self, path: &str, kind: Body<'_>, attributes: Attributes) -> io::Result<()> {
        match (self.dialect, path) {
            // Runtimes make the root of a layer themselves.
            (Dialect::Layer, "") if matches!(kind, Body::Directory) => self.file_is_whole(),
            (dialect, path) => self.header(&dialect.place(path), kind, attributes),
        }
    }

    fn header(&mut self, path: &str, kind: Body<'_>, attributes: Attributes) -> io::Result<()> {
        self.place(path, kind)?;
        if let Body::File(size) = kind {
            self.missing = size;
            self.padding = padding(size);
        }
        let (header, records) = header::of(path, kind, attributes);
        if !records.is_empty() {
            self.out
                .write_all(header::of_records(&records).as_bytes())?;
            self.out.write_all(&records)?;
            self.zeros(padding(records.len() as u64))?;
        }
        self.out.write_all(header.as_bytes())?;
        self.entries += 1;
        Ok(())
    }

    /// Writes content of the file begun last.
    pub fn content(&mut self, bytes: &[u8]) -> io::Result<()> {
        let length = bytes.len() as u64;
        let Some(missing) = self.missing.checked_sub(length) else {
            return Err(io::Error::other("it grew while it was read"));
        };
        self.out.write_all(bytes)?;
        self.missing = missing;
        if missing == 0 {
            let padding = std::mem::take(&mut self.padding);
            self.zeros(padding)?;
        }
        Ok(())
    }

    /// Ends the archive and gives back what it was written to.
    pub fn finish(mut self) -> io::Result<W> {
        self.file_is_whole()?;
        self.zeros(2 * BLOCK)?;
        Ok(self.out)
    }

    /// Refuses a path that would break an invariant; else notes that it is there.
    fn place(&mut self, path: &str, kind: Body<'_>) -> io::Result<()> {
        self.file_is_whole()?;
        let refuse = |why: &str| {
            // What is refused may be hard to print too.
            let path = path.escape_debug();
            Err(io::Error::other(format!("the archive entry {path} {why}")))
        };
        let mut depth = 1;
        let mut rest = path;
        while let Some((parent, below)) = rest.split_once('/') {
            match self.open.get(depth) {
                Some(open) if open.name == parent => depth += 1,
                _ => return refuse("comes before its directory, or after the directory was left"),
            }
            rest = below;
        }
        self.open.truncate(depth);
        if let Some(why) = self.dialect.refuses_at(path, kind) {
            return refuse(why);
        }
        let top = depth == 1;
        let is_image = self.dialect == Dialect::Image;
        if is_image && top && !matches!((self.entries, rest), (0, "manifest") | (1, "rootfs")) {
            return refuse("is neither the manifest nor below rootfs");
        }
        if is_image && top && self.entries == 1 && !matches!(kind, Body::Directory) {
            return refuse("is no directory, and all else of the image stands below it");
        }
        match self.open.last_mut() {
            Some(parent) if parent.last.as_str() < rest => rest.clone_into(&mut parent.last),
            _ => return refuse("stands twice, or out of order"),
        }
        if matches!(kind, Body::Directory) {
            self.open.push(Open {
                name: rest.to_owned(),
                last: String::new(),
            });
        }
        Ok(())
    }

    fn file_is_whole(&self) -> io::Result<()> {
        if self.missing == 0 {
            return Ok(());
        }
        Err(io::Error::other("it shrank while it was read"))
    }

    fn zeros(&mut self, count: u64) -> io::Result<()> {
        io::copy(&mut io::Read::take(io::repeat(0), count), &mut self.out)?;
        Ok(())
    }
}

/// How many zero bytes follow `size` bytes up to the end of their block.
fn padding(size: u64) -> u64 {
    (BLOCK - size % BLOCK) % BLOCK
}

#[cfg(test)]
mod tests;
