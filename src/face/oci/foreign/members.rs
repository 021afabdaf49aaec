//! Members: what a tar stream of another tool holds, one after the other, with the names of any length that pax and GNU
//! archives have. What does not belong into an image is refused.

use std::io::{self, Read};

use anyhow::{Context, Result, bail, ensure};
use tar::{EntryType, Header};

use crate::host::interrupt::Interrupt;
use crate::image::path;
use crate::tree::Attributes;

/// Tar streams are made of blocks of so many bytes.
const BLOCK: usize = 512;

/// Where in a header the type is.
const TYPE: usize = 156;

/// What is said of the next member beside its header has so many bytes at most: names, links and attributes.
const LONGEST: u64 = 1 << 20;

/// So many members one image has at most, over all of its layers.
pub(crate) const MOST: usize = 2_000_000;

/// One member.
#[derive(Debug, Default)]
pub(crate) struct Member {
    /// Where it is, below the root, without a slash before it; the root itself is empty.
    pub path: String,
    pub kind: Kind,
    /// Bytes of its content.
    pub size: u64,
    /// Whether what is in the archive of it has holes that it has not.
    pub is_sparse: bool,
    mode: u32,
    uid: u64,
    gid: u64,
}

/// What a member is.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    #[default]
    File,
    Directory,
    Symlink(String),
    /// Another name for what is at this path.
    HardLink(String),
    /// A device, a pipe.
    Special,
}

impl Member {
    /// Owner and permissions.
    pub(crate) fn attributes(&self) -> Result<Attributes> {
        let number = |id: u64| {
            let number = u32::try_from(id).ok();
            number.with_context(|| {
                format!(
                    "{:?} has the owner {id}, which is no number of one",
                    self.path
                )
            })
        };
        Ok(Attributes {
            mode: self.mode & 0o7777,
            uid: number(self.uid)?,
            gid: number(self.gid)?,
        })
    }
}

/// What stands before a header and counts instead of a part of it. What says one thing in two ways is refused: readers
/// do not agree on which of them counts.
#[derive(Debug, Default)]
struct Before {
    pax: Option<Vec<u8>>,
    path: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size: Option<u64>,
    uid: Option<u64>,
    gid: Option<u64>,
    is_sparse: bool,
}

/// The members of a stream.
pub(crate) struct Members<'i, R> {
    from: R,
    /// What is left of the content of the last one, and of the zeros after it.
    left: u64,
    padding: u64,
    interrupt: &'i Interrupt,
}

impl<'i, R: Read> Members<'i, R> {
    pub(crate) fn new(from: R, interrupt: &'i Interrupt) -> Self {
        Self {
            from,
            left: 0,
            padding: 0,
            interrupt,
        }
    }

    /// The next member; nothing at the end of the archive, after which the stream may go on. Those whose names are not
    /// text are passed over: nothing of ours can be called so.
    pub(crate) fn next(&mut self) -> Result<Option<Member>> {
        let mut before = Before::default();
        loop {
            self.interrupt.check()?;
            self.skip()?;
            let Some(header) = self.header()? else {
                return Ok(None);
            };
            let size = header
                .entry_size()
                .context("a header is no header of tar")?;
            let kind = header.entry_type();
            match kind {
                EntryType::GNULongName => once(&mut before.path, self.text(size)?)?,
                EntryType::GNULongLink => once(&mut before.link, self.text(size)?)?,
                EntryType::XHeader => once(&mut before.pax, self.about(size)?)?,
                EntryType::XGlobalHeader => self.content_of(size),
                _ => {
                    if let Some(member) = self.member(&header, &mut before)? {
                        return Ok(Some(member));
                    }
                    before = Before::default();
                }
            }
        }
    }

