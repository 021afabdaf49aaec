//! Faces: the forms that one plan can take, each with rules of its own.

pub mod aci;
pub(crate) mod diff;
pub(crate) mod html;
pub(crate) mod json;
pub mod oci;
pub mod postprocess;
pub(crate) mod recipe;
pub(crate) mod recorded;
pub(crate) mod report;
pub(crate) mod sbom;
pub mod scripts;
pub mod site;
pub(crate) mod thin;
pub(crate) mod verify;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};

use crate::image::{Image, Platform};

/// `text` as a part of a command line that can be pasted.
pub(crate) fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._:=,@%+-".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// All labels of `image`: `version`, `os` and `arch`, by which it is found before all others, then the free ones.
fn labels(image: &Image) -> impl Iterator<Item = (&str, &str)> {
    let own = [
        ("version", image.version.as_str()),
        ("os", image.platform.os()),
        ("arch", image.platform.arch()),
    ];
    let free = image.labels.iter();
    own.into_iter()
        .chain(free.map(|(name, value)| (name.as_str(), value.as_str())))
}

/// Refuses dependencies that a face with these platforms cannot have: of a platform that it does not know, twice the
/// same image, the image itself. The evaluation has told it, with the mend.
fn check_dependencies(image: &Image, knows: impl Fn(&Platform) -> bool) -> Result<()> {
    let mut seen: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    let mut ids = BTreeSet::new();
    for dependency in &image.dependencies {
        let name = &dependency.image_name;
        let platform = dependency.platform(&image.platform);
        let platform = platform.filter(&knows).with_context(|| {
            format!(
                "the dependency {name} is for a platform that this form of images does not know"
            )
        })?;
        let is_this = *name == image.name
            && dependency
                .labels
                .iter()
                .all(|wanted| labels(image).any(|label| label == wanted));
        ensure!(!is_this, "the dependency {name} is this image");
        let mut wanted: BTreeMap<&str, String> = dependency
            .labels
            .iter()
            .map(|(name, value)| (name, value.to_owned()))
            .collect();
        wanted.insert("os", platform.os().to_owned());
        wanted.insert("arch", platform.arch().to_owned());
        // Images of one name and one set of labels are told apart by their IDs alone.
        let id = dependency.image_id.as_ref();
        let same = seen.entry((name, wanted)).or_default();
        ensure!(
            same.insert(id) && (same.len() == 1 || !same.contains(&None)),
            "{name} is a dependency twice"
        );
        ensure!(
            id.is_none() || ids.insert(id),
            "two dependencies have the image ID of {name}"
        );
    }
    Ok(())
}
