//! Mounts: the places of an image where a runtime puts volumes.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::path::InnerPath;
use super::text::{Name, text};
use crate::rules::{Fault, RULES, broken};

text!(
    /// An image path below the root, without what runtimes would cut it at.
    MountPath,
    |text| {
        let cut = |c: char| RULES.path.not_in_mounts.contains(c);
        if text.contains(cut) {
            return Err(broken(text, "has a character at which runtimes cut the path of a volume"));
        }
        InnerPath::try_from(text.to_owned()).map(|_| ())
    }
);

/// Where a volume appears, and whether the image only reads it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Mount {
    /// The place in the image.
    pub path: MountPath,
    /// Whether the volume is mounted read-only, unless the command line says otherwise.
    pub read_only: bool,
}

/// Mount points by the name that a command line has for each; no path is that of two.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "BTreeMap<Name, Mount>")]
pub struct Mounts(BTreeMap<Name, Mount>);

impl Mounts {
    /// The writable ones and then those that are only read, each by name.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &Mount)> {
        let of = |read_only| {
            self.0
                .iter()
                .filter(move |(_, mount)| mount.read_only == read_only)
        };
        of(false).chain(of(true))
    }
}

impl TryFrom<BTreeMap<Name, Mount>> for Mounts {
    type Error = Fault;

    fn try_from(mounts: BTreeMap<Name, Mount>) -> Result<Self, Fault> {
        let mut paths = BTreeSet::new();
        match mounts.values().find(|mount| !paths.insert(&mount.path)) {
            Some(double) => Err(broken(
                double.path.as_str(),
                "is the path of two mount points",
            )),
            None => Ok(Self(mounts)),
        }
    }
}

impl Mount {
    /// The argument in which an author writes such a mount point.
    #[must_use]
    pub fn argument(&self) -> &'static str {
        if self.read_only { "mountsRo" } else { "mounts" }
    }
}
