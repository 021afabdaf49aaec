//! Owner: as whom a program runs, a user or a group.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use super::path::ImagePath;
use crate::rules::{Fault, RULES};

/// A user or group, in one of the three forms of the specification (appc, "Image Manifest Schema", `user`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Owner {
    /// A number, good in any image.
    Id(Id),
    /// A name that the image's `/etc/passwd` or `/etc/group` has.
    Name(String),
    /// A path of the image, whose owner is meant.
    Path(ImagePath),
}

/// A numeric user or group id. The last number that 32 bits hold is none: it means "unchanged" to the kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "i64")]
pub struct Id(u32);

impl Id {
    /// The number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }
}

impl TryFrom<i64> for Id {
    type Error = Fault;

    fn try_from(number: i64) -> Result<Self, Fault> {
        RULES.numbers.id.check(number).map(Self)
    }
}

impl TryFrom<String> for Owner {
    type Error = Fault;

    fn try_from(text: String) -> Result<Self, Fault> {
        if text.starts_with('/') {
            return text.try_into().map(Self::Path);
        }
        let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        // As tools write numbers back: without needless zeros.
        let number = text.parse::<i64>().ok();
        match number.filter(|number| is_number && number.to_string() == text) {
            Some(number) => number.try_into().map(Self::Id),
            None => RULES.texts.account.check(&text).map(|()| Self::Name(text)),
        }
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.0.fmt(f),
            Self::Name(name) => name.fmt(f),
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

    fn owner(text: &str) -> Result<Owner, Fault> {
        text.to_owned().try_into()
    }

    #[test]
    fn three_forms() {
        assert_eq!(owner("0"), Ok(Owner::Id(Id(0))));
        assert_eq!(owner("4294967294"), Ok(Owner::Id(Id(u32::MAX - 1))));
        assert!(matches!(owner("www-data"), Ok(Owner::Name(_))));
        assert!(matches!(owner("/etc/passwd"), Ok(Owner::Path(_))));
    }

    #[test]
    fn nothing_else() {
        for text in [
            "",
            "-1",
            "007",
            "4294967295",
            "99999999999999999999",
            "0:0",
            "a b",
            "Root",
            "-x",
            "1x",
            "/a/",
        ] {
            assert!(owner(text).is_err(), "{text}");
        }
    }
}
