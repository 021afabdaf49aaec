//! Workspace: the directory of one running program, in which it makes what the cache is to have, and holds what it uses.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::process;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use nix::fcntl::{Flock, FlockArg};
use serde::Serialize;

use super::{Cache, Key, open_lock, place, seal, touch};
use crate::host::digest::Digest;

/// What a workspace is locked by, for as long as its program lives.
const LOCK: &str = "lock";

/// A directory that is removed when this is dropped, or by the next program when this one was killed.
#[derive(Debug)]
pub(crate) struct Workspace {
    cache: Cache,
    directory: Utf8PathBuf,
    _lock: Flock<File>,
}

impl Cache {
    /// A workspace of one's own.
    pub(crate) fn workspace(&self) -> Result<Workspace> {
        let _held = self.lock()?;
        let mut number = 0;
        let directory = loop {
            let directory = self.work().join(format!("{}-{number}", process::id()));
            match fs::create_dir(&directory) {
                // Somebody has the same number in a world of their own.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
                made => {
                    made.with_context(|| format!("making {directory}"))
                        .context(place::MEND)?;
                    break directory;
                }
            }
        };
        let path = directory.join(LOCK);
        let locked = open_lock(&path).and_then(|file| {
            Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|(_, error)| error.into())
        });
        Ok(Workspace {
            cache: self.clone(),
            directory,
            _lock: locked.with_context(|| format!("locking {path}"))?,
        })
    }

    /// Removes the workspaces of programs that were killed.
    pub(super) fn clear_up(&self) -> Result<()> {
        let _held = self.lock().context(place::MEND)?;
        for entry in fs::read_dir(self.work())?.flatten() {
            let Ok(directory) = Utf8PathBuf::try_from(entry.path()) else {
                continue;
            };
            let lock = File::open(directory.join(LOCK));
            let is_held =
                lock.is_ok_and(|lock| Flock::lock(lock, FlockArg::LockExclusiveNonblock).is_err());
            if !is_held {
                // Another user's, or half gone: it harms nobody.
                let _ = fs::remove_dir_all(directory);
            }
        }
        Ok(())
    }
}

impl Workspace {
    /// The cache that it belongs to.
    pub(crate) fn cache(&self) -> &Cache {
        &self.cache
    }

    /// Where something of this name is in it.
    pub(crate) fn path(&self, name: &str) -> Utf8PathBuf {
        self.directory.join(name)
    }

    /// Takes a blob of the cache as the file `to`, which lies in the workspace. Nothing when the cache has no such blob.
    pub(crate) fn take(&self, digest: Digest, to: &Utf8Path) -> Result<Option<()>> {
        use io::ErrorKind::{NotFound, PermissionDenied};
        match fs::hard_link(self.cache.blob(digest), to) {
            Ok(()) => {
                touch(to);
                Ok(Some(()))
            }
            // One that another user has left is made anew.
            Err(error) if matches!(error.kind(), NotFound | PermissionDenied) => Ok(None),
            Err(error) => Err(error).with_context(|| format!("taking {digest} from the cache")),
        }
    }

    /// Gives the cache the complete file `from`, which lies in the workspace, in the place of what it has.
    pub(crate) fn give(&self, digest: Digest, from: &Utf8Path) -> Result<()> {
        let (link, blob) = (self.path("given"), self.cache.blob(digest));
        fs::set_permissions(from, Permissions::from_mode(0o644))
            .and_then(|()| fs::hard_link(from, &link))
            .and_then(|()| fs::rename(&link, &blob))
            .and_then(|()| match fs::remove_file(&link) {
                // Two names of one file are both left alone by a renaming.
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            })
            .with_context(|| format!("giving {digest} to the cache"))
    }

    /// Notes what `key` came to.
    pub(crate) fn note(&self, key: &Key, note: &impl Serialize) -> Result<()> {
        let (made, to) = (self.path("note"), self.cache.keys().join(key.hex()));
        fs::write(&made, seal(&serde_json::to_string(note)?))
            .and_then(|()| fs::rename(&made, &to))
            .with_context(|| format!("noting {to}"))
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        // What stays is cleared up by the next program.
        let _ = fs::remove_dir_all(&self.directory);
    }
}
