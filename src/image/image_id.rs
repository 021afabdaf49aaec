//! Image ID: the SHA-512 of an image's uncompressed archive.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::invalid::{Invalid, shown};

/// Written `sha512-` and 128 lower-case hexadecimal digits. The tools accept far less; a shortened ID identifies
/// nothing for sure.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageId([u8; 64]);

impl ImageId {
    /// The ID with this digest.
    #[must_use]
    pub fn new(digest: [u8; 64]) -> Self {
        Self(digest)
    }

    /// The digest's bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }
}

impl FromStr for ImageId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let refused = |fault: String| {
            Invalid::new(format!(
                "{} {fault}; an image ID is sha512- and 128 lower-case hexadecimal digits",
                shown(text)
            ))
        };
        let digits = text
            .strip_prefix("sha512-")
            .ok_or_else(|| refused("does not begin with sha512-".to_owned()))?;
        if let Some(c) = digits.chars().find(|c| !matches!(c, '0'..='9' | 'a'..='f')) {
            return Err(refused(format!("has the character {c:?}")));
        }
        let digits = digits.as_bytes();
        if digits.len() != 128 {
            return Err(refused(format!("has {} digits", digits.len())));
        }
        let mut digest = [0; 64];
        for (byte, pair) in digest.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = nibble(pair[0]) << 4 | nibble(pair[1]);
        }
        Ok(Self(digest))
    }
}

/// The value of a digit that is known to be one.
fn nibble(digit: u8) -> u8 {
    if digit.is_ascii_digit() {
        digit - b'0'
    } else {
        digit - b'a' + 10
    }
}

impl fmt::Display for ImageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha512-")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ImageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ImageId({self})")
    }
}

impl Serialize for ImageId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn refusals_say_what_is_wrong() {
        let upper = format!("sha512-{}", "A".repeat(128));
        let short = format!("sha512-{}", "a".repeat(64));
        let long = format!("sha512-{}", "a".repeat(130));
        for (text, essence) in [
            ("", "does not begin with sha512-"),
            ("sha256-abc", "does not begin with sha512-"),
            ("sha512-xyz", "has the character 'x'"),
            ("sha512-", "has 0 digits"),
            (&upper, "has the character 'A'"),
            (&short, "has 64 digits"),
            (&long, "has 130 digits"),
        ] {
            let message = text.parse::<ImageId>().unwrap_err().to_string();
            assert!(message.contains(essence), "{text}: {message}");
        }
    }

    proptest! {
        #[test]
        fn parsing_what_was_printed_gives_it_back(digest in proptest::collection::vec(any::<u8>(), 64)) {
            let id = ImageId::new(digest.try_into().unwrap());
            prop_assert_eq!(id.to_string().parse::<ImageId>().unwrap(), id);
        }

        #[test]
        fn printing_what_was_parsed_gives_it_back(text in prop_oneof!["sha512-[0-9a-f]{128}", any::<String>()]) {
            if let Ok(id) = text.parse::<ImageId>() {
                prop_assert_eq!(id.to_string(), text);
            }
        }
    }
}
