//! Capability: a part of root's power that the kernel gives and takes on its own.

use std::collections::BTreeSet;
use std::str::FromStr;

use serde::Serialize;
use serde_json::Value;

use crate::host::nearest::did_you_mean;
use crate::image::draft::At;
use crate::image::findings::Findings;
use crate::image::invalid::{Invalid, shown};
use crate::image::members::{Members, strings};

/// All capabilities of Linux, one per line.
const KNOWN: &str = include_str!("../../rules/capabilities.txt");

/// A capability that Linux has, e.g. `CAP_NET_ADMIN`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Capability(&'static str);

impl Capability {
    /// The name, with its `CAP_`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl FromStr for Capability {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        KNOWN
            .lines()
            .find(|known| *known == text)
            .map(Self)
            .ok_or_else(|| {
                let full = format!("CAP_{}", text.to_ascii_uppercase());
                let meant = KNOWN.lines().find(|known| *known == full);
                let mend = meant.map_or_else(
                    || did_you_mean(text, KNOWN.lines()),
                    |known| format!("; did you mean \"{known}\"?"),
                );
                Invalid::new(format!("{} is no capability of Linux{mend}", shown(text)))
            })
    }
}

/// One capability or more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CapabilitySet {
    set: BTreeSet<Capability>,
}

impl CapabilitySet {
    /// The capabilities, by name.
    pub fn iter(&self) -> impl Iterator<Item = Capability> {
        self.set.iter().copied()
    }

    pub(super) fn check(value: At<Value>, findings: &mut Findings<'_>) -> Option<Self> {
        let mut members = Members::open(value, findings)?;
        let set = set(&mut members, findings);
        members.close(findings);
        Some(Self { set: set? })
    }
}

/// The member `set`: not empty, nothing twice.
pub(super) fn set<T>(members: &mut Members, findings: &mut Findings<'_>) -> Option<BTreeSet<T>>
where
    T: FromStr<Err = Invalid> + Ord,
{
    let list = members.need("set", findings)?;
    let list = crate::image::members::list(list, findings)?;
    if list.value.is_empty() {
        findings.problem(
            &list.place,
            "is empty, which the tools refuse; name what is meant or leave the isolator out",
        );
    }
    let mut set = BTreeSet::new();
    for At { place, value } in strings(list.value, findings) {
        let Some(item) = findings.check(&place, value.parse()) else {
            continue;
        };
        if !set.insert(item) {
            findings.problem(&place, format_args!("{} is given twice", shown(&value)));
        }
    }
    Some(set)
}
