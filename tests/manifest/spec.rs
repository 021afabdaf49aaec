//! Images for tests: a small valid one, and what is laid over it.

use std::collections::BTreeSet;

use nix2aci::face::aci;
use nix2aci::input::attrs::Attrs;
use nix2aci::input::store_path::StorePath;
use nix2aci::tree::Tree;
use serde_json::{Value, json};

#[path = "../common/spec.rs"]
mod common;
pub(crate) use common::{arguments, nested, skeleton};

/// The spec of a small image with the arguments `changes` in place of its own.
pub(crate) fn spec(changes: &Value) -> Value {
    let mut arguments = arguments();
    let own = json!({
        "name": "example.com/busybox",
        "version": "1.36.1",
        "exec": ["/bin/sh"],
        "skeleton": skeleton(true),
    });
    for changes in [&own, changes] {
        arguments.extend(changes.as_object().unwrap().clone());
    }
    nested(&arguments)
}

/// The description that has this spec, or the fault that it has.
pub(crate) fn parse(spec: &Value) -> Result<Attrs, String> {
    parse_about(spec, &Value::Null)
}

/// The same, where something is to be told about the image in its place.
pub(crate) fn parse_about(spec: &Value, about: &Value) -> Result<Attrs, String> {
    let outputs = json!({ "out": "/gone" });
    let attributes = json!({ "aci": spec, "about": about, "closure": [], "outputs": outputs });
    Attrs::parse("/nix/store", &attributes.to_string()).map_err(|error| format!("{error:#}"))
}

/// What comes of a spec: the manifest and the warnings, or what is wrong.
pub(crate) fn build(
    spec: &Value,
    store: &BTreeSet<StorePath>,
) -> Result<(String, Vec<String>), String> {
    let image = parse(spec)?.spec.image;
    let visible = image
        .path_whitelist
        .iter()
        .map(ToString::to_string)
        .collect();
    let manifest = aci::manifest(&image, store, &visible).map_err(|error| format!("{error:#}"))?;
    Ok((manifest, aci::warnings(&image, &Tree::default())))
}
