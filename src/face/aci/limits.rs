//! Limits: what an App Container Image cannot be, and what rkt makes of what it can.

use std::fmt::Display;

use anyhow::{Result, bail, ensure};

use super::manifest::labels;
use crate::image::{Image, Platform};

/// Refuses what appc or rkt does not take. The evaluation has told it, with the mend.
pub(super) fn check(image: &Image) -> Result<()> {
    let Image { platform, .. } = image;
    ensure!(
        platform.runs_in_rkt().is_some(),
        "{platform} is not known to appc; build the OCI image"
    );
    for (name, value) in &image.env {
        // rkt hands the environment over as lines.
        ensure!(
            !value.as_str().contains('\n'),
            "the variable {name} has a line break; build the OCI image"
        );
    }
    for dependency in image.dependencies.iter() {
        let other = below(image, dependency.label("os"), dependency.label("arch"));
        let name = &dependency.image_name;
        if other.is_none_or(|platform| platform.runs_in_rkt().is_none()) {
            bail!("the dependency {name} is for a platform that appc does not know");
        }
        let wanted = dependency.labels.iter();
        let met = wanted.map(|(name, value)| (name.as_str(), value.as_str()));
        let met = met
            .into_iter()
            .all(|wanted| labels(image).any(|label| label == wanted));
        ensure!(
            *name != image.name || !met,
            "the dependency {name} is this image"
        );
    }
    Ok(())
}

/// The platform of a dependency, which is the image's own where nothing else is said.
fn below(image: &Image, os: Option<&str>, arch: Option<&str>) -> Option<Platform> {
    let Image { platform, .. } = image;
    let (os, arch) = (os.unwrap_or(platform.os()), arch.unwrap_or(platform.arch()));
    Platform::new(os, arch).ok()
}

/// What rkt does with `image` that its author may not expect, a line each.
#[must_use]
pub fn warnings(image: &Image) -> Vec<String> {
    let mut warnings = Vec::new();
    let mut warn = |argument: &str, name: &str, what: &dyn Display| {
        let place = if name.is_empty() {
            String::new()
        } else {
            format!(".{name:?}")
        };
        warnings.push(format!("{argument}{place}: {what}"));
    };
    let platform = &image.platform;
    if platform.runs_in_rkt() == Some(false) {
        warn(
            "os",
            "",
            &format_args!("rkt does not run images for {platform}"),
        );
    }
    if image.annotations.get(DOCKER).is_some() {
        warn(
            "annotations",
            DOCKER,
            &"makes rkt treat the image as one converted from docker",
        );
    }
    for (name, value) in &image.env {
        let (name, value) = (name.as_str(), value.as_str());
        if name.contains(['.', '-']) {
            warn(
                "env",
                name,
                &"rkt's systemd ignores a variable with . or - in its name",
            );
        }
        if ["AC_APP_NAME", "AC_METADATA_URL"].contains(&name) {
            warn(
                "env",
                name,
                &"the runtime sets this variable and overwrites the value",
            );
        }
        if value.starts_with(['"', '\'']) || value.trim() != value || value.contains('\\') {
            let what = "to systemd unescaped, which reads quotes, backslashes and outer blanks in its own way";
            warn("env", name, &format_args!("rkt hands {value:?} {what}"));
        }
    }
    for (at, dependency) in image.dependencies.iter().enumerate() {
        let other = below(image, dependency.label("os"), dependency.label("arch"));
        if let Some(other) = other.filter(|other| other != platform) {
            let what = format!("{other} differs from the image's own {platform}");
            warn(&format!("dependencies[{at}].labels"), "", &what);
        }
    }
    warnings
}

/// The annotation by which rkt knows images that were made from docker's.
const DOCKER: &str = "appc.io/docker/repository";
