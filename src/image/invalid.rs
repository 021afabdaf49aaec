//! A refusal: why a value is none of its type, told in one line with the value, the rule and the mend.

use std::fmt;

/// Why a value was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid(String);

impl Invalid {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Invalid {}

/// `text` in quotes, on one line and not endless.
pub(crate) fn shown(text: &str) -> String {
    const LONGEST: usize = 80;
    if text.chars().count() > LONGEST {
        let start: String = text.chars().take(LONGEST).collect();
        format!("{start:?}…")
    } else {
        format!("{text:?}")
    }
}
