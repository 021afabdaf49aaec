//! Made: an image that is there, with all its files.

use std::sync::Arc;

use anyhow::Result;
use camino::Utf8PathBuf;

use crate::host::cache::Workspace;
use crate::host::digest::Digest;
use crate::host::interrupt::Interrupt;
use crate::host::threads;
use crate::verbs::pieces::Piece;

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

    /// Those that are not what their digests say.
    pub(super) fn rotten(&self, interrupt: &Interrupt) -> Result<Vec<Piece>> {
        let mut rotten = Vec::new();
        threads::ahead(
            self.pieces.len(),
            |number| self.is_sound(&self.pieces[number], interrupt),
            |number, sound: bool| {
                if !sound {
                    rotten.push(self.pieces[number].clone());
                }
                Ok(())
            },
        )?;
        Ok(rotten)
    }

    /// Whether one of them is what its digest says.
    pub(super) fn is_sound(&self, piece: &Piece, interrupt: &Interrupt) -> Result<bool> {
        if piece.alias.is_some() {
            return Ok(true);
        }
        let found = Digest::of_file(&self.path(piece), &|| interrupt.check())?;
        Ok(found == (piece.digest, piece.size))
    }
}
