//! AC Name: the name of a mount point or a port.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use super::identifier::{attempt, fault, or_unnamed, sanitise};
use super::invalid::{Invalid, shown};

/// `^[a-z0-9]+(-[a-z0-9]+)*$`, at most 63 characters, e.g. `data`.
///
/// The schema sets no length; runtimes make directory and unit names of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct AcName(String);

impl AcName {
    /// The most characters that a name may have.
    pub const LONGEST: usize = 63;

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name nearest to `text`: lower case, other characters replaced by `-`, cut after 63;
    /// `unnamed` when not a single letter or digit is left.
    #[must_use]
    pub fn sanitised(text: &str) -> Self {
        Self(or_unnamed(shortened(text)))
    }
}

fn shortened(text: &str) -> String {
    let mut clean = sanitise(text, "-");
    clean.truncate(AcName::LONGEST);
    clean.truncate(clean.trim_end_matches('-').len());
    clean
}

impl FromStr for AcName {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let fault = fault(text, "-").or_else(|| {
            (text.len() > Self::LONGEST).then(|| format!("has {} characters", text.len()))
        });
        match fault {
            None => Ok(Self(text.to_owned())),
            Some(fault) => Err(Invalid::new(format!(
                "{} {fault}; a name is lower-case letters and digits, joined by single -, at most {} characters{}",
                shown(text),
                Self::LONGEST,
                attempt(&shortened(text)),
            ))),
        }
    }
}

impl fmt::Display for AcName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn refusals_say_what_and_how_to_mend() {
        let long = "a".repeat(64);
        for (text, essence) in [
            ("", "is empty"),
            ("a_b", "try \"a-b\""),
            ("a.b", "has the character '.'"),
            ("W", "upper-case letter 'W'"),
            ("a-", "ends with a separator"),
            ("8080/tcp", "try \"8080-tcp\""),
            (&long, "has 64 characters"),
        ] {
            let message = text.parse::<AcName>().unwrap_err().to_string();
            assert!(message.contains(essence), "{text}: {message}");
        }
    }

    #[test]
    fn a_cut_leaves_no_dash_at_the_end() {
        let text = format!("{}-b", "a".repeat(62));
        assert_eq!(AcName::sanitised(&text).as_str(), "a".repeat(62));
        assert_eq!(AcName::sanitised("+-.").as_str(), "unnamed");
    }

    proptest! {
        #[test]
        fn accepts_exactly_the_rule(text in prop_oneof!["[a-c0-2A-]{0,8}", "[a-c0-2]{60,66}", any::<String>()]) {
            let valid = text.len() <= 63
                && text.split('-').all(|part| {
                    !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
                });
            prop_assert_eq!(text.parse::<AcName>().is_ok(), valid);
        }

        #[test]
        fn sanitised_is_always_valid(text in prop_oneof!["[a-cA-C0-2 ._~/+-]{0,90}", any::<String>()]) {
            let name = AcName::sanitised(&text);
            prop_assert_eq!(name.as_str().parse::<AcName>(), Ok(name.clone()));
        }
    }
}
