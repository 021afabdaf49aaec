//! Texts and numbers: what the facts say of one kind of them, and whether a value is of that kind.

use std::ops::RangeInclusive;
use std::sync::OnceLock;

use regex_lite::Regex;
use serde::Deserialize;

use crate::rules::fault::{Fault, broken};

/// A text that a pattern matches from its first byte to its last.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Text {
    pattern: String,
    /// In bytes.
    longest: usize,
    rule: String,
    #[serde(skip)]
    compiled: OnceLock<Regex>,
}

impl Text {
    /// The most bytes that such a text has.
    pub(crate) fn longest(&self) -> usize {
        self.longest
    }

    /// Whether `text` is one of these.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let compiled =
            self.compiled
                .get_or_init(|| match Regex::new(&format!("^(?s:{})$", self.pattern)) {
                    Ok(pattern) => pattern,
                    Err(error) => {
                        unreachable!("{} is compiled in, and tested: {error}", self.pattern)
                    }
                });
        text.len() <= self.longest && !text.contains('\0') && compiled.is_match(text)
    }

    /// The fault of `text`, if it is none of these.
    pub(crate) fn check(&self, text: &str) -> Result<(), Fault> {
        if self.matches(text) {
            Ok(())
        } else {
            Err(broken(text, &self.rule))
        }
    }
}

/// A whole number between two bounds, both of which are allowed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Number {
    least: i64,
    most: i64,
    what: String,
}

impl Number {
    /// `number`, if it lies between the bounds and is a `T`.
    pub(crate) fn check<T: TryFrom<i64>>(&self, number: i64) -> Result<T, Fault> {
        let Self { least, most, what } = self;
        let range: RangeInclusive<i64> = *least..=*most;
        let fit = range.contains(&number).then(|| T::try_from(number).ok());
        fit.flatten().ok_or_else(|| {
            Fault::new(format!(
                "{number}: {what} is a whole number from {least} to {most}"
            ))
        })
    }
}
