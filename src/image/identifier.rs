//! AC Identifier: the name of an image, a label, an annotation or an isolator.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use super::invalid::{Invalid, shown};

const SEPARATORS: &str = "-._~/";

/// `^[a-z0-9]+([-._~/][a-z0-9]+)*$`, e.g. `example.com/busybox`.
///
/// The tools let doubled separators pass; the written rule does not, and neither does this type.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct AcIdentifier(String);

impl AcIdentifier {
    /// The identifier as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What follows the last slash: the image's name within its place, used for file names.
    #[must_use]
    pub fn last_component(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// The identifier nearest to `text`: lower case, other characters replaced by `-`, separators single;
    /// `unnamed` when not a single letter or digit is left.
    #[must_use]
    pub fn sanitised(text: &str) -> Self {
        Self(or_unnamed(sanitise(text, SEPARATORS)))
    }
}

impl FromStr for AcIdentifier {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match fault(text, SEPARATORS) {
            None => Ok(Self(text.to_owned())),
            Some(fault) => Err(Invalid::new(format!(
                "{} {fault}; an identifier is lower-case letters and digits, joined by single - . _ ~ or /{}",
                shown(text),
                attempt(&sanitise(text, SEPARATORS)),
            ))),
        }
    }
}

impl Borrow<str> for AcIdentifier {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AcIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The end of a message: `; try "…"`.
pub(super) fn attempt(suggestion: &str) -> String {
    if suggestion.is_empty() {
        String::new()
    } else {
        format!("; try {}", shown(suggestion))
    }
}

/// What is wrong with `text` as letters and digits joined by single `separators`.
pub(super) fn fault(text: &str, separators: &str) -> Option<String> {
    if text.is_empty() {
        return Some("is empty".to_owned());
    }
    let mut after_separator = true;
    for c in text.chars() {
        let separator = separators.contains(c);
        match c {
            _ if separator && after_separator && text.starts_with(c) => {
                return Some(format!("begins with {c:?} or doubles it"));
            }
            _ if separator && after_separator => {
                return Some(format!("has {c:?} right after another separator"));
            }
            _ if separator => {}
            'a'..='z' | '0'..='9' => {}
            _ if c.is_uppercase() => return Some(format!("has the upper-case letter {c:?}")),
            _ => return Some(format!("has the character {c:?}")),
        }
        after_separator = separator;
    }
    after_separator.then(|| "ends with a separator".to_owned())
}

/// `text` in lower case; each run of other characters becomes one separator, `/` before all others.
pub(super) fn sanitise(text: &str, separators: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut pending = None;
    for c in text.chars().map(|c| c.to_ascii_lowercase()) {
        if matches!(c, 'a'..='z' | '0'..='9') {
            if let Some(separator) = pending.take()
                && !clean.is_empty()
            {
                clean.push(separator);
            }
            clean.push(c);
        } else {
            let separator = if separators.contains(c) { c } else { '-' };
            if separator == '/' {
                pending = Some('/');
            } else {
                pending.get_or_insert(separator);
            }
        }
    }
    clean
}

/// `clean`, or a word that stands for a name of which nothing was left.
pub(super) fn or_unnamed(clean: String) -> String {
    if clean.is_empty() {
        "unnamed".to_owned()
    } else {
        clean
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn refusals_say_what_and_how_to_mend() {
        for (text, essence) in [
            ("", "is empty"),
            ("Example.com/a", "upper-case letter 'E'"),
            ("Example.com/a", "try \"example.com/a\""),
            ("-a", "begins with '-'"),
            ("a/b/", "ends with a separator"),
            ("a:1", "has the character ':'"),
            ("a+b", "try \"a-b\""),
            ("a--b", "try \"a-b\""),
            ("a-/b", "try \"a/b\""),
            ("ä", "has the character 'ä'"),
        ] {
            let message = text.parse::<AcIdentifier>().unwrap_err().to_string();
            assert!(message.contains(essence), "{text}: {message}");
        }
    }

    #[test]
    fn last_component_is_what_files_are_named_after() {
        let name: AcIdentifier = "example.com/tools/busybox".parse().unwrap();
        assert_eq!(name.last_component(), "busybox");
        let name: AcIdentifier = "busybox".parse().unwrap();
        assert_eq!(name.last_component(), "busybox");
    }

    /// The written rule, spelt a second time.
    fn matches_the_rule(text: &str) -> bool {
        text.split(|c| SEPARATORS.contains(c)).all(|part| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
    }

    proptest! {
        #[test]
        fn accepts_exactly_the_rule(text in prop_oneof!["[a-c0-2._~/A-]{0,8}", any::<String>()]) {
            let parsed = text.parse::<AcIdentifier>();
            prop_assert_eq!(parsed.is_ok(), matches_the_rule(&text));
            if let Ok(identifier) = parsed {
                prop_assert_eq!(identifier.to_string(), text);
            }
        }

        #[test]
        fn sanitised_is_valid_and_settled(text in prop_oneof!["[a-cA-C0-2 ._~/+-]{0,12}", any::<String>()]) {
            let identifier = AcIdentifier::sanitised(&text);
            prop_assert!(matches_the_rule(identifier.as_str()));
            prop_assert_eq!(AcIdentifier::sanitised(identifier.as_str()), identifier);
        }

        #[test]
        fn sanitising_keeps_what_is_valid(text in "[a-z0-9]{1,5}([._~/-][a-z0-9]{1,5}){0,4}") {
            prop_assert_eq!(AcIdentifier::sanitised(&text), text.parse().unwrap());
        }
    }
}
