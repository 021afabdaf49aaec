//! Faults: why a value is none of its type.

use std::fmt;

/// Why a value is none of its type: the value and the rule, in one line. The mend was told at evaluation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault(String);

impl Fault {
    pub(crate) fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Fault {}

/// So much of a wrong value is shown.
const SHOWN: usize = 60;

/// The fault of `text`, which breaks `rule`.
pub(crate) fn broken(text: &str, rule: &str) -> Fault {
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    Fault(format!("{shown:?} {rule}"))
}
