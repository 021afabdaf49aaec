//! A package: a tree of files, directories and links that is put into a store on disk.

use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

/// One entry of a package.
#[derive(Clone)]
pub(crate) enum Item {
    File { content: Vec<u8>, executable: bool },
    Link(Vec<u8>),
    Directory,
}

/// Without content, which would drown what matters of a failed test.
impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File {
                content,
                executable,
            } => write!(f, "file of {} (executable: {executable})", content.len()),
            Self::Link(target) => write!(f, "-> {:?}", String::from_utf8_lossy(target)),
            Self::Directory => write!(f, "directory"),
        }
    }
}

/// A store path in the making. Entries are written in the order in which they were given.
#[derive(Debug, Clone)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) items: Vec<(Vec<u8>, Item)>,
    pub(crate) references: Vec<String>,
}

impl Package {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            items: Vec::new(),
            references: Vec::new(),
        }
    }

    /// An entry at `path`, which is relative; the empty path is the store path itself.
    pub(crate) fn item(mut self, path: impl AsRef<[u8]>, item: Item) -> Self {
        self.items.push((path.as_ref().to_vec(), item));
        self
    }

    pub(crate) fn file(self, path: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> Self {
        let content = content.as_ref().to_vec();
        let executable = false;
        self.item(
            path,
            Item::File {
                content,
                executable,
            },
        )
    }

    pub(crate) fn program(self, path: impl AsRef<[u8]>) -> Self {
        let content = b"a program\n".to_vec();
        let executable = true;
        self.item(
            path,
            Item::File {
                content,
                executable,
            },
        )
    }

    pub(crate) fn link(self, path: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Self {
        self.item(path, Item::Link(target.as_ref().to_vec()))
    }

    pub(crate) fn directory(self, path: impl AsRef<[u8]>) -> Self {
        self.item(path, Item::Directory)
    }

    /// Notes that the package mentions the store path `other`.
    pub(crate) fn refers(mut self, other: &str) -> Self {
        self.references.push(other.to_owned());
        self
    }

    /// Writes the package to `at`, where nothing is.
    pub(crate) fn write(&self, at: &Path) {
        if self.items.iter().all(|(path, _)| !path.is_empty()) {
            fs::create_dir(at).unwrap();
        }
        for (path, item) in &self.items {
            let path = match path.as_slice() {
                b"" => at.to_owned(),
                path => at.join(OsStr::from_bytes(path)),
            };
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            match item {
                Item::Directory => fs::create_dir_all(&path).unwrap(),
                Item::Link(target) => symlink(OsStr::from_bytes(target), &path).unwrap(),
                Item::File {
                    content,
                    executable,
                } => {
                    fs::write(&path, content).unwrap();
                    let mode = if *executable { 0o755 } else { 0o644 };
                    fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
                }
            }
        }
    }
}
