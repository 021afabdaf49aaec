//! A problem: one thing in an image description that its author has to change.
//!
//! Problems are collected, so that one build tells all of them. Each names the argument as its author wrote it
//! (`ports.http.port`), and says value, rule and mend in one line.

use std::fmt;

use crate::host::printable::Printable;

/// So many problems are told at once; the rest is counted.
const TOLD: usize = 50;

/// One mistake in the description of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The argument's path as the user wrote it, e.g. `ports.http.port`.
    pub argument: String,
    /// The value, the rule and the mend, e.g. `0 is not a port; write a number from 1 to 65535`.
    pub message: String,
}

impl Problem {
    /// Whether it is one of `argument`, or of a part of it; `mounts.ab` is no part of `mounts.a`.
    fn is_within(&self, argument: &str) -> bool {
        self.argument
            .strip_prefix(argument)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    }
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
            if !self.0[..told].iter().any(|p| p.is_within(&other.argument)) {
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
        for Problem { argument, message } in self.iter().take(TOLD) {
            write!(f, "\n  {}: {}", Printable(argument), Printable(message))?;
        }
        if count > TOLD {
            write!(f, "\n  and {} more", count - TOLD)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(arguments: &[&str]) -> Problems {
        let mut problems = Problems::default();
        for argument in arguments {
            problems.add(*argument, "is wrong");
        }
        problems
    }

    #[test]
    fn a_problem_is_untold_unless_its_argument_or_a_part_of_it_is_told() {
        let told = [
            "mounts.ab",
            "files.\"/x\".source",
            "pathWhitelist[10]",
            "exec",
        ];
        for (argument, untold) in [
            ("mounts.a", true),
            ("mounts.ab", false),
            ("mounts", false),
            ("files.\"/x\"", false),
            ("files.\"/x", true),
            ("pathWhitelist[1]", true),
            ("pathWhitelist", false),
            ("exec.other", true),
        ] {
            let mut all = problems(&told);
            all.add_untold(problems(&[argument]));
            assert_eq!(all.0.len() == told.len() + 1, untold, "{argument}");
        }
        let mut all = problems(&[]);
        all.add_untold(problems(&["a", "a"]));
        assert_eq!(all.0.len(), 2, "what is added does not hide what follows");
    }

    #[test]
    fn a_long_list_of_problems_has_an_end() {
        let text = problems(&vec!["a"; 100_000]).to_string();
        assert_eq!(text.lines().count(), 1 + TOLD + 1);
        assert!(text.starts_with("100000 problems in"), "{text}");
        assert!(text.ends_with("\n  and 99950 more"), "{text}");
        assert!(!problems(&vec!["a"; TOLD]).to_string().contains("more"));
    }

    #[test]
    fn argument_and_message_have_one_line() {
        let mut problems = Problems::default();
        problems.add("mounts.a\n@nix {}", "b\u{1b}\u{202e}");
        let line = "  mounts.a\\n@nix {}: b\\u{1b}\\u{202e}";
        assert_eq!(problems.to_string().lines().nth(1), Some(line));
    }
}
