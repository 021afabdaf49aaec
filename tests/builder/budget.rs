//! Budgets: what is refused, before anything is packed or as soon as its size is known, and what is said of it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::fixture::{World, nar};
use crate::foreign_image::{Archive, Built, Foreign, Packing};
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
            "; 1.0 kB of it are files of its root; ",
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
            layers(&out)
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

/// The bytes of all layers of the OCI image at `out`.
fn layers(out: &Path) -> u64 {
    let read = |path: &str| -> Value {
        serde_json::from_slice(&fs::read(out.join(path)).unwrap()).unwrap()
    };
    let digest = read("index.json")["manifests"][0]["digest"]
        .as_str()
        .unwrap()
        .replace(':', "/");
    let manifest = read(&format!("blobs/{digest}"));
    let layers = manifest["layers"].as_array().unwrap().iter();
    layers.map(|layer| layer["size"].as_u64().unwrap()).sum()
}

#[test]
fn what_an_image_below_has_counts() {
    let sample = Sample::new();
    let Sample {
        world, app, tool, ..
    } = &sample;
    for face in ["aci", "oci"] {
        let plain = json!({ "face": face, "compression": { "method": "none" } });
        let base = world
            .image(&[tool])
            .with(plain.clone())
            .with(json!({ "name": "base", "files": { "/own": { "text": "x".repeat(1000) } } }));
        let (below, _) = base.write();
        let image = |limits: Value| {
            let image = world.image(&[app]).with(plain.clone()).with(limits);
            image.on(&base, &below)
        };
        image(json!({ "forbid": ["gcc"] })).refused_with(&[
            "brought by packages of the image base: tool-1-dev -> gcc-13.2.0; ",
            &format!("{tool}/share/compiler mentions it"),
        ]);
        image(json!({ "forbid": ["*-dev"] }))
            .refused_with(&["named by packages of the image base; take it out there"]);
        image(json!({ "maxPaths": 3 })).write();
        image(json!({ "maxPaths": 2 })).refused_with(&["the image has 3 store paths"]);
        let all = sample.unpacked() + 1000;
        image(json!({ "maxClosureSize": all })).write();
        image(json!({ "maxClosureSize": all - 1 })).refused_with(&[
            &format!("unpacked, the image has {all} bytes ("),
            "; 1.0 kB of it are files of its root; ",
        ]);
        let (out, _) = image(json!({})).write();
        // The archive of the base is a file of its own; its layers are the image's too.
        let size = match face {
            "aci" => fs::metadata(out.join("app-1.0.aci")).unwrap().len(),
            _ => layers(&out),
        };
        assert_eq!(face == "oci", size > sample.unpacked(), "{size}");
        image(json!({ "maxSize": size })).write();
        image(json!({ "maxSize": size - 1 }))
            .refused_with(&[&format!("maxSize: the finished image has {size} bytes (")]);
    }
}

#[test]
fn what_an_image_of_another_tool_has_counts() {
    let sample = Sample::new();
    let Sample { world, app, .. } = &sample;
    let theirs = Archive::new().file("srv/theirs", 0o644, "x".repeat(70_000));
    let foreign = Foreign::new(world.path()).layer(theirs.bytes(), Packing::Plain);
    let read = world.image(&[]).with(json!({
        "name": "from-image", "face": "foreign", "compression": { "method": "none" },
        "fromImage": { "path": foreign.layout() },
    }));
    let (from, _) = read.write();
    let image = |limits: Value| {
        let on = json!({
            "face": "oci", "compression": { "method": "none" }, "fromImage": { "path": from },
        });
        world.image(&[app]).with(on).with(limits)
    };
    let all = sample.unpacked() + 70_000;
    image(json!({ "maxClosureSize": all, "maxPaths": 3 })).write();
    image(json!({ "maxClosureSize": all - 1, "maxPaths": 2 })).refused_with(&[
        "2 problems",
        &format!("unpacked, the image has {all} bytes ("),
        "; 0 B of it are files of its root, 70.0 kB those of the image of fromImage; ",
        "the image has 3 store paths",
    ]);
    let built = Built::of(&image(json!({})));
    let size = layers(&built.out);
    assert!(size > all, "{size}");
    image(json!({ "maxSize": size })).write();
    image(json!({ "maxSize": size - 1 }))
        .refused_with(&[&format!("maxSize: the finished image has {size} bytes (")]);
}

#[test]
fn an_image_that_its_recipe_makes_is_measured_then() {
    let sample = Sample::new();
    let home = tempfile::tempdir().unwrap();
    for face in ["aci", "oci"] {
        let recipe = |limit: Value| {
            let image = sample.world.image(&[&sample.app]);
            let image = image.with(json!({ "face": face, "recipe": true, "maxSize": limit }));
            image.write().0
        };
        let save = |recipe: &Path, to: &Path| -> Output {
            let mut save = Command::new(recipe.join("save"));
            let save = save.arg(to).env_clear().env("HOME", home.path());
            save.output().unwrap()
        };
        let large = home.path().join(format!("large-{face}"));
        // The second time every layer is in the cache.
        for time in 0..2 {
            let refused = save(&recipe(1.into()), &large);
            let log = String::from_utf8(refused.stderr).unwrap();
            assert_eq!(refused.status.code(), Some(1), "{log}");
            assert!(
                log.contains("maxSize: the finished image has "),
                "{time}: {log}"
            );
            assert!(!large.exists(), "{time}");
        }
        let saved = home.path().join(format!("small-{face}"));
        let output = save(&recipe("1M".into()), &saved);
        assert!(output.status.success(), "{output:?}");
        assert!(saved.exists());
    }
}
