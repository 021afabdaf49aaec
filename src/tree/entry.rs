//! An entry of the tree: what it is, whose it is, and where its bytes come from.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use camino::Utf8PathBuf;

use crate::input::store_path::StorePath;

/// Owner and permissions of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attributes {
    /// Permission bits, at most 0o7777.
    pub mode: u32,
    /// Numeric owner.
    pub uid: u32,
    /// Numeric group.
    pub gid: u32,
}

impl Attributes {
    /// Owned by root, with `mode`.
    #[must_use]
    pub const fn root(mode: u32) -> Self {
        Self {
            mode,
            uid: 0,
            gid: 0,
        }
    }
}

/// Whose entry it is, for messages and for the collision rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A package, with its name and `meta.priority`.
    Package {
        /// Name for messages, which all entries of the package share.
        name: Arc<str>,
        /// The lower number wins.
        priority: i64,
    },
    /// The user's `files`.
    Files,
    /// The skeleton or a directory that something else needed.
    Skeleton,
    /// A mount target.
    Mount,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Package { name, .. } => write!(f, "package {name}"),
            Self::Files => write!(f, "files"),
            Self::Skeleton => write!(f, "the skeleton"),
            Self::Mount => write!(f, "a mount"),
        }
    }
}

/// Where the bytes of a file come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// From the description itself.
    Text(String),
    /// From a file of the store.
    Store {
        /// Where it is; no link.
        path: Utf8PathBuf,
        /// Its size in bytes.
        size: u64,
    },
    /// From a layer of an image that another tool has made: it is there, and nothing can be copied from it.
    Foreign {
        /// Its size in bytes.
        size: u64,
    },
}

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// A directory with its entries, sorted by the bytes of their names.
    Directory(BTreeMap<String, Entry>),
    /// A regular file.
    File(Source),
    /// A symbolic link with its target.
    Symlink(String),
    /// A store path, packed with all that it holds.
    Packed(StorePath),
    /// A store path that the host brings; the image holds an empty directory (or an empty file) to mount it on.
    Mounted {
        /// The store path.
        store_path: StorePath,
        /// Whether it is a directory.
        directory: bool,
    },
}

/// One entry of the image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it is.
    pub node: Node,
    /// Owner and permissions.
    pub attributes: Attributes,
    /// Who brought it.
    pub origin: Origin,
}

impl Entry {
    /// A directory without entries.
    #[must_use]
    pub fn directory(attributes: Attributes, origin: Origin) -> Self {
        Self {
            node: Node::Directory(BTreeMap::new()),
            attributes,
            origin,
        }
    }

    /// A symbolic link.
    #[must_use]
    pub fn symlink(target: impl Into<String>, origin: Origin) -> Self {
        Self {
            node: Node::Symlink(target.into()),
            attributes: Attributes::root(0o777),
            origin,
        }
    }

    /// A file whose content is `text`.
    #[must_use]
    pub fn text(text: impl Into<String>, origin: Origin) -> Self {
        Self {
            node: Node::File(Source::Text(text.into())),
            attributes: Attributes::root(0o644),
            origin,
        }
    }

    /// Its entries, where it is a directory.
    #[must_use]
    pub fn children(&self) -> Option<&BTreeMap<String, Entry>> {
        match &self.node {
            Node::Directory(children) => Some(children),
            _ => None,
        }
    }

    pub(super) fn children_mut(&mut self) -> Option<&mut BTreeMap<String, Entry>> {
        match &mut self.node {
            Node::Directory(children) => Some(children),
            _ => None,
        }
    }

    /// What it is, in a word for messages.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match &self.node {
            Node::Directory(_) => "a directory",
            Node::File(_) => "a file",
            Node::Symlink(_) => "a link",
            Node::Packed(_) | Node::Mounted { .. } => "a store path",
        }
    }
}
