//! Sweeping: what the cache holds, and how it stays within its limit.

use std::fs;
use std::io;
use std::time::SystemTime;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};

use super::Cache;

/// What the cache holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Held {
    /// How many blobs.
    pub(crate) blobs: u64,
    /// How many bytes in them.
    pub(crate) bytes: u64,
}

/// A file of the cache.
struct Found {
    used: SystemTime,
    path: Utf8PathBuf,
    size: u64,
}

impl Cache {
    /// What it holds.
    pub(crate) fn held(&self) -> Result<Held> {
        Ok(sum(&list(&self.blobs())?))
    }

    /// Throws away what was used least recently, until the rest is within the limit. Gives back what went.
    pub(crate) fn sweep(&self) -> Result<Held> {
        self.sweep_to(self.limit)
    }

    /// Throws everything away. Gives back what went.
    pub(crate) fn empty(&self) -> Result<Held> {
        let _held = self.lock()?;
        let gone = list(&self.blobs())?;
        for file in gone.iter().chain(&list(&self.keys())?) {
            remove(&file.path)?;
        }
        Ok(sum(&gone))
    }

    fn sweep_to(&self, limit: u64) -> Result<Held> {
        let _held = self.lock()?;
        let mut blobs = list(&self.blobs())?;
        let mut bytes = sum(&blobs).bytes;
        if bytes <= limit {
            return Ok(Held::default());
        }
        // Names settle which of those goes that were used at once.
        blobs.sort_by(|a, b| (a.used, &a.path).cmp(&(b.used, &b.path)));
        let mut gone = Vec::new();
        for blob in blobs {
            if bytes <= limit {
                break;
            }
            remove(&blob.path)?;
            bytes -= blob.size;
            gone.push(blob);
        }
        // Notes are small, and those on blobs that are gone say nothing that holds.
        let last = gone.iter().map(|blob| blob.used).max();
        for note in list(&self.keys())? {
            if Some(note.used) <= last {
                remove(&note.path)?;
            }
        }
        Ok(sum(&gone))
    }
}

fn sum(files: &[Found]) -> Held {
    Held {
        blobs: files.len() as u64,
        bytes: files.iter().map(|file| file.size).sum(),
    }
}

/// The files in a directory; those that go meanwhile are left out.
fn list(directory: &Utf8Path) -> Result<Vec<Found>> {
    let context = || format!("reading the directory {directory}");
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).with_context(context)? {
        let entry = entry.with_context(context)?;
        let (Ok(metadata), Ok(path)) = (entry.metadata(), Utf8PathBuf::try_from(entry.path()))
        else {
            continue;
        };
        found.push(Found {
            used: metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH),
            path,
            size: metadata.len(),
        });
    }
    Ok(found)
}

fn remove(path: &Utf8Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("removing {path}"))
        }
        _ => Ok(()),
    }
}
