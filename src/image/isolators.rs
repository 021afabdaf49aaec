//! Isolators: the rights and limits of a program (appc, "App Container Executor", "Isolators").

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::quantity::Quantity;
use super::text::{Capability, ContextLevel, ContextPart, ErrorNumber, Line, Setting, SystemCall};
use super::unique::Several;
use crate::rules::{Fault, Number, RULES};

/// One right or limit, in JSON its name and value. There are no others: tools refuse an image for one they do not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", content = "value", deny_unknown_fields)]
pub enum Isolator {
    /// Cores.
    #[serde(rename = "resource/cpu")]
    Cpu(Resource),
    /// Bytes of memory.
    #[serde(rename = "resource/memory")]
    Memory(Memory),
    /// Bytes a second, of block devices.
    #[serde(rename = "resource/block-bandwidth")]
    BlockBandwidth(Limit),
    /// Operations a second, of block devices.
    #[serde(rename = "resource/block-iops")]
    BlockIops(Limit),
    /// Bits a second, of the network.
    #[serde(rename = "resource/network-bandwidth")]
    NetworkBandwidth(Limit),
    /// The only capabilities that are left.
    #[serde(rename = "os/linux/capabilities-retain-set")]
    CapabilitiesRetain(Set<Capability>),
    /// Capabilities taken from the default ones.
    #[serde(rename = "os/linux/capabilities-remove-set")]
    CapabilitiesRemove(Set<Capability>),
    /// The only system calls that are left.
    #[serde(rename = "os/linux/seccomp-retain-set")]
    SeccompRetain(SystemCalls),
    /// System calls taken away.
    #[serde(rename = "os/linux/seccomp-remove-set")]
    SeccompRemove(SystemCalls),
    /// Whether the program can never gain rights by executing another one.
    #[serde(rename = "os/linux/no-new-privileges")]
    NoNewPrivileges(bool),
    /// How soon the program is killed for want of memory.
    #[serde(rename = "os/linux/oom-score-adj")]
    OomScoreAdj(OomScoreAdj),
    /// A program with twice the shares gets twice the time.
    #[serde(rename = "os/linux/cpu-shares")]
    CpuShares(CpuShares),
    /// What `SELinux` knows the program as.
    #[serde(rename = "os/linux/selinux-context")]
    SelinuxContext(SelinuxContext),
    /// Kernel settings of the pod.
    #[serde(rename = "os/unix/sysctl")]
    Sysctl(Settings),
}

/// What is requested, what is the limit, or both; the request is not above the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WrittenResource")]
pub struct Resource {
    /// What the program may count on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Quantity>,
    /// What the program gets at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<Quantity>,
}

/// A resource as the spec has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenResource {
    #[serde(default)]
    default: bool,
    request: Option<Quantity>,
    limit: Option<Quantity>,
}

impl TryFrom<WrittenResource> for Resource {
    type Error = Fault;

    fn try_from(written: WrittenResource) -> Result<Self, Fault> {
        match written {
            WrittenResource { default: true, .. } => Err(Fault::new("default is not for this")),
            WrittenResource {
                request: None,
                limit: None,
                ..
            } => Err(Fault::new("limits nothing")),
            WrittenResource {
                request: Some(request),
                limit: Some(limit),
                ..
            } if request > limit => {
                Err(Fault::new(format!("{request} is above the limit {limit}")))
            }
            WrittenResource { request, limit, .. } => Ok(Self { request, limit }),
        }
    }
}

/// A resource in whole bytes, of which rkt needs some to start anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Resource")]
pub struct Memory(Resource);

impl Memory {
    /// The amounts.
    #[must_use]
    pub fn get(self) -> Resource {
        self.0
    }
}

impl TryFrom<Resource> for Memory {
    type Error = Fault;

    fn try_from(resource: Resource) -> Result<Self, Fault> {
        let enough = |bytes| bytes >= RULES.quantity.least_memory;
        let mut amounts = resource.request.into_iter().chain(resource.limit);
        match amounts.find(|amount| !amount.units().is_some_and(enough)) {
            Some(amount) => Err(Fault::new(format!(
                "{amount} is no number of bytes that suffices"
            ))),
            None => Ok(Self(resource)),
        }
    }
}

/// A limit for a device or network that the program gets by default. The specification has no other form of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WrittenLimit")]
pub struct Limit {
    default: bool,
    /// The limit, a whole number.
    pub limit: Quantity,
}

/// A limit as the spec has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenLimit {
    default: bool,
    limit: Quantity,
}

impl TryFrom<WrittenLimit> for Limit {
    type Error = Fault;

