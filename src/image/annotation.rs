//! Annotation: something said about an image that nothing is found by.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::date::Date;
use super::draft::Pair;
use super::findings::Findings;
use super::identifier::AcIdentifier;
use super::invalid::{Invalid, shown};
use super::pairs::serialize_pairs;
use super::url::Url;

/// Annotations by name; those whose value the specification gives a form have that form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Annotations(BTreeMap<AcIdentifier, String>);

impl Annotations {
    /// The value of the annotation `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// All annotations, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// True when there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn check(pairs: Vec<Pair>, findings: &mut Findings<'_>) -> Self {
        let mut annotations = BTreeMap::new();
        for Pair { name, value } in pairs {
            let Some(key) = findings.check(&name.place, name.value.parse::<AcIdentifier>()) else {
                continue;
            };
            findings.check(&value.place, check_value(key.as_str(), &value.value));
            if key.as_str() == "appc.io/docker/repository" {
                let message = "makes rkt treat the image as one converted from docker";
                findings.warn_of_rkt(&name.place, format_args!("{key} {message}"));
            }
            if annotations.contains_key(&key) {
                findings.problem(
                    &name.place,
                    format_args!("the annotation {key} is given twice"),
                );
            }
            annotations.insert(key, value.value);
        }
        Self(annotations)
    }
}

fn check_value(name: &str, value: &str) -> Result<(), Invalid> {
    match name {
        "created" => value.parse::<Date>().map(|_| ()),
        "homepage" | "documentation" => value.parse::<Url>().map(|_| ()),
        "appc.io/executor/supports-systemd-notify" if !["true", "false"].contains(&value) => {
            Err(Invalid::new(format!(
                "{} is neither \"true\" nor \"false\"",
                shown(value)
            )))
        }
        _ => Ok(()),
    }
}

impl Serialize for Annotations {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_pairs(self.iter(), serializer)
    }
}
