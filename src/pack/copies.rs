//! Copies: files that are packed apart from their store paths, and are what was verified all the same.
//!
//! A file under `/etc`, one of `files` and one that `perms` changes is read twice: for the copy, and with its store path
//! when that is compared with what Nix recorded. Both reads have to find the same bytes.

use std::collections::HashMap;
use std::io;
use std::sync::OnceLock;

use anyhow::{Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use sha2::digest::Output;
use sha2::{Digest, Sha256};

use crate::host::store::Seen;
use crate::input::store_path::StorePath;
use crate::pack::verify::Sink;
use crate::tree::{Node, Source, Tree};

/// What was read of each file that is copied. By text, since every file that is packed is looked up here, and paths are
/// compared component by component.
#[derive(Debug, Default)]
pub(crate) struct Copies(HashMap<String, OnceLock<Output<Sha256>>>);

impl Copies {
    /// The copies in `tree`, of which nothing was read yet.
    pub(crate) fn of(tree: &Tree) -> Self {
        let mut copies = Self::default();
        tree.visit_all(&mut |_, entry| {
            if let Node::File(Source::Store { path, .. }) = &entry.node {
                copies.0.insert(path.to_string(), OnceLock::new());
            }
        });
        copies
    }

    /// Whether a file of `path` is copied.
    pub(crate) fn has_of(&self, path: &StorePath) -> bool {
        let mut files = self.0.keys();
        files.any(|file| {
            let within = file.strip_prefix(path.as_str());
            within.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// Notes what one read found; an error when another one found something else.
    pub(crate) fn note(&self, path: &Utf8Path, read: Sha256) -> Result<()> {
        if let Some(noted) = self.0.get(path.as_str()) {
            let found = read.finalize();
            ensure!(
                *noted.get_or_init(|| found) == found,
                "{path} changed while it was packed; something writes to the store"
            );
        }
        Ok(())
    }

    /// A sink that notes each copied file on its way into `sink`.
    pub(crate) fn watch<S: Sink>(&self, sink: S) -> impl Sink {
        Watch {
            copies: self,
            sink,
            file: None,
        }
    }
}

struct Watch<'c, S> {
    copies: &'c Copies,
    sink: S,
    /// The copied file that is being read: where it is, how much is missing, and what was read.
    file: Option<(Utf8PathBuf, u64, Sha256)>,
}

impl<S: Sink> Watch<'_, S> {
    fn note_if_whole(&mut self) -> io::Result<()> {
        match self.file.take() {
            Some((path, 0, read)) => self.copies.note(&path, read).map_err(io::Error::other),
            unfinished => {
                self.file = unfinished;
                Ok(())
            }
        }
    }
}

impl<S: Sink> Sink for Watch<'_, S> {
    fn entry(&mut self, path: &Utf8Path, seen: &Seen) -> io::Result<()> {
        self.file = match seen {
            Seen::File { size, .. } if self.copies.0.contains_key(path.as_str()) => {
                Some((path.to_owned(), *size, Sha256::new()))
            }
            _ => None,
        };
        self.sink.entry(path, seen)?;
        self.note_if_whole()
    }

    fn content(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Some((_, missing, read)) = &mut self.file {
            *missing = missing.saturating_sub(bytes.len() as u64);
            read.update(bytes);
        }
        self.sink.content(bytes)?;
        self.note_if_whole()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::verify::Nowhere;
    use crate::tree::{Attributes, Entry, Origin};

    fn read(sink: &mut impl Sink, path: &str, pieces: &[&str]) -> io::Result<()> {
        let size = pieces.iter().map(|piece| piece.len() as u64).sum();
        let executable = false;
        sink.entry(Utf8Path::new(path), &Seen::File { executable, size })?;
        pieces
            .iter()
            .try_for_each(|piece| sink.content(piece.as_bytes()))
    }

    #[test]
    fn both_reads_find_the_same() {
        let mut tree = Tree::default();
        let entry = |path: &str| Entry {
            node: Node::File(Source::Store {
                path: path.into(),
                size: 4,
            }),
            attributes: Attributes::root(0o644),
            origin: Origin::Files,
        };
        tree.insert("/etc/a", entry("/store/a")).unwrap();
        tree.insert("/etc/b", entry("/store/b")).unwrap();
        let copies = Copies::of(&tree);
        copies
            .note(Utf8Path::new("/store/a"), Sha256::new_with_prefix("good"))
            .unwrap();
        let mut sink = copies.watch(Nowhere);
        read(&mut sink, "/store/a", &["go", "od"]).unwrap();
        read(&mut sink, "/store/other", &["evil"]).unwrap();
        read(&mut sink, "/store/b", &["good"]).unwrap();
        let changed = copies.note(Utf8Path::new("/store/b"), Sha256::new_with_prefix("evil"));
        assert!(
            changed
                .unwrap_err()
                .to_string()
                .contains("/store/b changed")
        );
        let mut sink = copies.watch(Nowhere);
        let changed = read(&mut sink, "/store/a", &["evil"]).unwrap_err();
        assert!(changed.to_string().contains("/store/a changed"));
    }
}
