//! Findings: what a check has to tell, problems (no image is written) and warnings (one is).

use std::fmt;

use crate::host::problem::Problems;

/// The two lists that every check of the manifest writes to.
pub(crate) struct Findings<'a> {
    problems: &'a mut Problems,
    warnings: &'a mut Vec<String>,
    /// How many problems others had noted before.
    before: usize,
    /// Whether rkt may run the image.
    for_rkt: bool,
}

impl<'a> Findings<'a> {
    pub(crate) fn new(problems: &'a mut Problems, warnings: &'a mut Vec<String>) -> Self {
        Self {
            before: problems.iter().count(),
            problems,
            warnings,
            for_rkt: true,
        }
    }

    /// Leaves out what only rkt would do, for an image that it does not run.
    pub(crate) fn without_rkt(mut self) -> Self {
        self.for_rkt = false;
        self
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

    /// The same of what only rkt does.
    pub(crate) fn warn_of_rkt(&mut self, place: &str, message: impl fmt::Display) {
        if self.for_rkt {
            self.warn(place, message);
        }
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
