//! Thin images: what stands beside one, so that a host's runtimes mount the store paths that it does not hold.
//!
//! One list of mounts for each runtime, to be put into its command line, a script that tells what the host lacks, and
//! for OCI images units and a Pod that start the image, and a script that has hosts run it. All of it is made from the same
//! store paths.

mod arguments;
mod check_host;
mod mounts;
mod pod;
mod units;

use anyhow::Result;

use crate::face::oci::running::Running;
use crate::face::scripts;
use crate::host::output::Output;
use crate::input::attrs::Attrs;
use crate::input::form::{Face, Kind};
use crate::plan::Plan;
use crate::rules::RULES;

use units::Units;

pub(crate) use mounts::mount_points;

/// Writes the files that belong to a thin image; nothing for another one.
pub(crate) fn write(plan: &Plan, attrs: &Attrs, output: &mut Output) -> Result<()> {
    if attrs.spec.form.kind != Kind::Thin {
        return Ok(());
    }
    let image = &attrs.spec.image;
    let stem = image.stem();
    let paths = &plan.contents.mounted;
    let mut file =
        |suffix: &str, text: String, mode| output.write(&format!("{stem}.{suffix}"), &text, mode);
    file("nspawn", arguments::nspawn(paths), 0o644)?;
    let store_dir = attrs.closure.store_dir();
    let face = attrs.spec.form.face;
    let script = check_host::script(&stem, face, &attrs.out, store_dir, paths);
    file("check-host", script, 0o755)?;
    match face {
        Face::Aci => file("mounts", arguments::rkt(paths), 0o644),
        Face::Oci => {
            file("podman-mounts", arguments::podman(paths), 0o644)?;
            file("docker-mounts", arguments::docker(paths), 0o644)?;
            let running = Running::of(image, store_dir.as_str());
            let units = Units {
                name: &image.name,
                version: image.version.as_str(),
                layout: &attrs.out,
                store_dir,
                paths,
                volumes: &running.volumes,
                healthcheck: image.healthcheck.as_ref(),
            };
            file("container", units.quadlet(), 0o644)?;
            file("service", units.service(), 0o644)?;
            let reference = attrs.spec.form.reference.to_string();
            let pod = pod::pod(image, &reference, store_dir.as_str(), paths)?;
            file("pod.yaml", pod, 0o644)?;
            scripts::write(&RULES.verbs.thin, output)
        }
        Face::Manifest | Face::Layers | Face::Foreign | Face::Index => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::input::store_path::{StoreDir, StorePath};

    /// Two store paths.
    pub(super) fn paths() -> BTreeSet<StorePath> {
        let store = StoreDir::new("/nix/store").unwrap();
        ["0c5c2h6q-hello-2.12", "1d6d3j7r-glibc++_2.39?a=b"]
            .map(|name| {
                let (hash, name) = name.split_once('-').unwrap();
                store
                    .parse(&format!("/nix/store/{}-{name}", hash.repeat(4)))
                    .unwrap()
            })
            .into()
    }
}
