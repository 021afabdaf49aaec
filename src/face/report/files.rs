//! Files: what store paths hold, as sizes.
//!
//! Other than the packer, which refuses what an image cannot have, this takes every name: a thin image mounts them all.

use std::ffi::OsStr;
use std::fmt::Write;
use std::fs::{self, Metadata};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use anyhow::{Context, Result};

use crate::host::interrupt::Interrupt;
use crate::host::threads;

/// A file or a directory with what its files weigh.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) bytes: u64,
    /// How many files it has; one of a file.
    pub(super) files: u64,
    /// By their names; none of a file.
    pub(super) children: Vec<Entry>,
}

/// A regular file of a store path.
#[derive(Debug)]
pub(super) struct File {
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
    /// What is the same for hard links to one file.
    pub(super) inode: (u64, u64),
}

/// All that is in a store path.
#[derive(Debug, Default)]
pub(super) struct Inside {
    pub(super) tree: Entry,
    pub(super) files: Vec<File>,
}

impl Entry {
    /// Puts a file of so many bytes at `path`, below this.
    pub(super) fn add<'p>(&mut self, mut path: impl Iterator<Item = &'p str>, bytes: u64) {
        self.bytes = self.bytes.saturating_add(bytes);
        self.files += 1;
        if let Some(name) = path.next() {
            // Most often it is the last one.
            let at = self.children.iter().rposition(|child| child.name == name);
            let at = at.unwrap_or_else(|| {
                self.children.push(Self {
                    name: name.to_owned(),
                    ..Self::default()
                });
                self.children.len() - 1
            });
            self.children[at].add(path, bytes);
        }
    }
}

/// Walks through all of `tops`, several at once.
pub(super) fn walk(tops: &[&Path], interrupt: &Interrupt) -> Result<Vec<Inside>> {
    in_parallel(tops.len(), |number| {
        interrupt.check()?;
        let mut inside = Inside::default();
        inside.tree = measure(tops[number], String::new(), &mut inside.files)?;
        Ok(inside)
    })
}

/// Does `work` for each number below `most`, by as many threads as are granted.
pub(super) fn in_parallel<T: Send>(
    most: usize,
    work: impl Fn(usize) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(most));
    let take = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= most {
                return;
            }
            let result = work(number);
            if result.is_err() {
                next.store(most, Ordering::Relaxed);
            }
            locked(&done).push((number, result));
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads::granted().get().min(most) {
            scope.spawn(take);
        }
        take();
    });
    let mut done = std::mem::take(&mut *locked(&done));
    done.sort_unstable_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, result)| result).collect()
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn measure(path: &Path, name: String, files: &mut Vec<File>) -> Result<Entry> {
    let context = || format!("reading {}", path.display());
    let metadata = fs::symlink_metadata(path).with_context(context)?;
    let mut entry = Entry {
        name,
        ..Entry::default()
    };
    if metadata.is_file() {
        entry.bytes = metadata.len();
        entry.files = 1;
        files.push(file(path, &metadata));
    }
    if metadata.is_dir() {
        let names = fs::read_dir(path).and_then(|entries| {
            entries
                .map(|entry| entry.map(|entry| entry.file_name()))
                .collect::<Result<Vec<_>, _>>()
        });
        let mut names = names.with_context(context)?;
        names.sort_unstable();
        for name in names {
            let child = measure(&path.join(&name), shown(&name), files)?;
            // Links weigh nothing, and neither do directories that hold nothing else.
            if child.files > 0 {
                entry.bytes = entry.bytes.saturating_add(child.bytes);
                entry.files += child.files;
                entry.children.push(child);
            }
        }
    }
    Ok(entry)
}

fn file(path: &Path, metadata: &Metadata) -> File {
    File {
        path: path.to_owned(),
        bytes: metadata.len(),
        inode: (metadata.dev(), metadata.ino()),
    }
}

/// A name as text, each byte that is none as `\xff`.
pub(super) fn shown(name: &OsStr) -> String {
    let chunks = name.as_bytes().utf8_chunks();
    chunks.fold(String::new(), |mut text, chunk| {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            // Nothing can fail that goes into a text.
            let _ = write!(text, "\\x{byte:02x}");
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_measured_and_links_are_not() {
        let temporary = tempfile::tempdir().unwrap();
        let top = temporary.path();
        fs::create_dir_all(top.join("b/empty")).unwrap();
        fs::write(top.join("b/two"), "22").unwrap();
        fs::write(top.join(OsStr::from_bytes(b"a\xff")), "1").unwrap();
        std::os::unix::fs::symlink("b", top.join("link")).unwrap();
        let interrupt = Interrupt::listen().unwrap();
        let inside = walk(&[top, &top.join("b/two")], &interrupt).unwrap();
        let leaf = |name: &str, bytes| Entry {
            name: name.to_owned(),
            bytes,
            files: 1,
            children: Vec::new(),
        };
        let below = Entry {
            children: vec![leaf("two", 2)],
            ..leaf("b", 2)
        };
        assert_eq!(
            inside[0].tree,
            Entry {
                name: String::new(),
                bytes: 3,
                files: 2,
                children: vec![leaf("a\\xff", 1), below],
            }
        );
        assert_eq!((inside[0].files.len(), inside[1].tree.bytes), (2, 2));
        assert!(walk(&[&top.join("none")], &interrupt).is_err());
    }

    #[test]
    fn an_entry_grows_by_paths() {
        let mut root = Entry::default();
        root.add(["etc", "passwd"].into_iter(), 5);
        root.add(["etc", "group"].into_iter(), 6);
        assert_eq!((root.bytes, root.files, root.children.len()), (11, 2, 1));
        assert_eq!(root.children[0].children[1].bytes, 6);
    }
}
