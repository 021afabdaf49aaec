//! Verification: a store path is read once, and what is packed is what is hashed.
//!
//! The NAR of a store path is made while its files go into the archive, from the same bytes, and its SHA-256 is
//! compared with what Nix recorded. So no rotten or altered file gets into an image unnoticed, and nothing can change
//! between two reads.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::{self, Read, Write};
use std::rc::Rc;

use anyhow::{Context, Result, bail};
use camino::Utf8Path;
use nix_nar::{Encoder, FileSystem, FileSystemMetadata};
use sha2::Sha256;

use crate::host::store::{self, Seen};
use crate::input::closure::Closure;
use crate::input::nar_hash::NarHash;
use crate::input::store_path::StorePath;
use crate::pack::archive::{Archive, Body, Dialect};
use crate::pack::compress::{Hash, Pool};
use crate::tree::Attributes;

/// Content is read in pieces of this many bytes.
pub(crate) const PIECE: usize = 256 * 1024;

/// The encoder fills whole buffers with zeros for padding; between contents it gets one no larger than it needs for
/// the longest name or link target.
const FRAME: usize = 8 * 1024;

/// Takes the entries of a store path as they are read.
pub(crate) trait Sink {
    /// The entry at `path` of the store begins.
    fn entry(&mut self, path: &Utf8Path, seen: &Seen) -> io::Result<()>;
    /// Content of the file that began last.
    fn content(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// What kind of archive the entries go into, where they do.
    fn dialect(&self) -> Option<Dialect> {
        None
    }
}

/// For store paths that are verified and go nowhere.
pub(crate) struct Nowhere;

impl Sink for Nowhere {
    fn entry(&mut self, _: &Utf8Path, _: &Seen) -> io::Result<()> {
        Ok(())
    }

    fn content(&mut self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }
}

/// Entries of the store stand in the image where they stand in the store, with the modes that a store has.
impl<W: Write> Sink for &mut Archive<W> {
    fn entry(&mut self, path: &Utf8Path, seen: &Seen) -> io::Result<()> {
        let (kind, mode) = match seen {
            Seen::Directory => (Body::Directory, 0o555),
            Seen::Symlink(target) => (Body::Symlink(target), 0o777),
            Seen::File { executable, size } => {
                (Body::File(*size), if *executable { 0o555 } else { 0o444 })
            }
        };
        Archive::entry(self, path.as_str(), kind, Attributes::root(mode))
    }

    fn content(&mut self, bytes: &[u8]) -> io::Result<()> {
        Archive::content(self, bytes)
    }

    fn dialect(&self) -> Option<Dialect> {
        Some(Archive::dialect(self))
    }
}

/// Reads all of `path` into `sink` and compares it with what Nix recorded of it; `pool` may do the hashing. `progress`
/// is told of each piece, and its error ends the reading.
pub(crate) fn read<S: Sink>(
    path: &StorePath,
    closure: &Closure,
    pool: Option<&Pool>,
    sink: S,
    progress: &mut impl FnMut(u64) -> Result<()>,
) -> Result<()> {
    let Some(object) = closure.get(path) else {
        bail!("{path} is not in the closure");
    };
    let tee = Tee(Rc::new(Shared {
        sink: RefCell::new(sink),
        left: Cell::new(0),
        error: RefCell::new(None),
    }));
    let shared = Rc::clone(&tee.0);
    let mut encoder = Encoder::new_with_filesystem(path.as_path(), tee)?;
    let mut hash = Hash::<Sha256>::new(pool, object.nar_size);
    let mut buffer = vec![0; PIECE];
    let mut total = 0;
    loop {
        let window = if shared.left.get() > 0 { PIECE } else { FRAME };
        let length = match encoder.read(&mut buffer[..window]) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) => {
                let first = shared.error.take();
                return Err(first.unwrap_or_else(|| error.into()))
                    .with_context(|| format!("packing {path}"));
            }
        };
        hash.update(&buffer[..length]);
        total += length as u64;
        progress(length as u64)?;
    }
    let found = NarHash::from(hash.finish()?);
    if found != object.nar_hash || total != object.nar_size {
        bail!(
            "{path} is not what Nix recorded: the NAR hash is {found} ({total} bytes), expected {} ({} bytes); \
             something changed the store: see nix-store --verify-path {path}, and mend it with \
             nix-store --repair-path {path}",
            object.nar_hash,
            object.nar_size
        );
    }
    Ok(())
}

