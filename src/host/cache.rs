//! The cache: blobs that were made once, by what they were made from.
//!
//! It lies in the user's cache directory and is safe to lose at any moment, as a whole or in part:
//!
//! ```text
//! blobs/sha256/HEX   blobs, as in the layout of an OCI image
//! keys/HEX           notes of what came of something: which blobs, how large
//! work/NAME          workspaces of the programs that run, each locked by its own
//! lock               held while workspaces are made and blobs thrown away
//! ```
//!
//! A file gets its name when it is complete. What a program uses has links in its workspace too, so that nobody can
//! throw it away; whoever uses a blob compares it with its digest. What is used least recently goes first.

mod key;
mod place;
mod sweep;
mod workspace;

use std::fs::{self, File, FileTimes};
use std::io;
use std::time::SystemTime;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use data_encoding::HEXLOWER;
use nix::fcntl::{Flock, FlockArg};
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use crate::host::digest::Digest;

pub(crate) use key::Key;
pub(crate) use sweep::Held;
pub(crate) use workspace::Workspace;

/// Blobs of earlier runs, and the notes on them.
#[derive(Debug, Clone)]
pub(crate) struct Cache {
    directory: Utf8PathBuf,
    /// How many bytes it keeps.
    limit: u64,
}

impl Cache {
    /// The user's cache, made where it is not there yet.
    pub(crate) fn open() -> Result<Self> {
        let cache = Self {
            directory: place::directory()?,
            limit: place::limit()?,
        };
        for directory in [cache.blobs(), cache.keys(), cache.work()] {
            fs::create_dir_all(&directory)
                .with_context(|| format!("making {directory}"))
                .context(place::MEND)?;
        }
        cache.clear_up()?;
        Ok(cache)
    }

    /// Where it is.
    pub(crate) fn directory(&self) -> &Utf8Path {
        &self.directory
    }

    /// How many bytes it keeps.
    pub(crate) fn limit(&self) -> u64 {
        self.limit
    }

    fn blobs(&self) -> Utf8PathBuf {
        self.directory.join("blobs/sha256")
    }

    fn keys(&self) -> Utf8PathBuf {
        self.directory.join("keys")
    }

    fn work(&self) -> Utf8PathBuf {
        self.directory.join("work")
    }

    fn blob(&self, digest: Digest) -> Utf8PathBuf {
        self.blobs().join(digest.hex())
    }

    /// The note under `key`, if there is one.
    pub(crate) fn note<T: DeserializeOwned>(&self, key: &Key) -> Option<T> {
        let path = self.keys().join(key.hex());
        let text = fs::read_to_string(&path).ok()?;
        let note = serde_json::from_str(sealed(&text)?).ok()?;
        touch(&path);
        Some(note)
    }

    /// Throws a blob away, which turned out not to be what its name says.
    pub(crate) fn discard(&self, digest: Digest) -> Result<()> {
        let path = self.blob(digest);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("removing {path}, which is rotten"))
            }
            _ => Ok(()),
        }
    }

    /// Waits until nobody else makes or throws away, and keeps others from it until the lock is dropped.
    fn lock(&self) -> Result<Flock<File>> {
        let path = self.directory.join("lock");
        let file = open_lock(&path).with_context(|| format!("making {path}"))?;
        Flock::lock(file, FlockArg::LockExclusive)
            .map_err(|(_, error)| error)
            .with_context(|| format!("locking {path}"))
    }
}

fn open_lock(path: &Utf8Path) -> io::Result<File> {
    File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
}

/// Notes that a file was used. One that cannot be touched goes a little earlier.
fn touch(path: &Utf8Path) {
    let now = FileTimes::new().set_modified(SystemTime::now());
    let _ = File::open(path).and_then(|file| file.set_times(now));
}

/// A text with its hash before it, by which it is known to be whole.
fn seal(text: &str) -> String {
    format!("{}\n{text}", HEXLOWER.encode(&Sha256::digest(text)))
}

/// The text in a sealed one, if that is whole.
fn sealed(whole: &str) -> Option<&str> {
    let (_, text) = whole.split_once('\n')?;
    (seal(text) == whole).then_some(text)
}
