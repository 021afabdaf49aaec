//! Owner: as whom a program runs, a user or a group.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::image_path::ImagePath;
use super::invalid::{Invalid, shown};

/// The highest id; the one above it means "unchanged" to the kernel.
pub(super) const LAST_ID: u32 = u32::MAX - 1;

/// A user or group, in one of the three forms of the specification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// A number, good in any image.
    Id(Id),
    /// A name that the image's `/etc/passwd` or `/etc/group` has.
    Name(OwnerName),
    /// A path of the image, whose owner is meant.
    Path(ImagePath),
}

/// A numeric user or group id, 0 to 4294967294.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id(u32);

impl Id {
    /// The id with this number; None for the one that is none.
    #[must_use]
    pub fn new(number: u32) -> Option<Self> {
        (number <= LAST_ID).then_some(Self(number))
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(self.0)
    }
}

/// `^[a-z_][a-z0-9_-]*$`, at most 32 characters: what the account tools of Linux create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnerName(String);

impl OwnerName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Owner {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let refused = |fault: &str| {
            Err(Invalid::new(format!(
                "{} {fault}; write a number, a name such as \"nobody\" or an absolute path of the image",
                shown(text)
            )))
        };
        if text.starts_with('/') {
            return text.parse().map(Self::Path);
        }
        if let Some(negative) = text.strip_prefix('-')
            && is_number(negative)
        {
            return refused("is negative");
        }
        if is_number(text) {
            if text.len() > 1 && text.starts_with('0') {
                return refused("begins with a needless 0");
            }
            return match text.parse().ok().and_then(Id::new) {
                Some(id) => Ok(Self::Id(id)),
                None => refused(&format!("is above {LAST_ID}, the last id")),
            };
        }
        let Some(first) = text.chars().next() else {
            return refused("is empty");
        };
        if text.contains(':') {
            refused("has a colon, but user and group are two arguments")
        } else if let Some(c) = text
            .chars()
            .find(|c| !matches!(c, 'a'..='z' | '0'..='9' | '_' | '-'))
        {
            refused(&format!("has the character {c:?}"))
        } else if !matches!(first, 'a'..='z' | '_') {
            refused(&format!("begins with {first:?}"))
        } else if text.len() > 32 {
            refused("has more than 32 characters")
        } else {
            Ok(Self::Name(OwnerName(text.to_owned())))
        }
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "{}", id.0),
            Self::Name(name) => f.write_str(&name.0),
            Self::Path(path) => path.fmt(f),
        }
    }
}

impl Serialize for Owner {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn three_forms() {
        assert_eq!("0".parse(), Ok(Owner::Id(Id(0))));
        assert_eq!("4294967294".parse(), Ok(Owner::Id(Id(LAST_ID))));
        assert!(matches!("www-data".parse(), Ok(Owner::Name(_))));
        assert!(matches!("/etc/passwd".parse(), Ok(Owner::Path(_))));
    }

    #[test]
    fn refusals_say_what_is_wrong() {
        for (text, essence) in [
            ("", "is empty"),
            ("-1", "is negative"),
            ("007", "needless 0"),
            ("4294967295", "is above 4294967294"),
            ("99999999999999999999", "is above"),
            ("0:0", "two arguments"),
            ("a b", "has the character ' '"),
            ("Root", "has the character 'R'"),
            ("-x", "begins with '-'"),
            ("1x", "begins with '1'"),
            ("/a/", "write \"/a\""),
        ] {
            let message = text.parse::<Owner>().unwrap_err().to_string();
            assert!(message.contains(essence), "{text}: {message}");
        }
    }

    proptest! {
        #[test]
        fn printing_what_was_parsed_gives_it_back(
            text in prop_oneof!["[0-9]{1,10}", "[a-z0-9_-]{1,6}", "/[a-z/.]{0,6}", any::<String>()]
        ) {
            if let Ok(owner) = text.parse::<Owner>() {
                prop_assert_eq!(owner.to_string(), text);
            }
        }
    }
}
