//! Port: one or more consecutive network ports on which a program listens.

use std::collections::BTreeSet;
use std::num::NonZeroU16;
use std::ops::Not;

use serde::Serialize;

use super::draft::{At, PortDraft};
use super::findings::Findings;
use super::invalid::{Invalid, shown};
use super::name::AcName;
use super::number::whole;
use crate::host::nearest::did_you_mean;

/// The protocols that runtimes forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// `tcp`
    Tcp,
    /// `udp`
    Udp,
}

/// A named range of ports that ends at 65535 or before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Port {
    name: AcName,
    protocol: Protocol,
    #[serde(rename = "port")]
    first: NonZeroU16,
    #[serde(skip_serializing_if = "is_one")]
    count: NonZeroU16,
    #[serde(skip_serializing_if = "Not::not")]
    socket_activated: bool,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes every field by reference"
)]
fn is_one(count: &NonZeroU16) -> bool {
    *count == NonZeroU16::MIN
}

impl Port {
    /// `count` ports from `first` on.
    pub fn new(
        name: AcName,
        protocol: Protocol,
        first: NonZeroU16,
        count: NonZeroU16,
        socket_activated: bool,
    ) -> Result<Self, Invalid> {
        check_range(first, count)?;
        Ok(Self {
            name,
            protocol,
            first,
            count,
            socket_activated,
        })
    }

    /// What the port is called on the command line.
    #[must_use]
    pub fn name(&self) -> &AcName {
        &self.name
    }

    /// The protocol.
    #[must_use]
    pub fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// The ports, first to last.
    #[must_use]
    pub fn range(&self) -> std::ops::RangeInclusive<u16> {
        self.first.get()..=self.first.get() + (self.count.get() - 1)
    }

    /// Whether the runtime listens in the program's place.
    #[must_use]
    pub fn socket_activated(&self) -> bool {
        self.socket_activated
    }

    pub(super) fn check(drafts: Vec<PortDraft>, findings: &mut Findings<'_>) -> Vec<Self> {
        let mut names = BTreeSet::new();
        let mut ports = Vec::new();
        for draft in drafts {
            let At { place, value: name } = &draft.name;
            if !names.insert(name.clone()) {
                findings.problem(
                    place,
                    format_args!(
                        "another port is called {name} too; a port is forwarded by its name"
                    ),
                );
            }
            ports.extend(Self::check_one(&draft, findings));
        }
        ports
    }

    fn check_one(draft: &PortDraft, findings: &mut Findings<'_>) -> Option<Self> {
        let name = findings.check(&draft.name.place, draft.name.value.parse());
        let protocol = findings.check(&draft.protocol.place, protocol(&draft.protocol.value));
        let mut number = |at: &At<_>, what| {
            let number = whole(&at.value, what, 1, u16::MAX);
            findings.check(&at.place, number).and_then(NonZeroU16::new)
        };
        let first = number(&draft.port, "a port");
        let (count_place, count) = match &draft.count {
            None => (&draft.port.place, Some(NonZeroU16::MIN)),
            Some(at) => (&at.place, number(at, "a count of ports")),
        };
        let (first, count) = first
            .zip(count)
            .and_then(|(first, count)| {
                findings.check(count_place, check_range(first, count))?;
                Some((first, count))
            })
            .unzip();
        Self::new(name?, protocol?, first?, count?, draft.socket_activated).ok()
    }
}

/// Refuses a range that ends after the last port.
fn check_range(first: NonZeroU16, count: NonZeroU16) -> Result<(), Invalid> {
    let last = u32::from(first.get()) + u32::from(count.get()) - 1;
    if last > u32::from(u16::MAX) {
        return Err(Invalid::new(format!(
            "{count} ports from {first} on would end at {last}; the last port is {}",
            u16::MAX
        )));
    }
    Ok(())
}

fn protocol(text: &str) -> Result<Protocol, Invalid> {
    match text {
        "tcp" => Ok(Protocol::Tcp),
        "udp" => Ok(Protocol::Udp),
        _ => Err(Invalid::new(format!(
            "{} is neither \"tcp\" nor \"udp\", and no other protocol is forwarded{}",
            shown(text),
            did_you_mean(text, ["tcp", "udp"])
        ))),
    }
}