    fn try_from(WrittenLimit { default, limit }: WrittenLimit) -> Result<Self, Fault> {
        if default && limit.units().is_some() {
            Ok(Self { default, limit })
        } else {
            Err(Fault::new("is no whole limit by default"))
        }
    }
}

/// A set of things, in JSON its member `set`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "T: Deserialize<'de> + Ord"))]
pub struct Set<T> {
    /// The things, by name.
    pub set: Several<T>,
}

/// System calls, and the error that the forbidden ones return; without one the program is killed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SystemCalls {
    /// The calls, and sets of them, by name.
    pub set: Several<SystemCall>,
    /// E.g. `EPERM`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errno: Option<ErrorNumber>,
}

/// -1000 (never killed) to 1000 (killed first).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i64")]
pub struct OomScoreAdj(i64);

/// 2 to 262144.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i64")]
pub struct CpuShares(i64);

/// Makes a type of numbers hold what a rule allows.
macro_rules! number {
    ($name:ident, $rule:ident) => {
        impl $name {
            /// The number.
            #[must_use]
            pub fn get(self) -> i64 {
                self.0
            }
        }

        impl TryFrom<i64> for $name {
            type Error = Fault;

            fn try_from(number: i64) -> Result<Self, Fault> {
                let rule: &Number = &RULES.numbers.$rule;
                rule.check(number).map(Self)
            }
        }
    };
}
number!(OomScoreAdj, oom_score_adj);
number!(CpuShares, cpu_shares);

/// The four parts of an `SELinux` context.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelinuxContext {
    /// User.
    pub user: ContextPart,
    /// Role.
    pub role: ContextPart,
    /// Type.
    #[serde(rename = "type")]
    pub domain: ContextPart,
    /// Level.
    pub level: ContextLevel,
}

/// Kernel settings, one or more, e.g. `net.ipv4.tcp_mtu_probing` to `1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<Setting, Line>")]
pub struct Settings(BTreeMap<Setting, Line>);

impl Settings {
    /// The settings, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let settings = self.0.iter();
        settings.map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl TryFrom<BTreeMap<Setting, Line>> for Settings {
    type Error = Fault;

    fn try_from(settings: BTreeMap<Setting, Line>) -> Result<Self, Fault> {
        if settings.is_empty() {
            return Err(Fault::new("sets nothing"));
        }
        Ok(Self(settings))
    }
}

/// Isolators, none of them twice, and none beside the one that excludes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Vec<Isolator>")]
pub struct Isolators(Vec<Isolator>);

impl TryFrom<Vec<Isolator>> for Isolators {
    type Error = Fault;

    fn try_from(isolators: Vec<Isolator>) -> Result<Self, Fault> {
        use Isolator::{CapabilitiesRemove, CapabilitiesRetain, SeccompRemove, SeccompRetain};
        let kinds: Vec<_> = isolators.iter().map(std::mem::discriminant).collect();
        let double = (1..kinds.len()).any(|at| kinds[..at].contains(&kinds[at]));
        let has = |wanted: fn(&Isolator) -> bool| isolators.iter().any(wanted);
        let rivals = has(|i| matches!(i, CapabilitiesRetain(_)))
            && has(|i| matches!(i, CapabilitiesRemove(_)))
            || has(|i| matches!(i, SeccompRetain(_))) && has(|i| matches!(i, SeccompRemove(_)));
        if double || rivals {
            return Err(Fault::new(
                "an isolator is there twice, or excludes another one",
            ));
        }
        Ok(Self(isolators))
    }
}

impl Isolators {
    /// Whether one of them is about system calls.
    #[must_use]
    pub fn has_seccomp(&self) -> bool {
        let is_seccomp = |isolator: &Isolator| {
            matches!(
                isolator,
                Isolator::SeccompRetain(_) | Isolator::SeccompRemove(_)
            )
        };
        self.0.iter().any(is_seccomp)
    }
}

impl std::ops::Deref for Isolators {
    type Target = [Isolator];

    fn deref(&self) -> &[Isolator] {
        &self.0
    }
}

/// What rkt forbids a program of which the isolators say nothing: sets of system calls that rkt brings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RktSeccomp {
    /// What only a host should do.
    #[default]
    Blacklist,
    /// All that rkt of 2017 did not know programs to do.
    Whitelist,
    /// Nothing.
    Nothing,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_for_rkts_filters_are_those_of_the_rules() {
        let words = RULES.rkt_seccomp.iter();
        let filters = words.map(|word| serde_json::from_value(word.as_str().into()).unwrap());
        assert_eq!(
            filters.collect::<Vec<RktSeccomp>>(),
            [
                RktSeccomp::Blacklist,
                RktSeccomp::Whitelist,
                RktSeccomp::Nothing
            ]
        );
    }
}
