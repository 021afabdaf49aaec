//! Findings: what a check has to tell, problems (no image is written) and warnings (one is).

use std::fmt;

use crate::problem::Problems;

/// The two lists that every check of the manifest writes to.
pub(crate) struct Findings<'a> {
    problems: &'a mut Problems,
    warnings: &'a mut Vec<String>,
    /// How many problems others had noted before.
    before: usize,
}

impl<'a> Findings<'a> {
    pub(crate) fn new(problems: &'a mut Problems, warnings: &'a mut Vec<String>) -> Self {
        Self {
            before: problems.iter().count(),
            problems,
            warnings,
        }
    }

    /// True while these checks have noted no problem.
    pub(crate) fn clean(&self) -> bool {
        self.problems.iter().count() == self.before
    }

    /// Notes that the value at `place` has to change.
    pub(crate) fn problem(&mut self, place: &str, message: impl fmt::Display) {
        self.problems.add(place, message);
    }

    /// Notes something at `place` that works, but perhaps not as its author expects.
    pub(crate) fn warn(&mut self, place: &str, message: impl fmt::Display) {
        self.warnings.push(format!("{place}: {message}"));
    }

    /// Unwraps `result`, noting its error at `place`.
    pub(crate) fn check<T, E: fmt::Display>(
        &mut self,
        place: &str,
        result: Result<T, E>,
    ) -> Option<T> {
        self.problems.check(place, result)
    }
}
