//! The walk: a directory of the store is read with the links in it followed, and still has an end.
//!
//! Links may lead back up, or multiply: each directory with two links to the next one is few on disk, and two to the
//! power of their number when followed.

use std::collections::HashMap;

use anyhow::{Result, ensure};
use camino::Utf8Path;

/// So often no real package links to one directory. Links to directories that hold such links can stand for any number
/// of them.
const TIMES: usize = 1000;

/// Deeper no path can be, whose names are a letter each.
const DEPTH: usize = 2000;

/// The directories that are being read, and how often each one was.
#[derive(Debug, Default)]
pub(crate) struct Walk {
    // As text: paths are compared component by component, and those of a deep tree are alike but for the last ones.
    above: Vec<String>,
    times: HashMap<String, usize>,
}

impl Walk {
    /// Goes into `directory`, which is no link and may stand `turns` times above itself.
    ///
    /// # Errors
    /// Why the walk would not end, or not soon.
    pub(crate) fn enter(&mut self, directory: &Utf8Path, turns: usize) -> Result<()> {
        let times = self.times.entry(directory.to_string()).or_default();
        *times += 1;
        // Most directories are entered once, and so stand above nothing of their own.
        let above = self
            .above
            .iter()
            .filter(|above| *above == directory.as_str());
        ensure!(
            *times == 1 || above.count() <= turns,
            "a link leads back to {directory}, a directory above it; it has no end"
        );
        ensure!(
            self.above.len() < DEPTH,
            "{directory} lies {DEPTH} directories deep"
        );
        ensure!(
            *times <= TIMES,
            "links lead to {directory} more than {TIMES} times"
        );
        self.above.push(directory.to_string());
        Ok(())
    }

    /// Leaves the directory entered last.
    pub(crate) fn leave(&mut self) {
        self.above.pop();
    }

    /// Walks elsewhere for a while, with nothing above.
    pub(crate) fn begin(&mut self) -> Paused {
        Paused(std::mem::take(&mut self.above))
    }

    /// Comes back from elsewhere.
    pub(crate) fn resume(&mut self, Paused(above): Paused) {
        self.above = above;
    }
}

/// The directories above the place where another walk began.
#[must_use]
pub(crate) struct Paused(Vec<String>);
