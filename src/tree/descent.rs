//! The descent: a directory of the store is read with the links in it followed, and still has an end.
//!
//! Links may lead back up, or multiply: each directory with two links to the next one is few on disk, and two to the
//! power of their number when followed.

use std::collections::HashMap;
use std::fmt;

use camino::Utf8Path;

/// So often no real package links to one directory. Links to directories that hold such links can stand for any number
/// of them.
const TIMES: usize = 1000;

/// So many entries no real image has of directories that were read before, all together.
const AGAIN: usize = 100_000;

/// Deeper no path can be, whose names are a letter each.
const DEPTH: usize = 2000;

/// Why a walk was given up. The fault lies in what was walked, so that it is told as a problem.
#[derive(Debug)]
pub(crate) struct Endless(pub(crate) String);

impl fmt::Display for Endless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Endless {}

/// The directories that are being read, and how often each one was.
#[derive(Debug, Default)]
pub(crate) struct Descent {
    // As text: paths are compared component by component, and those of a deep tree are alike but for the last ones.
    above: Vec<String>,
    times: HashMap<String, usize>,
    /// Entries of directories that had been read before.
    again: usize,
}

impl Descent {
    /// Goes into `directory`, which is no link and may stand `turns` times above itself.
    ///
    /// # Errors
    /// Why the walk would not end, or not soon.
    pub(crate) fn enter(&mut self, directory: &Utf8Path, turns: usize) -> Result<(), Endless> {
        let times = self.times.entry(directory.to_string()).or_default();
        *times += 1;
        // Most directories are entered once, and so stand above nothing of their own.
        let above = self
            .above
            .iter()
            .filter(|above| *above == directory.as_str());
        let why = if *times > 1 && above.count() > turns {
            format!("a link leads back to {directory}, a directory above it; it has no end")
        } else if self.above.len() >= DEPTH {
            format!("{directory} lies {DEPTH} directories deep")
        } else if *times > TIMES {
            format!("links lead to {directory} more than {TIMES} times")
        } else {
            self.above.push(directory.to_string());
            return Ok(());
        };
        Err(Endless(why))
    }

    /// Counts the entries of the directory entered last.
    ///
    /// # Errors
    /// When links bring more entries than any image has.
    pub(crate) fn count(&mut self, entries: usize) -> Result<(), Endless> {
        let Some(directory) = self.above.last() else {
            return Ok(());
        };
        if self.times.get(directory).is_some_and(|times| *times > 1) {
            self.again += entries;
        }
        if self.again > AGAIN {
            return Err(Endless(format!(
                "links lead to {directory} and others again and again, which makes more than {AGAIN} entries of those \
                 that are there once"
            )));
        }
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

    /// A walk of something else, whose links count with those of this one.
    pub(crate) fn of_another(&mut self) -> &mut Self {
        self.above.clear();
        self.times.clear();
        self
    }
}

/// The directories above the place where another walk began.
#[must_use]
pub(crate) struct Paused(Vec<String>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_again_is_counted_over_all_walks() {
        let mut descent = Descent::default();
        let read = |descent: &mut Descent, directory: &str, entries| {
            descent.enter(Utf8Path::new(directory), 0).unwrap();
            let counted = descent.count(entries);
            descent.leave();
            counted.is_ok()
        };
        assert!(
            read(&mut descent, "/a", 10 * AGAIN),
            "what is there once is no matter"
        );
        assert!(read(&mut descent, "/b", AGAIN));
        assert!(read(&mut descent, "/b", AGAIN));
        let other = descent.of_another();
        assert!(read(other, "/b", AGAIN), "each may read it once");
        assert!(read(other, "/c", 1));
        assert!(!read(other, "/c", 1));
    }
}
