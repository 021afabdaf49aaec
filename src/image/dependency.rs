//! Dependency: an image below this one.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

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
    pub labels: BTreeMap<Identifier, LabelValue>,
    /// The size of its archive.
    #[serde(default)]
    pub size: Option<Size>,
}

impl Dependency {
    /// The label `name` that the image must have.
    pub(crate) fn label(&self, name: &str) -> Option<&str> {
        let mut labels = self.labels.iter();
        let found = labels.find(|(key, _)| key.as_str() == name);
        found.map(|(_, value)| value.as_str())
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

/// The images below, lowest first, none of them twice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Vec<Dependency>")]
pub struct Dependencies(Vec<Dependency>);

impl TryFrom<Vec<Dependency>> for Dependencies {
    type Error = Fault;

    fn try_from(list: Vec<Dependency>) -> Result<Self, Fault> {
        let mut seen = BTreeMap::new();
        for dependency in &list {
            let Dependency {
                image_name,
                labels,
                image_id,
                ..
            } = dependency;
            // Images of one name and one set of labels are told apart by their IDs alone.
            let ids: &mut BTreeSet<_> = seen.entry((image_name, labels)).or_default();
            if !ids.insert(image_id) || (ids.len() > 1 && ids.contains(&None)) {
                return Err(broken(image_name.as_str(), "is a dependency twice"));
            }
        }
        let ids: Vec<_> = list
            .iter()
            .filter_map(|dependency| dependency.image_id.as_ref())
            .collect();
        if ids.iter().collect::<BTreeSet<_>>().len() < ids.len() {
            return Err(Fault::new("two dependencies have one image ID"));
        }
        Ok(Self(list))
    }
}

impl std::ops::Deref for Dependencies {
    type Target = [Dependency];

    fn deref(&self) -> &[Dependency] {
        &self.0
    }
}
