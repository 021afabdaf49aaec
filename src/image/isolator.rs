//! Isolator: a limit or right of a program, one type for each that appc 0.8.11 has.
//!
//! The tools refuse a whole manifest for an isolator that they do not know, and crash on one without a value; so
//! there is no way to write either.

mod capability;
mod resource;
mod seccomp;
mod security;

use std::collections::BTreeSet;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use serde_json::Value;

pub use capability::{Capability, CapabilitySet};
pub use resource::{Limit, Resource};
pub use seccomp::{SeccompItem, SeccompSet};
pub use security::{CpuShares, OomScoreAdj, SelinuxContext, Sysctl};

use super::draft::{At, IsolatorDraft};
use super::findings::Findings;
use super::invalid::shown;
use super::members::{kind, written};
use crate::host::nearest::did_you_mean;

/// An isolator with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Isolator {
    /// `resource/cpu`, in cores.
    Cpu(Resource),
    /// `resource/memory`, in bytes.
    Memory(Resource),
    /// `resource/block-bandwidth`, in bytes per second.
    BlockBandwidth(Limit),
    /// `resource/block-iops`, in operations per second.
    BlockIops(Limit),
    /// `resource/network-bandwidth`, in bits per second.
    NetworkBandwidth(Limit),
    /// `os/linux/capabilities-retain-set`: the only capabilities kept.
    CapabilitiesRetain(CapabilitySet),
    /// `os/linux/capabilities-remove-set`: capabilities taken from the default ones.
    CapabilitiesRemove(CapabilitySet),
    /// `os/linux/seccomp-retain-set`: the only system calls left.
    SeccompRetain(SeccompSet),
    /// `os/linux/seccomp-remove-set`: system calls taken away.
    SeccompRemove(SeccompSet),
    /// `os/linux/no-new-privileges`.
    NoNewPrivileges(bool),
    /// `os/linux/oom-score-adj`.
    OomScoreAdj(OomScoreAdj),
    /// `os/linux/cpu-shares`.
    CpuShares(CpuShares),
    /// `os/linux/selinux-context`.
    SelinuxContext(SelinuxContext),
    /// `os/unix/sysctl`.
    Sysctl(Sysctl),
}

const CPU: &str = "resource/cpu";
const MEMORY: &str = "resource/memory";
const BLOCK_BANDWIDTH: &str = "resource/block-bandwidth";
const BLOCK_IOPS: &str = "resource/block-iops";
const NETWORK_BANDWIDTH: &str = "resource/network-bandwidth";
const CAPABILITIES_RETAIN: &str = "os/linux/capabilities-retain-set";
const CAPABILITIES_REMOVE: &str = "os/linux/capabilities-remove-set";
const SECCOMP_RETAIN: &str = "os/linux/seccomp-retain-set";
const SECCOMP_REMOVE: &str = "os/linux/seccomp-remove-set";
const NO_NEW_PRIVILEGES: &str = "os/linux/no-new-privileges";
const OOM_SCORE_ADJ: &str = "os/linux/oom-score-adj";
const CPU_SHARES: &str = "os/linux/cpu-shares";
const SELINUX_CONTEXT: &str = "os/linux/selinux-context";
const SYSCTL: &str = "os/unix/sysctl";

/// All isolators of appc 0.8.11.
const NAMES: [&str; 14] = [
    CPU,
    MEMORY,
    BLOCK_BANDWIDTH,
    BLOCK_IOPS,
    NETWORK_BANDWIDTH,
    CAPABILITIES_RETAIN,
    CAPABILITIES_REMOVE,
    SECCOMP_RETAIN,
    SECCOMP_REMOVE,
    NO_NEW_PRIVILEGES,
    OOM_SCORE_ADJ,
    CPU_SHARES,
    SELINUX_CONTEXT,
    SYSCTL,
];

