//! Security: the rest; small isolators: two numbers of the kernel's scheduling, and what its security modules and settings take.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::image::draft::At;
use crate::image::findings::Findings;
use crate::image::invalid::{Invalid, shown};
use crate::image::members::Members;
use crate::image::number::whole;

/// -1000 (never killed for want of memory) to 1000 (killed first).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct OomScoreAdj(i16);

impl OomScoreAdj {
    /// The number.
    #[must_use]
    pub fn get(self) -> i16 {
        self.0
    }

    pub(super) fn check(at: &At<Value>, findings: &mut Findings<'_>) -> Option<Self> {
        let number = whole(&at.value, "a score", -1000, 1000);
        findings.check(&at.place, number).map(Self)
    }
}

/// 2 to 262144; a program with twice the shares gets twice the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct CpuShares(u32);

impl CpuShares {
    /// The number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }

    pub(super) fn check(at: &At<Value>, findings: &mut Findings<'_>) -> Option<Self> {
        let number = whole(&at.value, "a number of shares", 2, 262_144);
        findings.check(&at.place, number).map(Self)
    }
}

/// The four parts of an `SELinux` context; only the level may have colons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SelinuxContext {
    user: String,
    role: String,
    #[serde(rename = "type")]
    domain: String,
    level: String,
}

impl SelinuxContext {
    /// The context as `SELinux` writes it, `user:role:type:level`.
    #[must_use]
    pub fn joined(&self) -> String {
        let Self {
            user,
            role,
            domain,
            level,
        } = self;
        format!("{user}:{role}:{domain}:{level}")
    }

    pub(super) fn check(value: At<Value>, findings: &mut Findings<'_>) -> Option<Self> {
        let mut members = Members::open(value, findings)?;
        let mut part = |name| {
            let at = members.need_string(name, findings)?;
            let text = part(at.value, name == "level");
            findings.check(&at.place, text)
        };
        let (user, role) = (part("user"), part("role"));
        let (domain, level) = (part("type"), part("level"));
        members.close(findings);
        Some(Self {
            user: user?,
            role: role?,
            domain: domain?,
            level: level?,
        })
    }
}

fn part(text: String, colons: bool) -> Result<String, Invalid> {
    if text.is_empty() {
        Err(Invalid::new("is empty; a context has all four parts"))
    } else if let Some(c) = text
        .chars()
        .find(|c| !c.is_ascii_graphic() || (*c == ':' && !colons))
    {
        Err(Invalid::new(format!(
            "{} has the character {c:?}, which no such part of a context has",
            shown(&text)
        )))
    } else {
        Ok(text)
    }
}

/// Kernel settings of the pod, e.g. `net.ipv4.tcp_mtu_probing` to `1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Sysctl(BTreeMap<String, String>);

impl Sysctl {
    /// The settings, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub(super) fn check(value: At<Value>, findings: &mut Findings<'_>) -> Option<Self> {
        let members = Members::open(value, findings)?;
        let place = members.place().to_owned();
        let mut settings = BTreeMap::new();
        for (At { place, value: name }, value) in members.into_strings(findings) {
            let valid = name.contains(['.', '/'])
                && name.split(['.', '/']).all(|part| {
                    !part.is_empty()
                        && part
                            .chars()
                            .all(|c| c.is_ascii_alphanumeric() || "_-:@".contains(c))
                });
            if !valid {
                findings.problem(
                    &place,
                    format_args!(
                        "{} is no kernel setting; write its name as in \"net.ipv4.tcp_mtu_probing\"",
                        shown(&name)
                    ),
                );
            }
            if value.contains(['\n', '\0']) {
                findings.problem(
                    &place,
                    format_args!("{} is not one line of text", shown(&value)),
                );
            }
            settings.insert(name, value);
        }
        if settings.is_empty() {
            findings.problem(
                &place,
                "sets nothing; name a setting or leave the isolator out",
            );
        }
        Some(Self(settings))
    }
}
