//! A problem: one thing in an image description that its author has to change.
//!
//! Problems are collected, so that one build tells all of them. Each names the argument as its author wrote it
//! (`ports.http.port`), and says value, rule and mend in one line.

use std::fmt::{self, Write};

/// One mistake in the description of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The argument's path as the user wrote it, e.g. `ports.http.port`.
    pub argument: String,
    /// The value, the rule and the mend, e.g. `0 is not a port; write a number from 1 to 65535`.
    pub message: String,
}

/// All the problems found so far. An image is written only when there are none.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Notes that `argument` has to change, and why.
    pub fn add(&mut self, argument: impl Into<String>, message: impl fmt::Display) {
        self.0.push(Problem {
            argument: argument.into(),
            message: message.to_string(),
        });
    }

    /// Unwraps `result`, noting its problem.
    pub fn take<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(problem) => {
                self.0.push(problem);
                None
            }
        }
    }

    /// Unwraps `result`, noting its error under `argument`.
    pub fn check<T, E: fmt::Display>(
        &mut self,
        argument: impl Into<String>,
        result: Result<T, E>,
    ) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.add(argument, error);
                None
            }
        }
    }

    /// Adds those of `others` whose argument has no problem yet: one that is malformed has no other worth telling.
    pub fn add_untold(&mut self, others: Self) {
        let told = self.0.len();
        for other in others.0 {
            let argument = other.argument.as_str();
            if !self.0[..told]
                .iter()
                .any(|p| p.argument.starts_with(argument))
            {
                self.0.push(other);
            }
        }
    }

    /// True while nothing has been noted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The problems, in the order in which they were noted.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }

    /// `value` when nothing was noted, else the problems as one error.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.is_empty() {
            Ok(value)
        } else {
            Err(self)
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.len();
        let noun = if count == 1 { "problem" } else { "problems" };
        write!(f, "{count} {noun} in its description")?;
        for problem in &self.0 {
            write!(f, "\n  {}: ", problem.argument)?;
            // A file's name may hold anything, but each problem has one line.
            for character in problem.message.chars() {
                if character.is_control() {
                    write!(f, "{}", character.escape_default())?;
                } else {
                    f.write_char(character)?;
                }
            }
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
