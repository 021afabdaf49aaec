//! Limits: what an App Container Image cannot be, and what rkt makes of what it can.

use std::fmt::Display;

use anyhow::{Result, ensure};

use crate::face::check_dependencies;
use crate::image::{Image, Isolator};
use crate::tree::Tree;

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
    check_dependencies(image, |platform| platform.runs_in_rkt().is_some())
}

/// What rkt does with `image` that its author may not expect, a line each.
#[must_use]
pub fn warnings(image: &Image, tree: &Tree) -> Vec<String> {
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
    if let Some(signal) = &image.stop_signal {
        let what =
            format!("an App Container Image cannot say this; rkt stop sends SIGTERM, not {signal}");
        warn("stopSignal", "", &what);
    }
    if image.healthcheck.is_some() {
        let what = "an App Container Image cannot say this; watch the program from outside";
        warn("healthcheck", "", &what);
    }
    for ignored in image.isolators.iter().filter_map(ignored_by_rkt) {
        warn(
            "isolators",
            ignored,
            &"rkt takes this isolator and ignores it",
        );
    }
    for (name, mount) in image.mounts.iter().filter(|(_, mount)| !mount.read_only) {
        let path = mount.path.as_str();
        let mode = tree.get(path).map_or(0, |entry| entry.attributes.mode);
        if mode & SPECIAL != 0 {
            let lost = format!(
                "{path} has the mode {mode:04o}, and rkt's empty volumes have {:04o} of it",
                mode & !SPECIAL
            );
            warn("mounts", name.as_str(), &lost);
        }
    }
    for (at, dependency) in image.dependencies.iter().enumerate() {
        let other = dependency.platform(platform);
        if let Some(other) = other.filter(|other| other != platform) {
            let what = format!("{other} differs from the image's own {platform}");
            warn(&format!("dependencies[{at}].labels"), "", &what);
        }
    }
    warnings
}

/// The name of an isolator that changes nothing in rkt.
fn ignored_by_rkt(isolator: &Isolator) -> Option<&'static str> {
    match isolator {
        Isolator::BlockBandwidth(_) => Some("resource/block-bandwidth"),
        Isolator::BlockIops(_) => Some("resource/block-iops"),
        Isolator::NetworkBandwidth(_) => Some("resource/network-bandwidth"),
        Isolator::SelinuxContext(_) => Some("os/linux/selinux-context"),
        Isolator::Sysctl(_) => Some("os/unix/sysctl"),
        _ => None,
    }
}

/// The bits of a mode for another user or group to run as, and for deletion by owners alone.
const SPECIAL: u32 = 0o7000;

/// The annotation by which rkt knows images that were made from docker's.
const DOCKER: &str = "appc.io/docker/repository";
