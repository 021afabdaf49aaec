//! Ports: where a program listens.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::rules::{Fault, RULES};

/// The protocols that runtimes forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// `tcp`
    Tcp,
    /// `udp`
    Udp,
}

impl Protocol {
    /// The word that every runtime has for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }
}

/// One or more consecutive ports that end at 65535 or before.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub struct Port {
    /// The protocol.
    pub protocol: Protocol,
    /// The ports, first to last.
    pub range: RangeInclusive<u16>,
    /// Whether the runtime listens in the program's place.
    pub socket_activated: bool,
}

/// A port as the spec has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Written {
    protocol: Protocol,
    port: i64,
    #[serde(default = "one")]
    count: i64,
    #[serde(default)]
    socket_activated: bool,
}

fn one() -> i64 {
    1
}

impl TryFrom<Written> for Port {
    type Error = Fault;

    fn try_from(written: Written) -> Result<Self, Fault> {
        let first: u16 = RULES.numbers.port.check(written.port)?;
        let count: i64 = RULES.numbers.port_count.check(written.count)?;
        let last: u16 = RULES.numbers.port.check(written.port + count - 1)?;
        Ok(Self {
            protocol: written.protocol,
            range: first..=last,
            socket_activated: written.socket_activated,
        })
    }
}
