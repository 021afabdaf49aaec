//! Files: what the author puts into the root file system, and the owners and modes that they give.

use serde::Deserialize;

use crate::image::{Id, LinkTarget};
use crate::rules::{Fault, RULES};

/// One entry of `files`.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "WrittenFile")]
pub struct File {
    /// What it is.
    pub content: Content,
    /// Permissions; by content when absent.
    pub mode: Option<Mode>,
    /// Owner; root when absent.
    pub uid: Option<Id>,
    /// Group; root's when absent.
    pub gid: Option<Id>,
}

impl File {
    pub(super) fn is_text(&self) -> bool {
        matches!(self.content, Content::Text(_))
    }
}

/// What an entry of `files` is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// The text of a file.
    Text(String),
    /// A path in the store, a file or a directory, that is copied.
    Source(String),
    /// An empty directory.
    Directory,
    /// A symbolic link with this target.
    Symlink(LinkTarget),
}

/// An entry of `files` as the spec has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenFile {
    text: Option<String>,
    source: Option<String>,
    #[serde(default)]
    directory: bool,
    symlink: Option<LinkTarget>,
    mode: Option<Mode>,
    uid: Option<Id>,
    gid: Option<Id>,
}

impl TryFrom<WrittenFile> for File {
    type Error = Fault;

    fn try_from(written: WrittenFile) -> Result<Self, Fault> {
        let WrittenFile {
            text,
            source,
            directory,
            symlink,
            mode,
            uid,
            gid,
        } = written;
        let content = match (text, source, directory, symlink) {
            (Some(text), None, false, None) => Content::Text(text),
            (None, Some(source), false, None) => Content::Source(source),
            (None, None, true, None) => Content::Directory,
            // A link has no mode of its own.
            (None, None, false, Some(target)) if mode.is_none() => Content::Symlink(target),
            _ => {
                return Err(Fault::new(
                    "is not one of text, source, directory and symlink",
                ));
            }
        };
        Ok(Self {
            content,
            mode,
            uid,
            gid,
        })
    }
}

/// Permission bits, written in octal digits such as `0644`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Mode(u32);

impl Mode {
    /// The bits.
    #[must_use]
    pub fn bits(self) -> u32 {
        self.0
    }
}

impl TryFrom<String> for Mode {
    type Error = Fault;

    fn try_from(text: String) -> Result<Self, Fault> {
        RULES.texts.mode.check(&text)?;
        let bits = u32::from_str_radix(&text, 8);
        bits.map(Self)
            .map_err(|error| Fault::new(error.to_string()))
    }
}

/// Owner and mode for an image path that a package brings; what is absent stays as it is.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "WrittenPerms")]
pub struct Perms {
    /// Permissions.
    pub mode: Option<Mode>,
    /// Owner.
    pub uid: Option<Id>,
    /// Group.
    pub gid: Option<Id>,
    /// Whether everything below a directory is meant too.
    pub recursive: bool,
}

/// Owner and mode as the spec has them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenPerms {
    mode: Option<Mode>,
    uid: Option<Id>,
    gid: Option<Id>,
    #[serde(default)]
    recursive: bool,
}

impl TryFrom<WrittenPerms> for Perms {
    type Error = Fault;

    fn try_from(written: WrittenPerms) -> Result<Self, Fault> {
        match written {
            WrittenPerms {
                mode: None,
                uid: None,
                gid: None,
                ..
            } => Err(Fault::new("changes nothing")),
            WrittenPerms {
                mode,
                uid,
                gid,
                recursive,
            } => Ok(Self {
                mode,
                uid,
                gid,
                recursive,
            }),
        }
    }
}
