//! Seccomp: which system calls a program may make.

use std::collections::BTreeSet;
use std::str::FromStr;

use serde::Serialize;
use serde_json::Value;

use super::capability::set;
use crate::host::nearest::did_you_mean;
use crate::image::draft::At;
use crate::image::findings::Findings;
use crate::image::identifier::AcIdentifier;
use crate::image::invalid::{Invalid, shown};
use crate::image::members::Members;

/// The system calls of Linux on the architectures that appc names, one per line.
const CALLS: &str = include_str!("../../rules/syscalls.txt");

/// The error numbers of Linux, one per line.
const ERRORS: &str = include_str!("../../rules/errors.txt");

/// The sets that every executor knows.
const COMMON: [&str; 2] = ["@appc.io/all", "@appc.io/empty"];

/// A system call such as `reboot`, or a set of them such as `@appc.io/all`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct SeccompItem(String);

impl SeccompItem {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SeccompItem {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let fault = if let Some(wildcard) = text.strip_prefix('@') {
            if wildcard.parse::<AcIdentifier>().is_err() || !wildcard.contains('/') {
                "is not a set of system calls as in \"@appc.io/all\"".to_owned()
            } else if text.starts_with("@appc.io/") && !COMMON.contains(&text) {
                format!("is no set of appc{}", did_you_mean(text, COMMON))
            } else {
                return Ok(Self(text.to_owned()));
            }
        } else if CALLS.lines().any(|known| known == text) {
            return Ok(Self(text.to_owned()));
        } else {
            format!(
                "is no system call of Linux{}",
                did_you_mean(text, CALLS.lines())
            )
        };
        Err(Invalid::new(format!("{} {fault}", shown(text))))
    }
}

/// One system call or more, and the error that the forbidden ones return.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SeccompSet {
    set: BTreeSet<SeccompItem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    errno: Option<&'static str>,
}

impl SeccompSet {
    /// The system calls and sets, by name.
    pub fn iter(&self) -> impl Iterator<Item = &SeccompItem> {
        self.set.iter()
    }

    /// The error that a forbidden call returns, e.g. `EPERM`; the program is killed when there is none.
    #[must_use]
    pub fn errno(&self) -> Option<&'static str> {
        self.errno
    }

    pub(super) fn check(value: At<Value>, findings: &mut Findings<'_>) -> Option<Self> {
        let mut members = Members::open(value, findings)?;
        let set = set(&mut members, findings);
        let errno = members
            .string("errno", findings)
            .filter(|at| !at.value.is_empty())
            .and_then(|at| findings.check(&at.place, errno(&at.value)));
        members.close(findings);
        Some(Self { set: set?, errno })
    }
}

fn errno(text: &str) -> Result<&'static str, Invalid> {
    ERRORS.lines().find(|known| *known == text).ok_or_else(|| {
        Invalid::new(format!(
            "{} is no error number of Linux{}",
            shown(text),
            did_you_mean(text, ERRORS.lines())
        ))
    })
}
