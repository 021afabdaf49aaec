//! Members: the parts of a JSON object, each known and of its type.
//!
//! What a reader does not know is an error here, since it would be lost without a word.

use serde_json::{Map, Value};

use super::draft::{At, List};
use super::findings::Findings;
use super::invalid::shown;
use crate::host::nearest::did_you_mean;

/// What kind of value this is, for messages.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// The value as it was written, for messages.
pub(super) fn written(value: &Value) -> String {
    match value {
        Value::String(text) => shown(text),
        Value::Array(_) | Value::Object(_) => "this".to_owned(),
        _ => value.to_string(),
    }
}

/// The place of the member `name` of what stands at `place`, quoted where a plain word would mislead.
pub(super) fn member_place(place: &str, name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    match (place, plain) {
        ("", true) => name.to_owned(),
        ("", false) => format!("{name:?}"),
        (_, true) => format!("{place}.{name}"),
        (_, false) => format!("{place}.{name:?}"),
    }
}

/// `value` as a string, or a problem.
pub(super) fn string(at: At<Value>, findings: &mut Findings<'_>) -> Option<At<String>> {
    match at.value {
        Value::String(text) => Some(At::new(at.place, text)),
        Value::Number(number) => {
            findings.problem(
                &at.place,
                format_args!("{number} is a number; write \"{number}\""),
            );
            None
        }
        other => {
            wrong_kind(&at.place, &other, "a string", findings);
            None
        }
    }
}

/// `value` as a list of strings without those that are none; each of these is a problem.
pub(super) fn strings(list: Vec<At<Value>>, findings: &mut Findings<'_>) -> Vec<At<String>> {
    list.into_iter()
        .filter_map(|item| string(item, findings))
        .collect()
}

/// `value` as a list, or a problem.
pub(super) fn list(at: At<Value>, findings: &mut Findings<'_>) -> Option<List<Value>> {
    let Value::Array(items) = at.value else {
        wrong_kind(&at.place, &at.value, "a list", findings);
        return None;
    };
    let items = items
        .into_iter()
        .enumerate()
        .map(|(index, item)| At::new(format!("{}[{index}]", at.place), item))
        .collect();
    Some(At::new(at.place, items))
}

fn wrong_kind(place: &str, value: &Value, wanted: &str, findings: &mut Findings<'_>) {
    let place = if place.is_empty() { "manifest" } else { place };
    let mend = if value.is_null() {
        "; leave it out instead"
    } else {
        ""
    };
    findings.problem(
        place,
        format_args!("{} is {}, not {wanted}{mend}", written(value), kind(value)),
    );
}

/// The members of one object, taken one by one; what is left at the end is unknown.
pub(super) struct Members {
    place: String,
    left: Map<String, Value>,
    asked: Vec<&'static str>,
}

impl Members {
    /// The members of `value`, or a problem when it is no object.
    pub(super) fn open(at: At<Value>, findings: &mut Findings<'_>) -> Option<Self> {
        match at.value {
            Value::Object(left) => Some(Self {
                place: at.place,
                left,
                asked: Vec::new(),
            }),
            other => {
                wrong_kind(&at.place, &other, "an object", findings);
                None
            }
        }
    }

    /// Where the object stands.
    pub(super) fn place(&self) -> &str {
        &self.place
    }

    /// Where the member `name` stands, or would stand.
    pub(super) fn place_of(&self, name: &str) -> String {
        member_place(&self.place, name)
    }

    /// The member `name`, if it is there.
    pub(super) fn take(&mut self, name: &'static str) -> Option<At<Value>> {
        self.asked.push(name);
        let value = self.left.remove(name)?;
        Some(At::new(self.place_of(name), value))
    }

    /// The member `name`; a problem when it is not there.
    pub(super) fn need(
        &mut self,
        name: &'static str,
        findings: &mut Findings<'_>,
    ) -> Option<At<Value>> {
        let found = self.take(name);
        if found.is_none() {
            findings.problem(&self.place_of(name), "is missing");
        }
        found
    }

    /// The string `name`, if it is there.
    pub(super) fn string(
        &mut self,
        name: &'static str,
        findings: &mut Findings<'_>,
    ) -> Option<At<String>> {
        self.take(name).and_then(|at| string(at, findings))
    }

    /// The string `name`; a problem when it is not there.
    pub(super) fn need_string(
        &mut self,
        name: &'static str,
        findings: &mut Findings<'_>,
    ) -> Option<At<String>> {
        self.need(name, findings)
            .and_then(|at| string(at, findings))
    }

    /// The boolean `name`; false when it is not there.
    pub(super) fn flag(&mut self, name: &'static str, findings: &mut Findings<'_>) -> bool {
        match self.take(name) {
            None => false,
            Some(At {
                value: Value::Bool(flag),
                ..
            }) => flag,
            Some(At { place, value }) => {
                wrong_kind(&place, &value, "true or false", findings);
                false
            }
        }
    }

    /// The list `name`; empty when it is not there.
    pub(super) fn list(&mut self, name: &'static str, findings: &mut Findings<'_>) -> List<Value> {
        self.take(name)
            .and_then(|at| list(at, findings))
            .unwrap_or_else(|| At::new(self.place_of(name), Vec::new()))
    }

    /// The rest as free pairs of strings.
    pub(super) fn into_strings(self, findings: &mut Findings<'_>) -> Vec<(At<String>, String)> {
        let place = self.place;
        self.left
            .into_iter()
            .filter_map(|(name, value)| {
                let value = string(At::new(member_place(&place, &name), value), findings)?;
                Some((At::new(value.place, name), value.value))
            })
            .collect()
    }

    /// Ends the reading: every member that nobody asked for is a problem.
    pub(super) fn close(self, findings: &mut Findings<'_>) {
        for name in self.left.keys() {
            let known = self.asked.iter().copied();
            let meant = did_you_mean(name, known);
            findings.problem(
                &self.place_of(name),
                format_args!("nothing has this name here{meant}"),
            );
        }
    }
}
