//! Resource: how much of something a program may count on, and how much it gets at most.

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::image::draft::At;
use crate::image::findings::Findings;
use crate::image::invalid::Invalid;
use crate::image::members::{Members, kind, written};
use crate::image::quantity::Quantity;

/// What is requested, what is the limit, or both; the request is not above the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Resource {
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<Quantity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<Quantity>,
}

/// The least memory with which rkt starts anything.
const LEAST_MEMORY: u64 = 4096;

impl Resource {
    /// What the program may count on.
    #[must_use]
    pub fn request(&self) -> Option<Quantity> {
        self.request
    }

    /// What the program gets at most.
    #[must_use]
    pub fn limit(&self) -> Option<Quantity> {
        self.limit
    }

    pub(super) fn check_cpu(value: At<Value>, findings: &mut Findings<'_>) -> Option<Self> {
        Self::check(value, |_| Ok(()), findings)
    }

    pub(super) fn check_memory(value: At<Value>, findings: &mut Findings<'_>) -> Option<Self> {
        let enough = |quantity: Quantity| match quantity.as_units() {
            None => Err(Invalid::new(format!(
                "{quantity} is no whole number of bytes; M is a million, m a thousandth"
            ))),
            Some(bytes) if bytes < LEAST_MEMORY => Err(Invalid::new(format!(
                "{quantity} is {bytes} bytes; {LEAST_MEMORY} (\"4Ki\") is the least with which rkt starts a program"
            ))),
            Some(_) => Ok(()),
        };
        Self::check(value, enough, findings)
    }

    fn check(
        value: At<Value>,
        rule: fn(Quantity) -> Result<(), Invalid>,
        findings: &mut Findings<'_>,
    ) -> Option<Self> {
        let mut members = Members::open(value, findings)?;
        let place = members.place().to_owned();
        if members.flag("default", findings) {
            findings.problem(
                &members.place_of("default"),
                "true is not for this isolator; leave default out",
            );
        }
        let mut read = |name| -> Option<Option<(String, Quantity)>> {
            let Some(at) = members.take(name) else {
                return Some(None);
            };
            let quantity = quantity(&at, findings)?;
            findings.check(&at.place, rule(quantity))?;
            Some(Some((at.place, quantity)))
        };
        let (request, limit) = (read("request"), read("limit"));
        members.close(findings);
        let (request, limit) = (request?, limit?);
        if let (Some((place, request)), Some((_, limit))) = (&request, &limit)
            && request > limit
        {
            findings.problem(
                place,
                format_args!("{request} is above the limit {limit}; request that much or less"),
            );
        }
        if request.is_none() && limit.is_none() {
            findings.problem(&place, "says nothing; give it a request, a limit or both");
        }
        Some(Self {
            request: request.map(|(_, quantity)| quantity),
            limit: limit.map(|(_, quantity)| quantity),
        })
    }
}

/// A limit for a device or network that the program gets by default. Written with `default: true`, the only form
/// that the specification has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(Quantity);

impl Limit {
    /// The limit.
    #[must_use]
    pub fn get(self) -> Quantity {
        self.0
    }

    pub(super) fn check(value: At<Value>, findings: &mut Findings<'_>) -> Option<Self> {
        let mut members = Members::open(value, findings)?;
        match members.need("default", findings) {
            Some(At { place, value }) if value != Value::Bool(true) => {
                let value = written(&value);
                findings.problem(
                    &place,
                    format_args!("{value} is not for this isolator; write true"),
                );
            }
            _ => {}
        }
        if let Some(at) = members.take("request") {
            findings.problem(
                &at.place,
                "this isolator has only a limit; leave request out",
            );
        }
        let limit = members.need("limit", findings);
        members.close(findings);
        let limit = limit?;
        let quantity = quantity(&limit, findings)?;
        if quantity.as_units().is_none() {
            findings.problem(
                &limit.place,
                format_args!("{quantity} is not a whole number; M is a million, m a thousandth"),
            );
        }
        Some(Self(quantity))
    }
}

impl Serialize for Limit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut limit = serializer.serialize_struct("Limit", 2)?;
        limit.serialize_field("default", &true)?;
        limit.serialize_field("limit", &self.0)?;
        limit.end()
    }
}

/// A quantity is written as a string or as a bare number.
fn quantity(at: &At<Value>, findings: &mut Findings<'_>) -> Option<Quantity> {
    let text = match &at.value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        other => {
            findings.problem(
                &at.place,
                format_args!(
                    "{} is {}, not a quantity; write one as in \"500m\", \"2\", \"1Gi\"",
                    written(other),
                    kind(other)
                ),
            );
            return None;
        }
    };
    findings.check(&at.place, text.parse())
}
