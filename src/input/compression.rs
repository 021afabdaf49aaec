//! Compression: how an archive is compressed.

use serde::Deserialize;

use crate::rules::{Fault, Levels, RULES};

/// The method, with its level where it has levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub enum Compression {
    /// gzip, by default at the level whose output is no larger than that of `gzip -6` in the least time.
    Gzip(u32),
    /// zstd, by default at a level whose output is smaller than that of gzip in little more than half of the time.
    Zstd(u32),
    /// xz. Each thread takes the memory that the program `xz` needs at that level: some 170 MB at level 6, 1.3 GB at
    /// level 9.
    Xz(u32),
    /// The stream as it is.
    None,
}

/// A compression as the spec has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    method: String,
    #[serde(default)]
    level: Option<u32>,
}

impl TryFrom<Written> for Compression {
    type Error = Fault;

    fn try_from(Written { method, level }: Written) -> Result<Self, Fault> {
        Self::new(&method, level)
    }
}

impl Compression {
    /// The method with this name, at this level or the default one.
    pub fn new(method: &str, level: Option<u32>) -> Result<Self, Fault> {
        let fault = || {
            let level = level.map_or(String::new(), |level| format!(" at level {level}"));
            Fault::new(format!("nothing is compressed by {method:?}{level}"))
        };
        let known = RULES.compression.get(method);
        let level = match known {
            Some(Levels { levels: None, .. }) if level.is_none() => 0,
            Some(Levels {
                levels: Some((least, most)),
                level: default,
            }) => {
                let level = level.or(*default).ok_or_else(fault)?;
                (*least..=*most)
                    .contains(&level)
                    .then_some(level)
                    .ok_or_else(fault)?
            }
            _ => return Err(fault()),
        };
        match method {
            "gzip" => Ok(Self::Gzip(level)),
            "zstd" => Ok(Self::Zstd(level)),
            "xz" => Ok(Self::Xz(level)),
            "none" => Ok(Self::None),
            _ => Err(fault()),
        }
    }

    /// The method's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip(_) => "gzip",
            Self::Zstd(_) => "zstd",
            Self::Xz(_) => "xz",
            Self::None => "none",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_has_its_levels() {
        for (method, level, wanted) in [
            ("gzip", None, Some(Compression::Gzip(5))),
            ("gzip", Some(12), Some(Compression::Gzip(12))),
            ("gzip", Some(0), None),
            ("gzip", Some(13), None),
            ("zstd", None, Some(Compression::Zstd(3))),
            ("zstd", Some(20), None),
            ("xz", None, Some(Compression::Xz(6))),
            ("xz", Some(0), Some(Compression::Xz(0))),
            ("none", None, Some(Compression::None)),
            ("none", Some(1), None),
            ("bzip2", None, None),
        ] {
            assert_eq!(
                Compression::new(method, level).ok(),
                wanted,
                "{method} {level:?}"
            );
        }
        for method in RULES.compression.keys() {
            assert_eq!(Compression::new(method, None).unwrap().name(), method);
        }
    }
}