struct Shared<S> {
    sink: RefCell<S>,
    /// Bytes that the encoder has yet to read of the present file.
    left: Cell<u64>,
    /// The first error, whole: the encoder passes on its text only.
    error: RefCell<Option<anyhow::Error>>,
}

impl<S> Shared<S> {
    fn keep<T>(&self, result: Result<T>) -> io::Result<T> {
        result.map_err(|error| {
            self.error.replace(Some(error));
            io::Error::other("see the error kept")
        })
    }
}

/// The file system that the encoder sees: each entry goes to the sink as it is read.
struct Tee<S>(Rc<Shared<S>>);

/// A file whose content goes to the sink as it is read.
struct TeeFile<S, F = File> {
    file: F,
    path: String,
    /// Whether its end has been seen.
    ended: bool,
    shared: Rc<Shared<S>>,
}

impl<S: Sink> FileSystem for Tee<S> {
    type File = TeeFile<S>;

    fn metadata(&self, path: &Utf8Path) -> io::Result<FileSystemMetadata> {
        let seen = self.0.keep(store::look(path))?;
        let entered = self.0.sink.borrow_mut().entry(path, &seen);
        self.0
            .keep(entered.with_context(|| format!("writing the image at {path}")))?;
        Ok(match seen {
            Seen::Directory => FileSystemMetadata::Directory,
            Seen::File { executable, size } => {
                self.0.left.set(size);
                FileSystemMetadata::File {
                    executable,
                    length: size,
                }
            }
            Seen::Symlink(target) => FileSystemMetadata::Symlink {
                target_path: target.into(),
            },
        })
    }

    fn read_dir(&self, path: &Utf8Path) -> io::Result<Vec<String>> {
        self.0.keep(store::list(path))
    }

    fn open(&self, path: &Utf8Path) -> io::Result<Self::File> {
        let file = File::open(path).with_context(|| format!("reading {path}"));
        Ok(TeeFile {
            file: self.0.keep(file)?,
            path: path.to_string(),
            ended: false,
            shared: Rc::clone(&self.0),
        })
    }
}

impl<S: Sink, F: Read> Read for TeeFile<S, F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.ended {
            return Ok(0);
        }
        let read = self.file.read(buffer);
        let length = self
            .shared
            .keep(read.with_context(|| format!("reading {}", self.path)))?;
        let left = self.shared.left.get().saturating_sub(length as u64);
        self.shared.left.set(left);
        // All of it is there, and a file that had grown would have filled more of the buffer: no other read is needed to
        // find the end.
        self.ended = left == 0 && length < buffer.len();
        let taken = self.shared.sink.borrow_mut().content(&buffer[..length]);
        let context = || format!("writing the image at {}", self.path);
        self.shared.keep(taken.with_context(context))?;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts how often it is read.
    struct Content<'a> {
        bytes: &'a [u8],
        reads: usize,
    }

    impl Read for Content<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.reads += 1;
            self.bytes.read(buffer)
        }
    }

    /// How many bytes come of a file that had `size` when it was looked at and holds `found` now, and in how many reads.
    fn read(size: usize, found: usize) -> (usize, usize) {
        let shared = Shared {
            sink: RefCell::new(Nowhere),
            left: Cell::new(size as u64),
            error: RefCell::new(None),
        };
        let mut file = TeeFile {
            file: Content {
                bytes: &vec![1; found],
                reads: 0,
            },
            path: "/store/file".to_owned(),
            ended: false,
            shared: Rc::new(shared),
        };
        let mut buffer = vec![0; PIECE];
        let mut length = 0;
        loop {
            match file.read(&mut buffer).unwrap() {
                0 => return (length, file.file.reads),
                more => length += more,
            }
        }
    }

    #[test]
    fn no_read_is_spent_on_an_end_that_is_known() {
        for (size, reads) in [
            (1, 1),
            (PIECE - 1, 1),
            (PIECE, 2),
            (PIECE + 1, 2),
            (2 * PIECE, 3),
        ] {
            assert_eq!(read(size, size), (size, reads), "{size}");
        }
    }

    #[test]
    fn other_content_than_was_promised_is_seen() {
        for size in [1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE] {
            assert_eq!(read(size, size - 1).0, size - 1);
            assert_eq!(read(size, size + 1).0, size + 1);
        }
    }
}
