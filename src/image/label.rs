//! Label: a fact by which an image is found; here, the values that one may have.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use super::invalid::{Invalid, shown};

/// The version of an image: `^[A-Za-z0-9][A-Za-z0-9._+~-]*$`.
///
/// It becomes part of references (`name:version,label=value`), file names and URLs, all without escapes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(String);

impl FromStr for Version {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let fault = if text.is_empty() {
            "is empty".to_owned()
        } else if !text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            "does not begin with a letter or digit".to_owned()
        } else if text.len() > 128 {
            format!("has {} characters, more than 128", text.len())
        } else if let Some(c) = text
            .chars()
            .find(|c| !c.is_ascii_alphanumeric() && !"._+~-".contains(*c))
        {
            format!("has the character {c:?}")
        } else {
            return Ok(Self(text.to_owned()));
        };
        Err(Invalid::new(format!(
            "{} {fault}; a version is letters, digits and . _ + ~ -, e.g. \"1.36.1\"",
            shown(text)
        )))
    }
}

impl Version {
    /// The version as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The value of any other label: visible ASCII but for what ends or escapes something in a reference or URL.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct LabelValue(String);

impl LabelValue {
    /// The value as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

const NOT_IN_A_LABEL: &str = ":,/?#%{}&;<>\"'\\^|`";

impl FromStr for LabelValue {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let bad = |c: &char| !c.is_ascii_graphic() || NOT_IN_A_LABEL.contains(*c);
        if text.is_empty() {
            Err(Invalid::new("is empty; leave the label out"))
        } else if let Some(c) = text.chars().find(bad) {
            Err(Invalid::new(format!(
                "{} has the character {c:?}; label values stand unescaped in references and URLs, so blanks, \
                 other than ASCII characters and {NOT_IN_A_LABEL} are not for them",
                shown(text)
            )))
        } else {
            Ok(Self(text.to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        for text in ["1.36.1", "1.36.1-static", "2024~rc1", "a+b_c", "0"] {
            assert_eq!(text.parse::<Version>().unwrap().as_str(), text);
        }
        let long = "1".repeat(129);
        for (text, essence) in [
            ("", "is empty"),
            ("-1", "does not begin with a letter or digit"),
            ("1:2", "has the character ':'"),
            ("1,2", "has the character ','"),
            ("1 2", "has the character ' '"),
            ("1/2", "has the character '/'"),
            ("é", "does not begin"),
            (&long, "129 characters"),
        ] {
            let message = text.parse::<Version>().unwrap_err().to_string();
            assert!(message.contains(essence), "{text}: {message}");
        }
    }

    #[test]
    fn values() {
        for text in ["stable", "(a=b)", "~1.0"] {
            assert_eq!(text.parse::<LabelValue>().unwrap().as_str(), text);
        }
        for (text, essence) in [
            ("", "leave the label out"),
            ("a b", "has the character ' '"),
            ("a:b", "has the character ':'"),
            ("{x}", "has the character '{'"),
            ("ä", "has the character 'ä'"),
            ("a\n", "has the character '\\n'"),
        ] {
            let message = text.parse::<LabelValue>().unwrap_err().to_string();
            assert!(message.contains(essence), "{text}: {message}");
        }
    }
}
