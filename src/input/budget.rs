//! The budget: what an image may weigh at most, and what may not be in it.

use serde::Deserialize;

use crate::image::{Quantity, Unique};
use crate::input::concern::Concern;
use crate::input::store_path::StorePath;
use crate::rules::{Fault, RULES};

/// The limits that the author of an image has set. Nothing of them is in the image.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Budget {
    /// Of the finished image: its archive, or all its layers.
    #[serde(default)]
    pub max_size: Option<Bytes>,
    /// Of all that it is made of, unpacked.
    #[serde(default)]
    pub max_closure_size: Option<Bytes>,
    /// How many store paths it has.
    #[serde(default)]
    pub max_paths: Option<MaxPaths>,
    /// What none of its store paths may be called.
    #[serde(default)]
    pub forbid: Unique<Pattern>,
    /// What is meant to be in it, and is not told.
    #[serde(default)]
    pub allow: Unique<Concern>,
}

/// A whole number of bytes, at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Quantity")]
pub struct Bytes(u64);

impl Bytes {
    /// The number.
    #[must_use]
    pub fn get(self) -> u64 {
        self.0
    }
}

impl TryFrom<Quantity> for Bytes {
    type Error = Fault;

    fn try_from(quantity: Quantity) -> Result<Self, Fault> {
        let bytes = quantity.units().map(Self);
        bytes.ok_or_else(|| Fault::new(format!("{quantity} is no whole number of bytes")))
    }
}

/// A number of store paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "i64")]
pub struct MaxPaths(u64);

impl MaxPaths {
    /// The number.
    #[must_use]
    pub fn get(self) -> u64 {
        self.0
    }
}

impl TryFrom<i64> for MaxPaths {
    type Error = Fault;

    fn try_from(number: i64) -> Result<Self, Fault> {
        RULES.numbers.max_paths.check(number).map(Self)
    }
}

/// What store paths are called: the name of a package, whose main output is then meant whatever its version is, a whole
/// name, or one with the wildcards `*` and `?`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Pattern(String);

impl Pattern {
    /// As its author wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `path` is called so.
    #[must_use]
    pub fn matches(&self, path: &StorePath) -> bool {
        let Self(pattern) = self;
        fits(pattern.as_bytes(), path.name().as_bytes())
            || *pattern == path.family() && path.output().is_none()
    }
}

impl TryFrom<String> for Pattern {
    type Error = Fault;

    fn try_from(text: String) -> Result<Self, Fault> {
        RULES.texts.store_name.check(&text)?;
        Ok(Self(text))
    }
}

/// Whether `pattern` stands for all of `name`. Only the last star is ever tried anew, so that no pattern takes long.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut here) = (0, 0);
    // Behind the last star, and where what it stands for ends so far.
    let mut star: Option<(usize, usize)> = None;
    while here < name.len() {
        match pattern.get(at) {
            Some(b'*') => {
                at += 1;
                star = Some((at, here));
            }
            Some(sign) if *sign == b'?' || *sign == name[here] => {
                at += 1;
                here += 1;
            }
            _ => {
                let Some((behind, end)) = star else {
                    return false;
                };
                star = Some((behind, end + 1));
                (at, here) = (behind, end + 1);
            }
        }
    }
    pattern[at..].iter().all(|sign| *sign == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::store_path::StoreDir;

    #[test]
    fn a_pattern_matches_names() {
        let store = StoreDir::new("/nix/store").unwrap();
        for (pattern, name, wanted) in [
            ("gcc", "gcc-13.2.0", true),
            ("gcc", "gcc", true),
            ("gcc", "gcc-13.2.0-lib", false),
            ("gcc", "gcc-wrapper-13.2.0", false),
            ("gcc", "libgcc-13.2.0", false),
            ("gcc-13.2.0-lib", "gcc-13.2.0-lib", true),
            ("gcc-13.2.0", "gcc-13.2.0-lib", false),
            ("gcc-*", "gcc-13.2.0-lib", true),
            ("*-dev", "zlib-1.3-dev", true),
            ("*-dev", "zlib-1.3-dev-x", false),
            ("*-dev", "-dev", true),
            ("python3?11", "python3.11", true),
            ("python3?11", "python311", false),
            ("*a*b*", "xaxbx", true),
            ("*a*b", "xaxbx", false),
            ("a*?", "a", false),
            ("*", "anything", true),
            ("a**", "a", true),
        ] {
            let path = store.parse(&format!("/nix/store/{}-{name}", "0".repeat(32)));
            let pattern = Pattern::try_from(pattern.to_owned()).unwrap();
            assert_eq!(
                pattern.matches(&path.unwrap()),
                wanted,
                "{pattern:?} {name}"
            );
        }
    }

    #[test]
    fn many_stars_take_no_time() {
        let pattern = "*a".repeat(100) + "b";
        assert!(!fits(pattern.as_bytes(), &[b'a'; 200]));
    }

    #[test]
    fn what_is_no_limit_is_refused() {
        for text in [
            r#"{"maxSize": 0}"#,
            r#"{"maxSize": "1.5"}"#,
            r#"{"maxSize": "1500m"}"#,
            r#"{"maxPaths": -1}"#,
            r#"{"forbid": [""]}"#,
            r#"{"forbid": ["a b"]}"#,
            r#"{"forbid": ["gcc", "gcc"]}"#,
            r#"{"maxLayers": 5}"#,
        ] {
            assert!(serde_json::from_str::<Budget>(text).is_err(), "{text}");
        }
        let text =
            r#"{"maxSize": "1.5k", "maxClosureSize": "2Ki", "maxPaths": 0, "forbid": ["*"]}"#;
        let budget: Budget = serde_json::from_str(text).unwrap();
        assert_eq!(budget.max_size.unwrap().get(), 1500);
        assert_eq!(budget.max_closure_size.unwrap().get(), 2048);
        assert_eq!(budget.max_paths.unwrap().get(), 0);
    }
}
