//! Command: an argument list, the program first.

use serde::Serialize;

use super::draft::At;
use super::findings::Findings;
use super::invalid::shown;

/// Arguments without NUL, of which the first is not empty. A command may have none at all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Command(Vec<String>);

/// The longest argument that Linux passes to a program.
const LONGEST: usize = 131_071;

impl Command {
    /// The arguments.
    #[must_use]
    pub fn arguments(&self) -> &[String] {
        &self.0
    }

    /// True when there is nothing to run.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn check(arguments: Vec<At<String>>, findings: &mut Findings<'_>) -> Option<Self> {
        let mut valid = true;
        for (index, At { place, value }) in arguments.iter().enumerate() {
            let fault = if index == 0 && value.is_empty() {
                "the program's name is empty; write its absolute path in the image".to_owned()
            } else if value.contains('\0') {
                format!("{} has a NUL, which no argument can hold", shown(value))
            } else if value.len() > LONGEST {
                format!(
                    "has {} bytes; Linux passes at most {LONGEST} in an argument",
                    value.len()
                )
            } else {
                continue;
            };
            findings.problem(place, fault);
            valid = false;
        }
        valid.then(|| Self(arguments.into_iter().map(|at| at.value).collect()))
    }
}
