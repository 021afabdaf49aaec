//! The archive: entries in, one deterministic tar stream out. The only place that writes headers.
//!
//! The invariants of an App Container Image's archive hold by construction, since an entry that would break one is
//! refused: nothing stands twice, nothing stands below what is not a directory, parents stand before their children,
//! `manifest` stands first and all else below `rootfs`. A layer of an OCI image keeps the same rules, but for the last
//! one. For that, names must come sorted by their bytes within each
//! directory, and memory is one name for each level of depth.
//! The stream ends with two zero blocks and has ustar headers, with pax records where a name does not fit.

use std::borrow::Cow;
use std::io::{self, Write};

use tar::{EntryType, Header};

use crate::image::path::{longest, longest_name};
use crate::tree::Attributes;

/// Tar streams are made of blocks of this many bytes.
const BLOCK: u64 = 512;

/// Every entry's time, in seconds since 1970: what Nix gives to every file of a store.
const MTIME: u64 = 1;

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

/// What an archive is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// An App Container Image: a manifest, and the root file system below `rootfs`.
    Image,
    /// A layer of an OCI image: the root file system, or a part of it.
    Layer,
}

impl Dialect {
    /// Where the entry at `path` of the image stands in an archive.
    fn place(self, path: &str) -> Cow<'_, str> {
        match self {
            Self::Image => Cow::Owned(format!("rootfs{path}")),
            Self::Layer => Cow::Borrowed(path.strip_prefix('/').unwrap_or(path)),
        }
    }

    /// Why no archive takes the entry at `path` of the image, whatever else is in it.
    pub(crate) fn refuses(self, path: &str, kind: Body<'_>) -> Option<&'static str> {
        self.refuses_at(&self.place(path), kind)
    }

    /// Why no archive takes an entry that stands at `path` in it.
    fn refuses_at(self, path: &str, kind: Body<'_>) -> Option<&'static str> {
        let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
        if path.contains('\0') {
            return Some("has a zero byte in its path, at which every reader would cut it");
        }
        if path.len() > longest() {
            return Some("has a path of more than 4095 bytes, which no system can open");
        }
        if matches!(name, "" | "." | "..") {
            return Some("has a component that leads nowhere");
        }
        if name.len() > longest_name() {
            return Some("has a name of more than 255 bytes, which no file system takes");
        }
        if let Body::Symlink(target) = kind
            && (target.is_empty() || target.contains('\0') || target.len() > longest())
        {
            return Some("is a link to what no link can lead to");
        }
        if self == Self::Layer && name.starts_with(".wh.") {
            return Some(
                "has a name by which layers of OCI images delete files of those below; rename it, or build the App \
                 Container Image",
            );
        }
        None
    }
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
        let mut header = Header::new_ustar();
        header.set_mode(attributes.mode);
        header.set_uid(attributes.uid.into());
        header.set_gid(attributes.gid.into());
        header.set_mtime(MTIME);
        header.set_size(0);
        let mut long = Vec::new();
        let link = match kind {
            Body::Directory => {
                header.set_entry_type(EntryType::Directory);
                ""
            }
            Body::Symlink(target) => {
                header.set_entry_type(EntryType::Symlink);
                target
            }
            Body::File(size) => {
                header.set_entry_type(EntryType::Regular);
                header.set_size(size);
                self.missing = size;
                self.padding = (BLOCK - size % BLOCK) % BLOCK;
                ""
            }
        };
        let slash = if matches!(kind, Body::Directory) {
            "/"
        } else {
            ""
        };
        set_name(&mut header, &format!("{path}{slash}"), &mut long);
        set_link(&mut header, link, &mut long);
        if !long.is_empty() {
            self.extended_header(&long)?;
        }
        header.set_cksum();
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

    /// Writes a pax header with `records` for the entry that follows.
    fn extended_header(&mut self, records: &[u8]) -> io::Result<()> {
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::XHeader);
        header.as_mut_bytes()[..NAME_OF_EXTENDED.len()].copy_from_slice(NAME_OF_EXTENDED);
        header.set_mode(0o644);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(MTIME);
        let length = records.len() as u64;
        header.set_size(length);
        header.set_cksum();
        self.out.write_all(header.as_bytes())?;
        self.out.write_all(records)?;
        self.zeros((BLOCK - length % BLOCK) % BLOCK)
    }

    fn zeros(&mut self, count: u64) -> io::Result<()> {
        io::copy(&mut io::Read::take(io::repeat(0), count), &mut self.out)?;
        Ok(())
    }
}

