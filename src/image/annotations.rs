//! Annotations: things said about an image that nothing is found by.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::text::Identifier;
use crate::rules::{Fault, RULES};

/// Annotations by name; those whose value the specification gives a form (appc, "Image Manifest Schema",
/// `annotations`) have that form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "BTreeMap<Identifier, String>")]
pub struct Annotations(BTreeMap<Identifier, String>);

impl Annotations {
    /// The value of the annotation `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// All annotations, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.0.iter();
        pairs.map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl TryFrom<BTreeMap<Identifier, String>> for Annotations {
    type Error = Fault;

    fn try_from(annotations: BTreeMap<Identifier, String>) -> Result<Self, Fault> {
        for (name, value) in &annotations {
            match name.as_str() {
                "created" => RULES.texts.date.check(value)?,
                "homepage" | "documentation" => RULES.texts.address.check(value)?,
                "appc.io/executor/supports-systemd-notify" => RULES.texts.flag.check(value)?,
                _ => {}
            }
        }
        Ok(Self(annotations))
    }
}
