//! Specs for tests: a small valid one, and what is laid over it.

use nix2aci::host::problem::Problems;
use nix2aci::image::{ImageManifest, MountPoint};
use nix2aci::input::spec::Spec;
use serde_json::{Value, json};

/// A valid spec with the members of `changes` in place of its own.
pub(crate) fn spec(changes: &Value) -> Spec {
    let mut spec = json!({
        "name": "example.com/busybox",
        "version": "1.36.1",
        "kind": "fat",
        "labels": { "os": "linux", "arch": "amd64" },
        "packages": [],
        "pathsToLink": ["/"],
        "exec": ["/bin/sh"],
        "user": "0",
        "group": "0",
        "skeleton": {
            "tmp": true, "directories": true, "passwd": true, "nsswitch": true,
            "shell": true, "env": true, "certificates": true,
        },
        "dnsquirks": true,
        "sign": true,
        "compression": { "method": "gzip" },
    });
    for (name, value) in changes.as_object().unwrap() {
        spec[name] = value.clone();
    }
    serde_json::from_value(spec).unwrap()
}

/// What comes of a spec: the manifest or its problems, and the warnings.
pub(crate) fn build(
    spec: &Spec,
    store_mounts: Vec<MountPoint>,
) -> (Result<ImageManifest, Problems>, Vec<String>) {
    let (mut problems, mut warnings) = (Problems::default(), Vec::new());
    let manifest = ImageManifest::from_spec(spec, store_mounts, &mut problems, &mut warnings);
    (manifest.ok_or(problems), warnings)
}