    /// The content of the last member.
    pub(crate) fn content(&mut self) -> impl Read + '_ {
        Content { members: self }
    }

    fn member(&mut self, header: &Header, before: &mut Before) -> Result<Option<Member>> {
        before.read_pax()?;
        let path = before.path.take();
        let path = path.unwrap_or_else(|| header.path_bytes().into_owned());
        let shown = String::from_utf8_lossy(&path).into_owned();
        let kind = header.entry_type();
        let link = before.link.take();
        let link = link.or_else(|| header.link_name_bytes().map(std::borrow::Cow::into_owned));
        let has_content = matches!(
            kind,
            EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse
        );
        let context = || format!("{shown:?} has no header of tar");
        let size = match before.size {
            Some(size) => size,
            None => header.entry_size().with_context(context)?,
        };
        if kind == EntryType::GNUSparse {
            self.skip_sparse_map(header)?;
        }
        self.content_of(size);
        let (Ok(name), Ok(link)) = (
            String::from_utf8(path),
            String::from_utf8(link.unwrap_or_default()),
        ) else {
            return Ok(None);
        };
        let kind = match kind {
            // Before POSIX, a directory was a file whose name ends so.
            EntryType::Regular if header.as_bytes()[TYPE] == 0 && name.ends_with('/') => {
                Kind::Directory
            }
            _ if has_content => Kind::File,
            EntryType::Directory => Kind::Directory,
            EntryType::Symlink => Kind::Symlink(link),
            EntryType::Link => Kind::HardLink(clean(&link)?),
            EntryType::Char | EntryType::Block | EntryType::Fifo => Kind::Special,
            other => bail!(
                "{shown:?} is of the type {:?}, which images do not have",
                char::from(other.as_byte())
            ),
        };
        let id = |of_header: io::Result<u64>, before: Option<u64>| match before {
            Some(id) => Ok(id),
            None => of_header.with_context(context),
        };
        Ok(Some(Member {
            path: clean(&name)?,
            kind,
            size,
            is_sparse: before.is_sparse || header.entry_type() == EntryType::GNUSparse,
            mode: header.mode().with_context(context)?,
            uid: id(header.uid(), before.uid)?,
            gid: id(header.gid(), before.gid)?,
        }))
    }

    /// The next header; nothing at the end.
    fn header(&mut self) -> Result<Option<Header>> {
        let mut block = [0; BLOCK];
        let mut filled = 0;
        while filled < BLOCK {
            let length = self.from.read(&mut block[filled..])?;
            if length == 0 {
                ensure!(
                    filled == 0,
                    "it ends in the middle of a header: it is truncated"
                );
                return Ok(None);
            }
            filled += length;
        }
        if block == [0; BLOCK] {
            return Ok(None);
        }
        let header = Header::from_byte_slice(&block);
        let sum: u32 = block[..148]
            .iter()
            .chain(&block[156..])
            .map(|byte| u32::from(*byte))
            .sum();
        ensure!(
            header
                .cksum()
                .is_ok_and(|told| told == sum + 8 * u32::from(b' ')),
            "a header is no header of tar"
        );
        // It has a shorter field for the beginnings of names, and more after that, which others take for a part of the name.
        ensure!(
            !block.ends_with(b"tar\0") || header.as_ustar().is_none(),
            "it is an archive as star writes it, of which readers take names in two ways; write it with tar"
        );
        Ok(Some(header.clone()))
    }

    /// The map of a sparse file goes on in blocks of its own, each of which tells whether another one follows.
    fn skip_sparse_map(&mut self, header: &Header) -> Result<()> {
        let mut goes_on = header.as_gnu().is_some_and(tar::GnuHeader::is_extended);
        while goes_on {
            let mut block = [0; BLOCK];
            self.from
                .read_exact(&mut block)
                .context("it is truncated")?;
            goes_on = block[504] == 1;
        }
        Ok(())
    }

    /// Notes that content of `size` bytes follows.
    fn content_of(&mut self, size: u64) {
        self.left = size;
        self.padding = size.wrapping_neg() % BLOCK as u64;
    }

    /// Passes over what is left of the last member.
    fn skip(&mut self) -> Result<()> {
        let mut left = u128::from(self.left) + u128::from(self.padding);
        (self.left, self.padding) = (0, 0);
        let mut piece = [0; 16 * 1024];
        while left > 0 {
            let most = usize::try_from(left).unwrap_or(usize::MAX).min(piece.len());
            let length = self.from.read(&mut piece[..most])?;
            ensure!(
                length > 0,
                "it ends in the middle of a file: it is truncated"
            );
            left -= length as u128;
            self.interrupt.check()?;
        }
        Ok(())
    }

    /// What is said of the next member, of so many bytes.
    fn about(&mut self, size: u64) -> Result<Vec<u8>> {
        ensure!(
            size <= LONGEST,
            "the attributes of a member have {size} bytes, and {LONGEST} is the most"
        );
        self.content_of(size);
        let mut bytes = Vec::new();
        self.content().read_to_end(&mut bytes)?;
        ensure!(
            bytes.len() as u64 == size,
            "it ends in a header: it is truncated"
        );
        Ok(bytes)
    }

    /// A name of the next member, which a zero byte ends.
    fn text(&mut self, size: u64) -> Result<Vec<u8>> {
        let mut bytes = self.about(size)?;
        if let Some(end) = bytes.iter().position(|byte| *byte == 0) {
            bytes.truncate(end);
        }
        Ok(bytes)
    }
}

