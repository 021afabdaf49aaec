//! Specs in the words of the arguments of `mkACI`, and as the builder is given them.

use serde_json::{Map, Value, json};

/// Arguments of a small valid image: fat, without a program, without a skeleton.
pub(crate) fn arguments() -> Map<String, Value> {
    let arguments = json!({
        "name": "example.com/app",
        "version": "1.0",
        "kind": "fat",
        "os": "linux",
        "arch": "amd64",
        "packages": [],
        "pathsToLink": ["/"],
        "exec": [],
        "user": "0",
        "group": "0",
        "skeleton": skeleton(false),
        "dnsquirks": false,
        "sign": true,
        "compression": { "method": "gzip" },
    });
    match arguments {
        Value::Object(arguments) => arguments,
        _ => Map::new(),
    }
}

/// The skeleton with all of its parts or none.
pub(crate) fn skeleton(wanted: bool) -> Value {
    let facts: Value =
        serde_json::from_str(include_str!("../../src/rules/rules.json")).unwrap_or_default();
    let parts = facts["skeleton"].as_array().cloned().unwrap_or_default();
    let parts = parts.iter().filter_map(Value::as_str);
    parts
        .map(|part| (part.to_owned(), wanted.into()))
        .collect::<Map<_, _>>()
        .into()
}

const ROOT: [&str; 8] = [
    "packages",
    "layers",
    "fromImage",
    "pathsToLink",
    "files",
    "perms",
    "skeleton",
    "dnsquirks",
];
const FORM: [&str; 9] = [
    "kind",
    "face",
    "recipe",
    "sbom",
    "compression",
    "maxLayers",
    "sign",
    "selfCheck",
    "notes",
];

const BUDGET: [&str; 4] = ["maxSize", "maxClosureSize", "maxPaths", "forbid"];

/// The spec that comes of `arguments`: each where the builder looks for it. What is no argument goes to the image.
pub(crate) fn nested(arguments: &Map<String, Value>) -> Value {
    let (mut image, mut root, mut form) = (Map::new(), Map::new(), Map::new());
    let mut budget = Map::new();
    let mut platform = Map::new();
    let mut mounts = Map::new();
    for (name, value) in arguments {
        match (name.as_str(), value) {
            ("os" | "arch", _) => drop(platform.insert(name.clone(), value.clone())),
            ("mounts" | "mountsRo", Value::Object(paths)) => {
                mounts.extend(paths.iter().map(|(mount, path)| {
                    let mount_point = json!({ "path": path, "readOnly": name == "mountsRo" });
                    (mount.clone(), mount_point)
                }));
            }
            ("isolators", Value::Object(isolators)) => {
                let pair = |(name, value)| json!({ "name": name, "value": value });
                let isolators: Vec<Value> = isolators.iter().map(pair).collect();
                image.insert(name.clone(), isolators.into());
            }
            // What is no set is no list of isolators either.
            ("isolators", Value::Array(_)) => drop(image.insert(name.clone(), json!({}))),
            ("mountsRo", _) => drop(image.insert("mounts".to_owned(), value.clone())),
            (argument, _) => {
                let part = match argument {
                    _ if ROOT.contains(&argument) => &mut root,
                    _ if FORM.contains(&argument) => &mut form,
                    _ if BUDGET.contains(&argument) => &mut budget,
                    _ => &mut image,
                };
                part.insert(name.clone(), value.clone());
            }
        }
    }
    let text = |name| {
        arguments
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let tag: String = text("version")
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "._-".contains(c) {
                c
            } else {
                '-'
            }
        })
        .collect();
    let suffix = if text("kind") == "thin" { "-thin" } else { "" };
    let reference = format!("{}:{tag}{suffix}", text("name").replace('~', "-"));
    form.entry("reference").or_insert(reference.into());
    image.insert("platform".to_owned(), platform.into());
    image.entry("mounts").or_insert(mounts.into());
    json!({ "image": image, "root": root, "form": form, "budget": budget })
}
