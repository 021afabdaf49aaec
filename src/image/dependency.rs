//! Dependency: an image below this one.

use std::num::NonZeroU64;

use serde::Serialize;

use super::draft::{At, DependencyDraft};
use super::findings::Findings;
use super::identifier::AcIdentifier;
use super::image_id::ImageId;
use super::labels::{Labels, WantedLabels};
use super::number::whole;

/// An image by name, labels and, to be sure, ID.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Dependency {
    image_name: AcIdentifier,
    #[serde(rename = "imageID", skip_serializing_if = "Option::is_none")]
    image_id: Option<ImageId>,
    labels: WantedLabels,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<NonZeroU64>,
}

impl Dependency {
    /// The name under which the image is looked for.
    #[must_use]
    pub fn image_name(&self) -> &AcIdentifier {
        &self.image_name
    }

    /// The only image that will do.
    #[must_use]
    pub fn image_id(&self) -> Option<&ImageId> {
        self.image_id.as_ref()
    }

    /// The labels that the image must have.
    #[must_use]
    pub fn labels(&self) -> &WantedLabels {
        &self.labels
    }

    /// The size of its archive in bytes.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        self.size.map(NonZeroU64::get)
    }

    /// Checks the dependencies of the image that has `name` and `labels`, as far as these are known.
    pub(super) fn check(
        drafts: Vec<DependencyDraft>,
        name: Option<&AcIdentifier>,
        labels: Option<&Labels>,
        findings: &mut Findings<'_>,
    ) -> Vec<Self> {
        let mut checked: Vec<Self> = Vec::new();
        for draft in drafts {
            let place = draft.place.clone();
            let Some(dependency) = Self::check_one(draft, labels, findings) else {
                continue;
            };
            if name == Some(&dependency.image_name)
                && labels.is_some_and(|labels| dependency.labels.met_by(labels))
            {
                let name = &dependency.image_name;
                findings.problem(
                    &place,
                    format_args!("{name} would be below itself; name another image"),
                );
            }
            if let Some(earlier) = checked
                .iter()
                .position(|other| other.same_image(&dependency))
            {
                let name = &dependency.image_name;
                findings.problem(
                    &place,
                    format_args!("{name} is dependency {earlier} already; name it once"),
                );
            }
            checked.push(dependency);
        }
        checked
    }

    fn same_image(&self, other: &Self) -> bool {
        match (&self.image_id, &other.image_id) {
            (Some(a), Some(b)) => a == b,
            _ => self.image_name == other.image_name && self.labels == other.labels,
        }
    }

    fn check_one(
        draft: DependencyDraft,
        own: Option<&Labels>,
        findings: &mut Findings<'_>,
    ) -> Option<Self> {
        let At { place, value } = draft.image_name;
        let image_name = findings.check(&place, value.parse());
        let image_id = draft
            .image_id
            .and_then(|at| findings.check(&at.place, at.value.parse()));
        let labels = WantedLabels::check(draft.labels, own.map(Labels::platform), findings);
        let size = draft.size.and_then(|at| {
            findings.check(
                &at.place,
                whole(&at.value, "an archive's size in bytes", 1, u64::MAX),
            )
        });
        Some(Self {
            image_name: image_name?,
            image_id,
            labels: labels?,
            size: size.and_then(NonZeroU64::new),
        })
    }
}