/// The content of the last member of a stream.
struct Content<'m, 'i, R> {
    members: &'m mut Members<'i, R>,
}

impl<R: Read> Read for Content<'_, '_, R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.members.left).unwrap_or(usize::MAX);
        let most = left.min(to.len());
        let length = self.members.from.read(&mut to[..most])?;
        self.members.left -= length as u64;
        if length == 0 && most > 0 {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "it ends in the middle of a file: it is truncated",
            ));
        }
        Ok(length)
    }
}

impl Before {
    /// Reads the records of the pax header: `LENGTH NAME=VALUE`, each with a line feed at its end, which counts.
    fn read_pax(&mut self) -> Result<()> {
        let pax = self.pax.take().unwrap_or_default();
        let mut text = &pax[..];
        let (mut path, mut link) = (None, None);
        while !text.is_empty() {
            let (name, value, rest) = record(text).context("a pax header is not made as such")?;
            text = rest;
            self.is_sparse |= name.starts_with(b"GNU.sparse.");
            // One without a value takes back what a global header says.
            if value.is_empty() {
                continue;
            }
            let number = || {
                let text = std::str::from_utf8(value).ok();
                // Times have fractions, and owners have not.
                text.and_then(|text| text.parse().ok())
                    .context("a pax header has a number that is none")
            };
            match name {
                b"path" | b"GNU.sparse.name" => path = Some(value),
                b"linkpath" => link = Some(value),
                b"size" => self.size = Some(number()?),
                b"uid" => self.uid = Some(number()?),
                b"gid" => self.gid = Some(number()?),
                _ => {}
            }
        }
        for (known, said) in [(&mut self.path, path), (&mut self.link, link)] {
            once(known, said.unwrap_or_default().to_vec())?;
        }
        Ok(())
    }
}

/// Notes what is `said`, unless it is nothing.
fn once(known: &mut Option<Vec<u8>>, said: Vec<u8>) -> Result<()> {
    if !said.is_empty() {
        ensure!(
            known.replace(said).is_none(),
            "a header of tar is said in two ways"
        );
    }
    Ok(())
}

/// The first record of a pax header: name, value and what follows.
fn record(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = text.iter().position(|byte| *byte == b' ')?;
    let length: usize = std::str::from_utf8(&text[..space]).ok()?.parse().ok()?;
    let record = text.get(space + 1..length)?.strip_suffix(b"\n")?;
    let equals = record.iter().position(|byte| *byte == b'=')?;
    Some((&record[..equals], &record[equals + 1..], &text[length..]))
}

/// A path of an archive, with nothing in it that leads nowhere. The root itself is called `/` by some tools.
pub(crate) fn clean(name: &str) -> Result<String> {
    ensure!(
        !name.starts_with('/') || name.bytes().all(|byte| byte == b'/'),
        "{name:?} is an absolute path, and those of images are relative to their root"
    );
    ensure!(
        name.split('/').all(|part| part != ".."),
        "{name:?} leads out of the image"
    );
    let parts: Vec<&str> = path::components(name).collect();
    let cleaned = parts.join("/");
    ensure!(
        cleaned.len() <= path::longest()
            && parts.iter().all(|part| part.len() <= path::longest_name()),
        "a path of {} bytes is longer than any file's",
        cleaned.len()
    );
    Ok(cleaned)
}
