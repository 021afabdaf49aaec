//! Mentions: which file of a store path has a text in it, as Nix looks for references: byte by byte, in files and in the
//! targets of links.

use std::fs::File;
use std::io::{self, Read};

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};

use crate::host::store::{self, Seen};

/// So much of a file is looked at at once.
const PIECE: usize = 1 << 16;

/// The first file or link at `top` or below, by the bytes of names, that has `text` in it.
pub(crate) fn find(top: &Utf8Path, text: &str) -> Result<Option<Utf8PathBuf>> {
    let search = Search::new(text.as_bytes());
    let mut waiting = vec![top.to_owned()];
    while let Some(path) = waiting.pop() {
        let found = match store::look(&path)? {
            Seen::Directory => {
                let names = store::list(&path)?;
                waiting.extend(names.iter().rev().map(|name| path.join(name)));
                false
            }
            Seen::Symlink(target) => search.is_in(target.as_bytes()),
            Seen::File { .. } => File::open(&path)
                .and_then(|file| search.is_within(file))
                .with_context(|| format!("reading {path}"))?,
        };
        if found {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

/// A text that is looked for, and how far to go where a piece of it has been seen last (Horspool).
struct Search<'a> {
    text: &'a [u8],
    steps: [usize; 256],
}

impl<'a> Search<'a> {
    fn new(text: &'a [u8]) -> Self {
        let mut steps = [text.len().max(1); 256];
        let last = text.len().saturating_sub(1);
        for (at, byte) in text[..last].iter().enumerate() {
            steps[usize::from(*byte)] = last - at;
        }
        Self { text, steps }
    }

    fn is_in(&self, bytes: &[u8]) -> bool {
        let mut at = 0;
        while let Some(here) = bytes.get(at..at + self.text.len()) {
            if here == self.text {
                return true;
            }
            at += here.last().map_or(1, |byte| self.steps[usize::from(*byte)]);
        }
        false
    }

    /// Looks through a file piece by piece, each with the end of the one before.
    fn is_within(&self, mut file: impl Read) -> io::Result<bool> {
        let kept = self.text.len().saturating_sub(1);
        let mut piece = vec![0; kept + PIECE];
        let mut filled = 0;
        loop {
            let read = match file.read(&mut piece[filled..]) {
                Ok(0) => return Ok(false),
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            filled += read;
            if self.is_in(&piece[..filled]) {
                return Ok(true);
            }
            let end = filled.min(kept);
            piece.copy_within(filled - end..filled, 0);
            filled = end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// Reads so many bytes at a time.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let number = self.1.min(into.len());
            self.0.read(&mut into[..number])
        }
    }

    #[test]
    fn a_text_is_found_wherever_pieces_end() {
        let text = b"0123456789abcdef";
        let search = Search::new(text);
        for before in [0, 1, 15, 16, PIECE - 20, PIECE - 1, PIECE, 3 * PIECE + 5] {
            let mut bytes = vec![b'0'; before];
            bytes.extend(text);
            assert!(search.is_in(&bytes));
            for number in [1, 7, PIECE, usize::MAX] {
                assert!(search.is_within(Slow(&bytes, number)).unwrap(), "{before}");
                let cut = &bytes[..bytes.len() - 1];
                assert!(!search.is_within(Slow(cut, number)).unwrap(), "{before}");
            }
        }
    }

    #[test]
    fn the_first_file_or_link_is_found() {
        let temporary = tempfile::tempdir().unwrap();
        let top = Utf8Path::from_path(temporary.path()).unwrap();
        fs::create_dir_all(top.join("a/b")).unwrap();
        fs::write(top.join("a/b/none"), "nothing").unwrap();
        assert_eq!(find(top, "hash").unwrap(), None);
        fs::write(top.join("z"), "with a hash").unwrap();
        assert_eq!(find(top, "hash").unwrap(), Some(top.join("z")));
        std::os::unix::fs::symlink("/x/hash-y", top.join("a/link")).unwrap();
        assert_eq!(find(top, "hash").unwrap(), Some(top.join("a/link")));
        assert_eq!(find(&top.join("z"), "hash").unwrap(), Some(top.join("z")));
    }
}
