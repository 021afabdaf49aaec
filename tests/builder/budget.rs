//! Budgets: what is refused, before anything is packed or as soon as its size is known, and what is said of it.

use std::fs;

use serde_json::{Value, json};

use crate::fixture::{World, nar};
use crate::package::Package;

/// `app` refers to `tool` over a file, and `tool` to `gcc` over a link.
struct Sample {
    world: World,
    app: String,
    tool: String,
    gcc: String,
}

impl Sample {
    fn new() -> Self {
        let mut world = World::new();
        let gcc = world.add(&Package::new("gcc-13.2.0").file("bin/cc", vec![7; 50_000]));
        let tool = world.add(
            &Package::new("tool-1-dev")
                .file("include/a.h", "nothing")
                .link("share/compiler", format!("{gcc}/bin/cc"))
                .refers(&gcc),
        );
        // So far behind that it does not stand in what is read first.
        let mut text = vec![b'x'; 200_000];
        text.extend(tool.bytes());
        let app = world.add(
            &Package::new("app-1")
                .program("bin/app")
                .file("a/none", "nothing")
                .file("share/late", text)
                .refers(&tool),
        );
        Self {
            world,
            app,
            tool,
            gcc,
        }
    }

    #[track_caller]
    fn refused(&self, with: Value, parts: &[&str]) {
        self.world
            .image(&[&self.app])
            .with(with)
            .refused_with(parts);
    }

    fn unpacked(&self) -> u64 {
        [&self.app, &self.tool, &self.gcc]
            .map(|path| nar(path).1)
            .iter()
            .sum()
    }
}

#[test]
fn what_is_forbidden_is_told_with_the_file_that_mentions_it() {
    let sample = Sample::new();
    let Sample { app, tool, gcc, .. } = &sample;
    sample.refused(
        json!({ "forbid": ["perl", "gcc"] }),
        &[
            "1 problem in its description",
            &format!(
                "forbid: \"gcc\" is {gcc}, brought by packages: app-1 -> tool-1-dev -> gcc-13.2.0"
            ),
            &format!("; {tool}/share/compiler mentions it; "),
        ],
    );
    sample.refused(
        json!({ "forbid": ["*-dev"] }),
        &[
            &format!("{tool}, brought by packages"),
            &format!("; {app}/share/late mentions it; "),
        ],
    );
    sample.refused(
        json!({ "forbid": ["app"] }),
        &[&format!("\"app\" is {app}, named by packages; ")],
    );
    let mentioned = sample.world.image(&[]).with(json!({
        "env": { "CC": format!("{gcc}/bin/cc") }, "forbid": ["gcc-*"],
    }));
    mentioned.refused_with(&[&format!("{gcc}, named by env.CC; ")]);
    let log = sample
        .world
        .image(&[app])
        .with(json!({ "forbid": ["*"] }))
        .refused();
    assert!(log.contains("3 problems"), "{log}");
    let others = json!({ "forbid": ["tool", "g*-lib", "cc", "app-2"] });
    sample.world.image(&[app]).with(others).build();
}

#[test]
fn what_cannot_be_read_is_forbidden_all_the_same() {
    let sample = Sample::new();
    fs::remove_dir_all(&sample.tool).unwrap();
    let message = "brought by packages: app-1 -> tool-1-dev -> gcc-13.2.0; take a package";
    sample.refused(json!({ "forbid": ["gcc"] }), &[message]);
}

#[test]
fn store_paths_and_files_count_unpacked() {
    let sample = Sample::new();
    let own = 1000;
    let all = sample.unpacked() + own;
    for kind in ["fat", "thin"] {
        let limited = |limit: Value| {
            sample.world.image(&[&sample.app]).with(json!({
                "kind": kind,
                "files": { "/own": { "text": "x".repeat(usize::try_from(own).unwrap()) } },
                "maxClosureSize": limit,
            }))
        };
        limited(all.into()).build();
        limited("1M".into()).build();
        limited((all - 1).into()).refused_with(&[
            &format!("maxClosureSize: unpacked, the image has {all} bytes (253.6 kB), and the limit is {} (", all - 1),
            "; 1.0 kB of it are files of its own; ",
            "are app-1, 201.2 kB; app-1 -> tool-1-dev -> gcc-13.2.0, 50.4 kB; app-1 -> tool-1-dev, 880 B;",
        ]);
    }
}

#[test]
fn store_paths_are_counted() {
    let sample = Sample::new();
    let limited = |paths: u32| {
        let Sample {
            world, app, tool, ..
        } = &sample;
        world.image(&[tool, app]).with(json!({ "maxPaths": paths }))
    };
    limited(3).build();
    limited(2).refused_with(&[
        "maxPaths: the image has 3 store paths, and the limit is 2; the packages with most are app-1, 3; tool-1-dev, 2;",
    ]);
}

#[test]
fn all_that_is_broken_is_told_at_once() {
    let sample = Sample::new();
    sample.refused(
        json!({ "maxClosureSize": 1, "maxPaths": 0, "forbid": ["gcc"], "exec": ["/bin/none"] }),
        &[
            "4 problems",
            "maxClosureSize: ",
            "maxPaths: ",
            "forbid: ",
            "exec: ",
        ],
    );
    // Nothing is packed for a manifest, and nothing is too large.
    let manifest = |limit: Value| {
        sample
            .world
            .image(&[&sample.app])
            .with(json!({ "face": "manifest" }))
            .with(limit)
    };
    manifest(json!({ "maxSize": 1 })).write();
    manifest(json!({ "maxPaths": 2 })).refused_with(&["maxPaths: "]);
}

#[test]
fn a_finished_image_is_measured() {
    let sample = Sample::new();
    for face in ["aci", "oci"] {
        let limited = |limit: Value| {
            let image = sample.world.image(&[&sample.app]);
            image
                .with(json!({ "face": face, "compression": { "method": "none" } }))
                .with(limit)
        };
        let (out, _) = limited(json!({})).write();
        let size: u64 = if face == "aci" {
            fs::metadata(out.join("app-1.0.aci")).unwrap().len()
        } else {
            let read = |path: &str| -> Value {
                serde_json::from_slice(&fs::read(out.join(path)).unwrap()).unwrap()
            };
            let digest = read("index.json")["manifests"][0]["digest"]
                .as_str()
                .unwrap()
                .replace(':', "/");
            let manifest = read(&format!("blobs/{digest}"));
            let layers = manifest["layers"].as_array().unwrap();
            layers
                .iter()
                .map(|layer| layer["size"].as_u64().unwrap())
                .sum()
        };
        limited(json!({ "maxSize": size })).write();
        limited(json!({ "maxSize": size - 1 })).refused_with(&[
            &format!("maxSize: the finished image has {size} bytes ("),
            &format!(", and the limit is {} (", size - 1),
            "; the heaviest, unpacked, are app-1, 201.2 kB; ",
        ]);
    }
}

#[test]
fn a_budget_changes_no_byte() {
    let sample = Sample::new();
    let image = |with: Value| {
        let (out, _) = sample.world.image(&[&sample.app]).with(with).write();
        fs::read(out.join("app-1.0.aci")).unwrap()
    };
    let limits =
        json!({ "maxSize": "1G", "maxClosureSize": "1Gi", "maxPaths": 3, "forbid": ["perl"] });
    assert_eq!(image(json!({})), image(limits));
}
