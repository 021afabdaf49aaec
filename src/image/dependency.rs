//! Dependency: an image below this one.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::platform::Platform;
use super::text::{Identifier, ImageId, LabelValue};
use crate::rules::{Fault, RULES, broken};

/// An image by name, labels and, to be sure, ID.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Dependency {
    /// The name under which the image is looked for.
    pub image_name: Identifier,
    /// The only image that will do.
    #[serde(default, rename = "imageID")]
    pub image_id: Option<ImageId>,
    /// The labels that the image must have.
    #[serde(default)]
    pub labels: WantedLabels,
    /// The size of its archive.
    #[serde(default)]
    pub size: Option<Size>,
    /// Where it is in the store, if `mkACI` made it; else nothing of it is known.
    #[serde(default)]
    pub output: Option<String>,
}

impl Dependency {
    /// What the image must run on: what its labels say, and else what the image on top of it runs on; nothing when
    /// there is no such platform.
    #[must_use]
    pub fn platform(&self, own: &Platform) -> Option<Platform> {
        let os = self.labels.get("os").unwrap_or(own.os());
        let arch = self.labels.get("arch").unwrap_or(own.arch());
        Platform::new(os, arch).ok()
    }
}

/// Labels that an image must have, its platform among them or not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "BTreeMap<Identifier, LabelValue>")]
pub struct WantedLabels(BTreeMap<Identifier, LabelValue>);

impl WantedLabels {
    /// The value that the label `name` must have.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(LabelValue::as_str)
    }

    /// All labels, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let labels = self.0.iter();
        labels.map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl TryFrom<BTreeMap<Identifier, LabelValue>> for WantedLabels {
    type Error = Fault;

    fn try_from(labels: BTreeMap<Identifier, LabelValue>) -> Result<Self, Fault> {
        let labels = Self(labels);
        if labels.get("name").is_some() {
            return Err(broken("name", "is no label"));
        }
        labels
            .get("version")
            .map_or(Ok(()), |version| RULES.texts.version.check(version))?;
        Ok(labels)
    }
}

/// Bytes of an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(try_from = "i64")]
pub struct Size(u64);

impl TryFrom<i64> for Size {
    type Error = Fault;

    fn try_from(number: i64) -> Result<Self, Fault> {
        RULES.numbers.size.check(number).map(Self)
    }
}
