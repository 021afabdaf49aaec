//! Made: an image that is there, with all its files.

use std::sync::Arc;

use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};

use crate::host::cache::Workspace;
use crate::host::digest::Digest;

/// A file of an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Piece {
    /// Its path in the image's output.
    pub(super) name: String,
    pub(super) mode: u32,
    pub(super) digest: Digest,
    pub(super) size: u64,
    /// Where it is in the store, when it is a link to there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) linked: Option<Utf8PathBuf>,
    /// Where it leads within the image, when it is a link to a directory, and has no content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) alias: Option<Utf8PathBuf>,
}

/// The files of an image.
#[derive(Debug)]
pub(super) struct Made {
    /// Where all of it is, as a build has left it or would have.
    pub(super) place: Place,
    /// In the order of their names.
    pub(super) pieces: Vec<Piece>,
    /// Whether each was found to be what its digest says.
    pub(super) verified: bool,
}

/// Where the files of an image are.
#[derive(Debug)]
pub(super) enum Place {
    /// In this directory, which stays.
    Directory(Utf8PathBuf),
    /// In the directory of this name, as long as the workspace is there.
    Workspace(Arc<Workspace>, &'static str),
}

impl Made {
    /// The directory.
    pub(super) fn directory(&self) -> Utf8PathBuf {
        match &self.place {
            Place::Directory(directory) => directory.clone(),
            Place::Workspace(workspace, name) => workspace.path(name),
        }
    }

    /// Where one of them is.
    pub(super) fn path(&self, piece: &Piece) -> Utf8PathBuf {
        self.directory().join(&piece.name)
    }
}
