//! The scan: what the entries of one store path tell, as they are read for another reason.
//!
//! It asks for no byte that is not read anyway. What it finds depends on the store path and what that refers to alone.

use anyhow::Result;
use camino::Utf8Path;

use crate::host::store::{Followed, Seen, Store};
use crate::input::concern::Concern;
use crate::input::store_path::StorePath;
use crate::tree::findings::{Finding, names, secrets};

/// So many links that lead nowhere are noted of one store path.
const LINKS: u64 = 1000;

/// Looks at the entries of a store path.
pub(crate) struct Scan<'a> {
    store: Store<'a>,
    root: &'a StorePath,
    found: Vec<Finding>,
    links: u64,
    file: Option<Opened>,
}

/// A file whose content is searched.
struct Opened {
    path: String,
    size: usize,
    /// What came of it so far, where it comes in pieces.
    read: Vec<u8>,
}

impl<'a> Scan<'a> {
    /// A scan of `root`.
    pub(crate) fn new(store: Store<'a>, root: &'a StorePath) -> Self {
        Self {
            store,
            root,
            found: Vec::new(),
            links: 0,
            file: None,
        }
    }

    /// Looks at the entry at `path` of the store.
    pub(crate) fn entry(&mut self, path: &Utf8Path, seen: &Seen) -> Result<()> {
        self.file = None;
        let path = path.as_str();
        let below = path.strip_prefix(self.root.as_str()).unwrap_or(path);
        match seen {
            Seen::Directory => {}
            Seen::File { executable, size } => {
                if let Some(concern) = names::of_file(below, *executable) {
                    self.count(concern, path, *size);
                }
                if (1..=secrets::LARGEST).contains(size) {
                    self.file = Some(Opened {
                        path: path.to_owned(),
                        size: usize::try_from(*size)?,
                        read: Vec::new(),
                    });
                }
            }
            Seen::Symlink(target) => {
                if self.links < LINKS && !names::is_idle(below) && self.is_lost(path)? {
                    self.links += 1;
                    self.found.push(Finding {
                        concern: Concern::Dangling,
                        path: path.to_owned(),
                        about: target.clone(),
                        number: 1,
                        size: 0,
                    });
                }
            }
        }
        Ok(())
    }

    /// Whether the content of what was looked at last may tell something.
    pub(crate) fn wants_content(&self) -> bool {
        self.file.is_some()
    }

    /// Searches content of the file that was looked at last.
    pub(crate) fn content(&mut self, bytes: &[u8]) {
        let Some(mut file) = self.file.take() else {
            return;
        };
        // Most files come in one piece.
        let whole = if file.read.is_empty() && bytes.len() >= file.size {
            bytes
        } else {
            file.read.extend_from_slice(bytes);
            if file.read.len() < file.size {
                self.file = Some(file);
                return;
            }
            &file.read
        };
        let (_, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
        if let Some(about) = secrets::of(name, whole) {
            self.found.push(Finding {
                concern: Concern::Secrets,
                number: 1,
                size: whole.len() as u64,
                path: file.path,
                about,
            });
        }
    }

    /// What was found.
    pub(crate) fn finish(self) -> Vec<Finding> {
        self.found
    }

    /// Whether a link leads to nothing that the closure has. The image may have it all the same.
    fn is_lost(&self, path: &str) -> Result<bool> {
        Ok(match self.store.follow(Utf8Path::new(path))? {
            Followed::Directory(_) | Followed::File { .. } => false,
            Followed::Missing(_) | Followed::Outside(_) | Followed::Loop => true,
        })
    }

    /// Counts a file with those of its kind in the same store path.
    fn count(&mut self, concern: Concern, path: &str, size: u64) {
        let mut found = self.found.iter_mut();
        if let Some(first) = found.find(|first| first.concern == concern) {
            first.number += 1;
            first.size += size;
            return;
        }
        self.found.push(Finding {
            concern,
            path: path.to_owned(),
            about: String::new(),
            number: 1,
            size,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::closure::tests::closure;

    /// What is found in files of one store path, whose content comes in pieces.
    fn found(files: &[(&str, bool, &[&str])]) -> Vec<Finding> {
        let closure = closure(&[("app-1", &[])]);
        let (root, _) = closure.iter().next().unwrap();
        let mut scan = Scan::new(Store::new(&closure), root);
        for (below, executable, pieces) in files {
            let size = pieces.iter().map(|piece| piece.len() as u64).sum();
            let seen = Seen::File {
                executable: *executable,
                size,
            };
            let path = format!("{root}/{below}");
            scan.entry(Utf8Path::new(&path), &seen).unwrap();
            for piece in *pieces {
                scan.content(piece.as_bytes());
            }
        }
        scan.finish()
    }

    #[test]
    fn a_secret_is_found_in_whatever_pieces_it_comes() {
        let key = format!("-----BEGIN PRIVATE KEY-----\n{}\n", "A".repeat(64));
        for at in 0..key.len() {
            let (first, last) = key.split_at(at);
            let found = found(&[("a", false, &[first, last]), ("b", false, &["x"])]);
            assert_eq!(found.len(), 1, "{at}");
            assert!(found[0].path.ends_with("/a"), "{at}");
        }
    }

    #[test]
    fn files_of_a_kind_are_counted() {
        let files: &[(&str, bool, &[&str])] = &[
            ("bin/c++", true, &["12"]),
            ("bin/cc", true, &["123"]),
            ("bin/sh", true, &["1"]),
            ("include/a.h", false, &["1234"]),
        ];
        let found = found(files);
        let found: Vec<_> = found
            .iter()
            .map(|finding| (finding.concern, finding.number, finding.size))
            .collect();
        let wanted = [(Concern::Compiler, 2, 5), (Concern::Development, 1, 4)];
        assert_eq!(found, wanted);
    }
}
