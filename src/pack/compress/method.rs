//! The method: how the archive is compressed, checked.

use libdeflater::CompressionLvl;

use crate::host::problem::Problem;
use crate::input::spec::{Compression, Face};

/// How an archive is compressed. The default is gzip at level 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Method(pub(super) Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Gzip(CompressionLvl),
    Zstd(i32),
    Xz(u32),
    None,
}

/// The level that gives output no larger than `gzip -6` in the least time.
const GZIP_LEVEL: u32 = 5;
/// The level that gives a smaller output than gzip's in the same time.
const ZSTD_LEVEL: u32 = 6;
const XZ_LEVEL: u32 = 6;

impl Method {
    /// The stream as it is.
    pub const NONE: Self = Self(Kind::None);

    /// gzip at a level from 1 to 12.
    ///
    /// # Errors
    /// The rule and the mend, for any other level.
    pub fn gzip(level: u32) -> Result<Self, String> {
        let level = in_range(level, 1, 12, "gzip")?;
        i32::try_from(level)
            .ok()
            .and_then(|level| CompressionLvl::new(level).ok())
            .map(|level| Self(Kind::Gzip(level)))
            .ok_or_else(|| format!("{level} is not a level of gzip"))
    }

    /// zstd at a level from 1 to 19.
    ///
    /// # Errors
    /// The rule and the mend, for any other level.
    pub fn zstd(level: u32) -> Result<Self, String> {
        let level = in_range(level, 1, 19, "zstd")?;
        Ok(Self(Kind::Zstd(i32::try_from(level).unwrap_or(i32::MAX))))
    }

    /// xz at a level from 0 to 9.
    ///
    /// Each thread takes the memory that the `xz` program needs for a thread at that level: some 170 MB at level 6,
    /// 1.3 GB at level 9.
    ///
    /// # Errors
    /// The rule and the mend, for any other level.
    pub fn xz(level: u32) -> Result<Self, String> {
        Ok(Self(Kind::Xz(in_range(level, 0, 9, "xz")?)))
    }

    /// Whether images of this form are read that are compressed so.
    ///
    /// # Errors
    /// The mend, where they are not.
    pub fn fits(self, face: Face) -> Result<(), &'static str> {
        match (face, self.0) {
            (Face::Aci, Kind::Zstd(_)) => Err(
                "runtimes of App Container Images do not read zstd; write \"gzip\" or \"xz\", or build the OCI image",
            ),
            (Face::Oci, Kind::Xz(_)) => {
                Err("OCI images have no such layers as xz makes; write \"gzip\" or \"zstd\"")
            }
            _ => Ok(()),
        }
    }

    /// What the media type of an OCI layer has at its end; nothing when OCI has no such layers.
    #[must_use]
    pub fn media_type_suffix(&self) -> Option<&'static str> {
        match self.0 {
            Kind::Gzip(_) => Some("+gzip"),
            Kind::Zstd(_) => Some("+zstd"),
            Kind::Xz(_) => None,
            Kind::None => Some(""),
        }
    }

    /// The method's name, as in the argument `compression`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self.0 {
            Kind::Gzip(_) => "gzip",
            Kind::Zstd(_) => "zstd",
            Kind::Xz(_) => "xz",
            Kind::None => "none",
        }
    }

    /// The method that the author asked for.
    ///
    /// # Errors
    /// The problem with `compression.method` or `compression.level`.
    pub fn from_spec(spec: &Compression) -> Result<Self, Problem> {
        let checked = match spec.method.as_str() {
            "gzip" => Self::gzip(spec.level.unwrap_or(GZIP_LEVEL)),
            "zstd" => Self::zstd(spec.level.unwrap_or(ZSTD_LEVEL)),
            "xz" => Self::xz(spec.level.unwrap_or(XZ_LEVEL)),
            "none" => match spec.level {
                None => Ok(Self::NONE),
                Some(level) => Err(format!(
                    "{level} has no meaning, since method \"none\" has no levels; leave it out"
                )),
            },
            other => {
                return Err(Problem {
                    argument: "compression.method".to_owned(),
                    message: format!(
                        "{other:?} is not a method; write \"gzip\", \"zstd\", \"xz\" or \"none\""
                    ),
                });
            }
        };
        checked.map_err(|message| Problem {
            argument: "compression.level".to_owned(),
            message,
        })
    }
}

fn in_range(level: u32, least: u32, most: u32, method: &str) -> Result<u32, String> {
    if (least..=most).contains(&level) {
        Ok(level)
    } else {
        Err(format!(
            "{level} is not a level of {method}; write a number from {least} to {most}"
        ))
    }
}
