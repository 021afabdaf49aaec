//! The image manifest: what an image is called, what it starts and what it needs.
//!
//! A manifest comes from a [spec](crate::input::spec::Spec) or from JSON. Both ways lead through one gate, and what has
//! passed it is accepted by every tool of the specification (schema 0.8.11) and can be run. The types behind it
//! cannot hold anything else: their fields are private, and each has one constructor that checks.

mod annotation;
mod app;
mod command;
mod date;
mod dependency;
mod draft;
mod environment;
mod event_handler;
mod findings;
mod from_json;
mod from_spec;
mod identifier;
mod image_id;
mod image_path;
mod invalid;
mod isolator;
mod json;
mod label;
mod labels;
mod members;
mod mount_point;
mod name;
mod number;
mod owner;
mod pairs;
pub(crate) mod path;
mod platform;
mod port;
mod quantity;
mod url;

use std::collections::BTreeSet;

use serde::Serialize;

pub use annotation::Annotations;
pub use app::App;
pub use command::Command;
pub use date::Date;
pub use dependency::Dependency;
pub use environment::Environment;
pub use event_handler::{Event, EventHandler};
pub use identifier::AcIdentifier;
pub use image_id::ImageId;
pub use image_path::ImagePath;
pub use invalid::Invalid;
pub use isolator::*;
pub use label::{LabelValue, Version};
pub use labels::{Labels, WantedLabels};
pub use mount_point::MountPoint;
pub use name::AcName;
pub use owner::{Id, Owner, OwnerName};
pub use platform::Platform;
pub use port::{Port, Protocol};
pub use quantity::Quantity;
pub use url::Url;

use self::draft::{At, Draft};
use self::findings::Findings;
use self::invalid::shown;
use crate::host::problem::Problems;
use crate::input::spec::{Face, Spec};

const AC_KIND: &str = "ImageManifest";
const AC_VERSION: &str = "0.8.11";

/// A valid manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageManifest {
    ac_kind: &'static str,
    ac_version: &'static str,
    name: AcIdentifier,
    labels: Labels,
    #[serde(skip_serializing_if = "Option::is_none")]
    app: Option<App>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    dependencies: Vec<Dependency>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    path_whitelist: Vec<ImagePath>,
    #[serde(skip_serializing_if = "Annotations::is_empty")]
    annotations: Annotations,
}

impl ImageManifest {
    /// The manifest that `spec` asks for, with a mount point more for each of `store_mounts`. None when anything is
    /// wrong; all that is goes to `problems`. Lines for the build log go to `warnings`.
    pub fn from_spec(
        spec: &Spec,
        store_mounts: Vec<MountPoint>,
        problems: &mut Problems,
        warnings: &mut Vec<String>,
    ) -> Option<Self> {
        let mut findings = Findings::new(problems, warnings);
        if spec.face == Face::Oci {
            findings = findings.without_rkt();
        }
        Self::check(from_spec::draft(spec), store_mounts, &mut findings)
    }

    /// The manifest that `text` is, read strictly: no unknown member, none twice, no null.
    pub fn parse(text: &str, warnings: &mut Vec<String>) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let mut findings = Findings::new(&mut problems, warnings);
        let manifest = findings
            .check("manifest", json::parse(text))
            .and_then(|value| from_json::draft(value, &mut findings))
            .and_then(|draft| Self::check(draft, Vec::new(), &mut findings));
        manifest.ok_or(problems)
    }

    /// The gate. None when `draft` had a problem; all of them have been told.
    fn check(
        draft: Draft,
        store_mounts: Vec<MountPoint>,
        findings: &mut Findings<'_>,
    ) -> Option<Self> {
        let name = draft.name.and_then(|name| check_name(name, findings));
        let labels = Labels::check(draft.labels, draft.missing_label, findings);
        let app = draft.app.map(|app| App::check(app, store_mounts, findings));
        let path_whitelist = check_whitelist(draft.path_whitelist, findings);
        let annotations = Annotations::check(draft.annotations, findings);
        let dependencies =
            Dependency::check(draft.dependencies, name.as_ref(), labels.as_ref(), findings);
        let manifest = Self {
            ac_kind: AC_KIND,
            ac_version: AC_VERSION,
            name: name?,
            labels: labels?,
            app: app.flatten(),
            dependencies,
            path_whitelist,
            annotations,
        };
        findings.clean().then_some(manifest)
    }

    /// The manifest as JSON: members in the specification's order, each once, none empty or null, no line break at
    /// the end. The same manifest gives the same text.
    #[must_use]
    pub fn to_json(&self) -> String {
        match serde_json::to_string_pretty(self) {
            Ok(json) => json,
            Err(error) => unreachable!("only strings are keys, only memory is written to: {error}"),
        }
    }

    /// The image's name.
    #[must_use]
    pub fn name(&self) -> &AcIdentifier {
        &self.name
    }

    /// The label `version`.
    #[must_use]
    pub fn version(&self) -> &str {
        self.labels.version()
    }

    /// All labels.
    #[must_use]
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// What the image starts; None for one that only has content.
    #[must_use]
    pub fn app(&self) -> Option<&App> {
        self.app.as_ref()
    }

    /// The images below this one, lowest first.
    #[must_use]
    pub fn dependencies(&self) -> &[Dependency] {
        &self.dependencies
    }

    /// The paths that remain when the image is rendered; all when there are none.
    #[must_use]
    pub fn path_whitelist(&self) -> &[ImagePath] {
        &self.path_whitelist
    }

    /// What is said about the image.
    #[must_use]
    pub fn annotations(&self) -> &Annotations {
        &self.annotations
    }
}

/// File names are made of the last component, with room for version and ending.
const LONGEST_COMPONENT: usize = 200;

fn check_name(name: At<String>, findings: &mut Findings<'_>) -> Option<AcIdentifier> {
    let At { place, value } = name;
    let name: AcIdentifier = findings.check(&place, value.parse())?;
    let length = name.last_component().len();
    if length > LONGEST_COMPONENT {
        findings.problem(
            &place,
            format_args!(
                "{} has {length} characters after the last slash; files are named after them, so {LONGEST_COMPONENT} \
                 are the most",
                shown(&value)
            ),
        );
    }
    Some(name)
}

fn check_whitelist(paths: Vec<At<String>>, findings: &mut Findings<'_>) -> Vec<ImagePath> {
    let mut seen = BTreeSet::new();
    let mut checked = Vec::new();
    for At { place, value } in paths {
        let Some(path) = findings.check(&place, value.parse::<ImagePath>()) else {
            continue;
        };
        if !seen.insert(path.clone()) {
            findings.problem(&place, format_args!("{path} is given twice"));
        }
        checked.push(path);
    }
    checked
}
