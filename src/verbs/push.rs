//! `push`: the image goes to a registry, by skopeo, which sends what is not there yet.

use anyhow::{Result, ensure};

use crate::face::oci::artifact;
use crate::verbs::Call;
use crate::verbs::maker::Maker;
use crate::verbs::tools::{self, Tool};

pub(super) const HELP: &str = "\
usage: push REGISTRY/REPOSITORY[:TAG] [-- ARGUMENT…]

Makes the image and has skopeo copy it to a registry, which is sent only what it has not yet. Without a tag it gets the
image's own. An image with a bill of materials (argument sbom) is followed by that. Credentials are those of skopeo login, podman login and docker login. The arguments behind -- are those of
skopeo copy, such as --dest-tls-verify=false or --authfile FILE.";

const SKOPEO: Tool = Tool {
    program: "skopeo",
    package: "skopeo",
};

pub(super) fn push(call: &Call) -> Result<()> {
    let maker = Maker::open(call.recipe.as_str().into(), None)?;
    maker.must_be_oci("push")?;
    let destination = call.words.iter().map(String::as_str).collect::<String>();
    let destination = destination.trim_start_matches("docker://");
    ensure!(
        destination.split('/').all(|part| !part.is_empty()) && destination.contains('/'),
        "{destination:?} is not REGISTRY/REPOSITORY or REGISTRY/REPOSITORY:TAG"
    );
    let destination = with_tag(destination, maker.attrs().spec.form.reference.tag());
    // Asked for before the image is made.
    let mut command = SKOPEO.command(["copy"])?;
    let made = maker.make_and_verify()?;
    command
        .args(&call.passed)
        .arg(format!("oci:{}", made.directory()))
        .arg(format!("docker://{destination}"));
    let child = tools::start(&mut command)?;
    tools::wait("skopeo copy", child, maker.interrupt())?;
    let beside = made.directory().join(artifact::DIRECTORY);
    if maker.attrs().spec.form.sbom.is_none() {
        return Ok(());
    }
    for (name, digest) in artifact::listed(&made.directory())? {
        let mut command = SKOPEO.command(["copy"])?;
        command
            .args(&call.passed)
            .arg(format!("oci:{beside}:{name}"))
            .arg(format!("docker://{}@{digest}", without_tag(&destination)));
        let child = tools::start(&mut command)?;
        tools::wait(
            "skopeo copy of the bill of materials",
            child,
            maker.interrupt(),
        )?;
    }
    Ok(())
}

/// The destination without tag and digest.
fn without_tag(destination: &str) -> &str {
    let last = destination.rfind('/').map_or(0, |slash| slash + 1);
    let end = destination[last..].find([':', '@']);
    &destination[..end.map_or(destination.len(), |end| last + end)]
}

/// The destination with its own tag or digest, or this tag.
fn with_tag(destination: &str, tag: &str) -> String {
    let last = destination.rsplit('/').next().unwrap_or_default();
    if last.contains([':', '@']) {
        destination.to_owned()
    } else {
        format!("{destination}:{tag}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_no_tag() {
        for (given, wanted) in [
            ("host/a", "host/a:1"),
            ("host:5000/a/b", "host:5000/a/b:1"),
            ("host:5000/a/b:2", "host:5000/a/b:2"),
            ("host/a@sha256:00", "host/a@sha256:00"),
        ] {
            assert_eq!(with_tag(given, "1"), wanted);
            assert!(given.starts_with(without_tag(wanted)), "{given}");
            assert!(without_tag(wanted).ends_with(['a', 'b']), "{given}");
        }
    }
}