impl Isolator {
    /// The name in the manifest, e.g. `resource/memory`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Cpu(_) => CPU,
            Self::Memory(_) => MEMORY,
            Self::BlockBandwidth(_) => BLOCK_BANDWIDTH,
            Self::BlockIops(_) => BLOCK_IOPS,
            Self::NetworkBandwidth(_) => NETWORK_BANDWIDTH,
            Self::CapabilitiesRetain(_) => CAPABILITIES_RETAIN,
            Self::CapabilitiesRemove(_) => CAPABILITIES_REMOVE,
            Self::SeccompRetain(_) => SECCOMP_RETAIN,
            Self::SeccompRemove(_) => SECCOMP_REMOVE,
            Self::NoNewPrivileges(_) => NO_NEW_PRIVILEGES,
            Self::OomScoreAdj(_) => OOM_SCORE_ADJ,
            Self::CpuShares(_) => CPU_SHARES,
            Self::SelinuxContext(_) => SELINUX_CONTEXT,
            Self::Sysctl(_) => SYSCTL,
        }
    }

    pub(super) fn check(drafts: Vec<IsolatorDraft>, findings: &mut Findings<'_>) -> Vec<Self> {
        let mut seen = BTreeSet::new();
        let mut checked = Vec::new();
        for IsolatorDraft { name, value } in drafts {
            let At { place, value: name } = name;
            if let Some(other) = rival(&name).filter(|rival| seen.contains(*rival)) {
                findings.problem(
                    &place,
                    format_args!("{name} and {other} exclude each other; keep one of the two"),
                );
            }
            checked.extend(Self::check_one(&place, &name, value, findings));
            if !seen.insert(name) {
                findings.problem(
                    &place,
                    "this isolator is given twice; write it once, with all that it has",
                );
            }
        }
        checked
    }

    fn check_one(
        place: &str,
        name: &str,
        value: At<Value>,
        findings: &mut Findings<'_>,
    ) -> Option<Self> {
        Some(match name {
            CPU => Self::Cpu(Resource::check_cpu(value, findings)?),
            MEMORY => Self::Memory(Resource::check_memory(value, findings)?),
            BLOCK_BANDWIDTH => Self::BlockBandwidth(Limit::check(value, findings)?),
            BLOCK_IOPS => Self::BlockIops(Limit::check(value, findings)?),
            NETWORK_BANDWIDTH => Self::NetworkBandwidth(Limit::check(value, findings)?),
            CAPABILITIES_RETAIN => Self::CapabilitiesRetain(CapabilitySet::check(value, findings)?),
            CAPABILITIES_REMOVE => Self::CapabilitiesRemove(CapabilitySet::check(value, findings)?),
            SECCOMP_RETAIN => Self::SeccompRetain(SeccompSet::check(value, findings)?),
            SECCOMP_REMOVE => Self::SeccompRemove(SeccompSet::check(value, findings)?),
            NO_NEW_PRIVILEGES => Self::NoNewPrivileges(boolean(&value, findings)?),
            OOM_SCORE_ADJ => Self::OomScoreAdj(OomScoreAdj::check(&value, findings)?),
            CPU_SHARES => Self::CpuShares(CpuShares::check(&value, findings)?),
            SELINUX_CONTEXT => Self::SelinuxContext(SelinuxContext::check(value, findings)?),
            SYSCTL => Self::Sysctl(Sysctl::check(value, findings)?),
            _ => {
                findings.problem(place, unknown(name));
                return None;
            }
        })
    }
}

/// The isolator that `name` cannot stand beside.
fn rival(name: &str) -> Option<&'static str> {
    match name {
        CAPABILITIES_RETAIN => Some(CAPABILITIES_REMOVE),
        CAPABILITIES_REMOVE => Some(CAPABILITIES_RETAIN),
        SECCOMP_RETAIN => Some(SECCOMP_REMOVE),
        SECCOMP_REMOVE => Some(SECCOMP_RETAIN),
        _ => None,
    }
}

fn unknown(name: &str) -> String {
    let mend = if name == "os/linux/apparmor-profile" {
        "; it came after that version, leave it out".to_owned()
    } else {
        // `memory` alone is far from `resource/memory` by letters, but means it.
        NAMES
            .iter()
            .find(|known| known.rsplit('/').next() == Some(name))
            .map_or_else(
                || did_you_mean(name, NAMES),
                |known| format!("; did you mean \"{known}\"?"),
            )
    };
    format!(
        "{} is no isolator of appc {}, and the tools refuse an image with one{mend}",
        shown(name),
        super::AC_VERSION
    )
}

fn boolean(at: &At<Value>, findings: &mut Findings<'_>) -> Option<bool> {
    let found = at.value.as_bool();
    if found.is_none() {
        let value = &at.value;
        findings.problem(
            &at.place,
            format_args!("{} is {}, not true or false", written(value), kind(value)),
        );
    }
    found
}

impl Serialize for Isolator {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut isolator = serializer.serialize_struct("Isolator", 2)?;
        isolator.serialize_field("name", self.name())?;
        match self {
            Self::Cpu(value) | Self::Memory(value) => isolator.serialize_field("value", value),
            Self::BlockBandwidth(value)
            | Self::BlockIops(value)
            | Self::NetworkBandwidth(value) => isolator.serialize_field("value", value),
            Self::CapabilitiesRetain(value) | Self::CapabilitiesRemove(value) => {
                isolator.serialize_field("value", value)
            }
            Self::SeccompRetain(value) | Self::SeccompRemove(value) => {
                isolator.serialize_field("value", value)
            }
            Self::NoNewPrivileges(value) => isolator.serialize_field("value", value),
            Self::OomScoreAdj(value) => isolator.serialize_field("value", value),
            Self::CpuShares(value) => isolator.serialize_field("value", value),
            Self::SelinuxContext(value) => isolator.serialize_field("value", value),
            Self::Sysctl(value) => isolator.serialize_field("value", value),
        }?;
        isolator.end()
    }
}