/// What an extended header is called; readers do not look at it.
const NAME_OF_EXTENDED: &[u8] = b"pax_header";

/// Puts `path` into the name fields, or a part of it there and all of it into a pax record.
fn set_name(header: &mut Header, path: &str, long: &mut Vec<u8>) {
    let (prefix, name) = split_name(path).unwrap_or_else(|| {
        long.extend(record("path", path));
        ("", truncated(path, 100))
    });
    if let Some(fields) = header.as_ustar_mut() {
        fields.name[..name.len()].copy_from_slice(name.as_bytes());
        fields.prefix[..prefix.len()].copy_from_slice(prefix.as_bytes());
    }
}

fn set_link(header: &mut Header, target: &str, long: &mut Vec<u8>) {
    if target.len() > 100 {
        long.extend(record("linkpath", target));
    }
    let short = truncated(target, 100);
    if let Some(fields) = header.as_ustar_mut() {
        fields.linkname[..short.len()].copy_from_slice(short.as_bytes());
    }
}

/// Splits a path at the first slash that leaves at most 155 bytes before and 100 behind it.
fn split_name(path: &str) -> Option<(&str, &str)> {
    if path.len() <= 100 {
        return Some(("", path));
    }
    let mut slashes = path.match_indices('/').map(|(at, _)| at);
    let at = slashes.find(|at| path.len() - at - 1 <= 100)?;
    (at <= 155 && at + 1 < path.len()).then(|| (&path[..at], &path[at + 1..]))
}

