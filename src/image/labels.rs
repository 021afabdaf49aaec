//! Labels: what an image is found by, `version`, `os` and `arch` before all others.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::draft::{At, Pair};
use super::findings::Findings;
use super::identifier::AcIdentifier;
use super::label::{LabelValue, Version};
use super::pairs::serialize_pairs;
use super::platform::Platform;

/// The labels of an image: version and platform, which every image has, and others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    version: Version,
    platform: Platform,
    others: BTreeMap<AcIdentifier, LabelValue>,
}

impl Labels {
    /// The label `version`.
    #[must_use]
    pub fn version(&self) -> &str {
        self.version.as_str()
    }

    /// The labels `os` and `arch`.
    #[must_use]
    pub fn platform(&self) -> Platform {
        self.platform
    }

    /// All labels as pairs: `version`, `os`, `arch`, then the others by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        in_order(Some(&self.version), self.platform, &self.others)
    }

    pub(super) fn check(
        pairs: Vec<Pair>,
        missing: fn(&str) -> String,
        findings: &mut Findings<'_>,
    ) -> Option<Self> {
        let mut given = Given::check(pairs, findings);
        let mut needed = |name: &str| {
            let found = given.take(name);
            if found.is_none() {
                let message = "is missing; rkt neither finds nor runs an image without it";
                findings.problem(&missing(name), format_args!("the label {name} {message}"));
            }
            found
        };
        let (version, os, arch) = (needed("version"), needed("os"), needed("arch"));
        let version = version.and_then(|at| findings.check(&at.place, at.value.parse()));
        let platform = check_platform(os.as_ref(), arch.as_ref(), findings);
        if let (Some(platform), Some(at)) = (platform, os)
            && !platform.runs_in_rkt()
        {
            findings.warn_of_rkt(
                &at.place,
                format_args!("rkt does not run images for {platform}"),
            );
        }
        let others = given.others(findings);
        Some(Self {
            version: version?,
            platform: platform?,
            others,
        })
    }
}

impl Serialize for Labels {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_pairs(self.iter(), serializer)
    }
}

/// The labels that another image must have; its platform is always among them, as rkt would add the host's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct WantedLabels {
    version: Option<Version>,
    platform: Platform,
    others: BTreeMap<AcIdentifier, LabelValue>,
}

impl WantedLabels {
    /// All labels as pairs: `version` if there is one, `os`, `arch`, then the others by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        in_order(self.version.as_ref(), self.platform, &self.others)
    }

    /// Whether an image with `labels` has all that is wanted here.
    pub(super) fn met_by(&self, labels: &Labels) -> bool {
        self.iter()
            .all(|wanted| labels.iter().any(|label| label == wanted))
    }

    /// Checks what an image on the platform `own` wants of another, and fills in that platform where none is given.
    pub(super) fn check(
        pairs: Vec<Pair>,
        own: Option<Platform>,
        findings: &mut Findings<'_>,
    ) -> Option<Self> {
        let mut given = Given::check(pairs, findings);
        let version = given
            .take("version")
            .and_then(|at| findings.check(&at.place, at.value.parse()));
        let (os, arch) = (given.take("os"), given.take("arch"));
        let others = given.others(findings);
        let platform = match (os, arch) {
            (None, None) => own,
            (os, arch) => {
                let place = arch.as_ref().or(os.as_ref()).map(|at| at.place.clone());
                let filled = |value: Option<&'static str>| Some(At::new("", value?.to_owned()));
                let os = os.or_else(|| filled(own.map(Platform::os)));
                let arch = arch.or_else(|| filled(own.map(Platform::arch)));
                let platform = check_platform(os.as_ref(), arch.as_ref(), findings);
                if let (Some(place), Some(platform), Some(own)) = (place, platform, own)
                    && platform != own
                {
                    let message = format!("{platform} differs from the image's own {own}");
                    findings.warn(&place, message);
                }
                platform
            }
        };
        Some(Self {
            version,
            platform: platform?,
            others,
        })
    }
}

impl Serialize for WantedLabels {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_pairs(self.iter(), serializer)
    }
}

fn in_order<'a>(
    version: Option<&'a Version>,
    platform: Platform,
    others: &'a BTreeMap<AcIdentifier, LabelValue>,
) -> impl Iterator<Item = (&'a str, &'a str)> {
    version
        .map(|version| ("version", version.as_str()))
        .into_iter()
        .chain([("os", platform.os()), ("arch", platform.arch())])
        .chain(
            others
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
        )
}

/// Checks the pair, each of the two under its own place.
fn check_platform(
    os: Option<&At<String>>,
    arch: Option<&At<String>>,
    findings: &mut Findings<'_>,
) -> Option<Platform> {
    let os = os?;
    findings.check(&os.place, Platform::check_os(&os.value))?;
    let arch = arch?;
    let place = if arch.place.is_empty() {
        &os.place
    } else {
        &arch.place
    };
    findings.check(place, Platform::new(&os.value, &arch.value))
}

/// Labels with valid and unique names, their values not yet judged.
struct Given(BTreeMap<AcIdentifier, At<String>>);

impl Given {
    fn check(pairs: Vec<Pair>, findings: &mut Findings<'_>) -> Self {
        let mut given = BTreeMap::new();
        for Pair { name, value } in pairs {
            let At { place, value: name } = name;
            if name == "name" {
                findings.problem(
                    &place,
                    "a label may not be called name, that is the image's own",
                );
            } else if let Some(name) = findings.check(&place, name.parse::<AcIdentifier>()) {
                if given.contains_key(&name) {
                    findings.problem(&place, format_args!("the label {name} is given twice"));
                }
                given.entry(name).or_insert(value);
            }
        }
        Self(given)
    }

    fn take(&mut self, name: &str) -> Option<At<String>> {
        self.0.remove(name)
    }

    fn others(self, findings: &mut Findings<'_>) -> BTreeMap<AcIdentifier, LabelValue> {
        self.0
            .into_iter()
            .filter_map(|(name, at)| Some((name, findings.check(&at.place, at.value.parse())?)))
            .collect()
    }
}