/// As much of `text` as `length` bytes hold, whole characters only.
fn truncated(text: &str, length: usize) -> &str {
    let mut end = text.len().min(length);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// A pax record, `LENGTH KEY=VALUE\n`, whose length counts its own digits.
fn record(key: &str, value: &str) -> Vec<u8> {
    let rest = key.len() + value.len() + 3;
    let mut length = rest;
    while rest + length.to_string().len() != length {
        length = rest + length.to_string().len();
    }
    format!("{length} {key}={value}\n").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use std::io::Read;

    const ROOT: Attributes = Attributes::root(0o644);

    fn begun() -> Archive<Vec<u8>> {
        let mut archive = Archive::image(Vec::new(), "{}").unwrap();
        archive.entry("", Body::Directory, ROOT).unwrap();
        archive
    }

    fn refused(archive: &mut Archive<Vec<u8>>, path: &str) -> String {
        let result = archive.header(path, Body::Directory, ROOT);
        result.unwrap_err().to_string()
    }

    #[test]
    fn what_would_break_an_invariant_is_refused() {
        let mut archive = begun();
        archive.entry("/b", Body::Symlink("x"), ROOT).unwrap();
        for (path, why) in [
            ("rootfs/b", "twice"),
            ("rootfs/a", "out of order"),
            ("rootfs/b/c", "before its directory"),
            ("rootfs/x/y", "before its directory"),
            ("rootfs", "neither"),
            ("rootfsX", "neither"),
            ("manifest", "neither"),
            ("rootfs/c/..", "before its directory"),
            ("rootfs/b/..", "before its directory"),
            ("rootfs//c", "before its directory"),
            ("/rootfs/c", "before its directory"),
            ("rootfs/c/", "before its directory"),
            ("", "leads nowhere"),
        ] {
            let message = refused(&mut archive, path);
            assert!(message.contains(why), "{path}: {message}");
        }
    }

    #[test]
    fn what_no_file_system_can_hold_is_refused() {
        let mut archive = begun();
        let long = "l".repeat(256);
        for (path, kind) in [
            ("/a\0b", Body::Directory),
            (&*format!("/{long}"), Body::File(0)),
            ("/a", Body::Symlink("")),
            ("/a", Body::Symlink("b\0c")),
            ("/a", Body::Symlink(&"t".repeat(4096))),
        ] {
            let refused = archive.entry(path, kind, ROOT).unwrap_err().to_string();
            assert!(!refused.contains('\0'), "{refused:?}");
        }
        archive.entry("/a", Body::Symlink("b"), ROOT).unwrap();
    }

    #[test]
    fn the_root_of_a_layer_is_a_directory_and_ends_no_file() {
        let mut layer = Archive::layer(Vec::new());
        layer.entry("", Body::Directory, ROOT).unwrap();
        layer.entry("/a", Body::File(1), ROOT).unwrap();
        for kind in [Body::File(1), Body::Directory] {
            let refused = layer.entry("", kind, ROOT).unwrap_err();
            assert!(refused.to_string().contains("shrank"), "{refused}");
        }
        layer.content(b"1").unwrap();
        let refused = layer.entry("", Body::File(1), ROOT).unwrap_err();
        assert!(refused.to_string().contains("leads nowhere"), "{refused}");
    }

    #[test]
    fn a_file_has_the_size_that_its_header_says() {
        let mut archive = begun();
        archive.entry("/a", Body::File(3), ROOT).unwrap();
        assert!(
            archive
                .content(b"1234")
                .unwrap_err()
                .to_string()
                .contains("grew")
        );
        archive.content(b"12").unwrap();
        assert!(refused(&mut archive, "rootfs/b").contains("shrank"));
        assert!(archive.finish().unwrap_err().to_string().contains("shrank"));
    }

    #[test]
    fn the_stream_ends_with_two_zero_blocks_and_nothing_more() {
        let bytes = begun().finish().unwrap();
        assert_eq!(bytes.len(), 512 * 5);
        assert!(bytes[512 * 3..].iter().all(|byte| *byte == 0));
    }

    #[test]
    fn numbers_that_octal_digits_cannot_hold_are_kept() {
        let mut archive = begun();
        let attributes = Attributes {
            mode: 0o4755,
            uid: 3_000_000_000,
            gid: 4_000_000,
        };
        archive
            .entry("/a", Body::File(9 << 30), attributes)
            .unwrap();
        let header = Header::from_byte_slice(&archive.out[512 * 3..512 * 4]);
        assert_eq!(header.size().unwrap(), 9 << 30);
        assert_eq!(header.uid().unwrap(), 3_000_000_000);
        assert_eq!(header.gid().unwrap(), 4_000_000);
        assert_eq!(header.mode().unwrap(), 0o4755);
    }

    proptest! {
        /// Whatever the names and targets, a reader gets them back. (The reader of this crate ends a pax value at its
        /// first newline, so long targets come without.)
        #[test]
        fn names_and_targets_survive(
            names in prop::collection::btree_map("[^/\0]{1,80}([é\t \\\\]{1,60})?", "[^\0\n]{1,300}|[^\0]{1,25}", 1..8),
            depth in 0_usize..6,
        ) {
            let mut archive = begun();
            let mut directory = String::new();
            for level in 0..depth {
                directory = format!("{directory}/{}{level}", "d".repeat(40));
                archive.entry(&directory, Body::Directory, ROOT).unwrap();
            }
            let names: BTreeMap<_, _> = names
                .into_iter()
                .filter(|(name, _)| name != "." && name != ".." && !name.contains('\n'))
                .collect();
            for (name, target) in &names {
                archive.entry(&format!("{directory}/{name}"), Body::Symlink(target), ROOT).unwrap();
            }
            let bytes = archive.finish().unwrap();
            let mut reader = tar::Archive::new(bytes.as_slice());
            let read: BTreeMap<_, _> = reader.entries().unwrap().map(Result::unwrap)
                .filter(|entry| entry.header().entry_type() == EntryType::Symlink)
                .map(|entry| {
                    let path = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
                    let target = entry.link_name_bytes().unwrap().into_owned();
                    (path, String::from_utf8(target).unwrap())
                })
                .collect();
            let expected: BTreeMap<_, _> = names.into_iter()
                .map(|(name, target)| (format!("rootfs{directory}/{name}"), target))
                .collect();
            prop_assert_eq!(read, expected);
        }
    }

    #[test]
    fn contents_are_padded_to_blocks() {
        let mut archive = begun();
        for (name, size) in [("a", 0), ("b", 1), ("c", 511), ("d", 512), ("e", 513)] {
            let content = vec![b'x'; size];
            archive
                .entry(&format!("/{name}"), Body::File(size as u64), ROOT)
                .unwrap();
            archive.content(&content).unwrap();
        }
        let bytes = archive.finish().unwrap();
        let mut sizes = Vec::new();
        for entry in tar::Archive::new(bytes.as_slice()).entries().unwrap() {
            let mut content = Vec::new();
            sizes.push(entry.unwrap().read_to_end(&mut content).unwrap());
        }
        assert_eq!(sizes, [2, 0, 0, 1, 511, 512, 513]);
    }
}
