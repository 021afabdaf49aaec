//! Fat, thin and static images: what of the closure goes in, and where.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};

use crate::archive::{self, Kind};
use crate::fixture::World;
use crate::image::Image;
use crate::package::Package;
use crate::rules::{actool_accepts, keeps_the_rules, store_is};

/// `app` refers to `lib`, `lib` to itself; `stranger` is in the closure for another reason.
struct Sample {
    world: World,
    app: String,
    lib: String,
    stranger: String,
}

impl Sample {
    fn new() -> Self {
        let mut world = World::new();
        let itself = world.place("lib-2");
        let lib = world.add(
            &Package::new("lib-2")
                .file("lib/libc.so", "code")
                .link("lib/libc.so.2", "libc.so")
                .directory("lib/empty")
                .refers(&itself),
        );
        let app = world.add(
            &Package::new("app-1")
                .program("bin/app")
                .link("bin/ap", format!("{lib}/lib/libc.so"))
                .file("share/data", vec![7; 100_000])
                .file("share/none", "")
                .refers(&lib),
        );
        let stranger = world.add(&Package::new("stranger").file("x", "x"));
        Self {
            world,
            app,
            lib,
            stranger,
        }
    }
}

fn mount_points(image: &Image) -> BTreeMap<String, String> {
    let manifest = image.manifest();
    let points = manifest["app"]["mountPoints"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    points
        .iter()
        .map(|point| {
            assert_eq!(point["readOnly"], true);
            (text(&point["name"]), text(&point["path"]))
        })
        .collect()
}

#[test]
fn a_fat_image_holds_the_whole_closure() {
    let Sample {
        world, app, lib, ..
    } = Sample::new();
    let image = world.image(&[&app]).build();
    keeps_the_rules(&image.entries);
    store_is(&image, &world, &[&app, &lib]);
    assert!(
        image
            .entries
            .iter()
            .all(|entry| (entry.uid, entry.gid) == (0, 0))
    );
    image.has_root(&[
        "0755 /bin/",
        "/bin/ap -> @app-1/bin/ap",
        "/bin/app -> @app-1/bin/app",
        "0755 /share/",
        "/share/data -> @app-1/share/data",
        "/share/none -> @app-1/share/none",
    ]);
    let names: Vec<_> = image.files.keys().collect();
    assert_eq!(names, ["app-1.0.aci", "app-1.0.json", "postprocess.sh"]);
    actool_accepts(&image);
}

#[test]
fn a_static_image_holds_its_packages_alone() {
    let Sample {
        world, app, lib, ..
    } = Sample::new();
    let image = world
        .image(&[&lib])
        .with(json!({ "kind": "static" }))
        .build();
    keeps_the_rules(&image.entries);
    store_is(&image, &world, &[&lib]);
    actool_accepts(&image);
    let with_references = world.image(&[&app]).with(json!({ "kind": "static" }));
    with_references.refused_with(&["static: ", &format!("{app} refers to {lib}"), "pkgsStatic"]);
    let both = world.image(&[&app, &lib]).with(json!({ "kind": "static" }));
    store_is(&both.build(), &world, &[&app, &lib]);
}

#[test]
fn what_nothing_links_or_mentions_is_not_in_the_image() {
    let Sample {
        world,
        app,
        lib,
        stranger,
    } = Sample::new();
    let bin = || {
        world
            .image(&[&app, &stranger])
            .with(json!({ "pathsToLink": ["/bin"] }))
    };
    let image = bin().build();
    store_is(&image, &world, &[&app, &lib]);
    assert!(
        image.log.contains("stranger has nothing in pathsToLink"),
        "{}",
        image.log
    );
    assert!(!image.log.contains("app-1 has nothing"), "{}", image.log);
    let thin = bin().with(json!({ "kind": "thin" })).build();
    assert_eq!(mount_points(&thin).len(), 2);
    // What a text mentions is wanted, though it has no such directory; so is what another package refers to.
    let mentioned = bin().with(json!({ "env": { "X": format!("{stranger}/x") } }));
    store_is(&mentioned.build(), &world, &[&app, &lib, &stranger]);
    let needed = world
        .image(&[&app, &lib])
        .with(json!({ "pathsToLink": ["/bin"] }));
    store_is(&needed.build(), &world, &[&app, &lib]);
    let nothing = world
        .image(&[&lib, &stranger])
        .with(json!({ "kind": "static", "pathsToLink": ["/lib"] }));
    store_is(&nothing.build(), &world, &[&lib]);
}

#[test]
fn the_log_has_the_notes_of_the_evaluation() {
    let Sample { world, lib, .. } = Sample::new();
    let image = world
        .image(&[&lib])
        .with(json!({ "notes": ["the slash is left out"] }));
    let log = image.build().log;
    assert!(log.contains("warning: the slash is left out"), "{log}");
}

#[test]
fn a_static_image_mentions_nothing_else() {
    let Sample {
        world,
        lib,
        stranger,
        ..
    } = Sample::new();
    let request = world.image(&[&lib]).with(json!({
        "kind": "static",
        "env": { "X": format!("{stranger}/x") },
        "files": { "/a": { "symlink": format!("{stranger}/x") } },
    }));
    request.refused_with(&["env.X: mentions", "files.\"/a\": mentions", &stranger]);
}

#[test]
fn a_thin_image_mounts_the_closure_one_to_one() {
    let Sample {
        mut world,
        app,
        lib,
        ..
    } = Sample::new();
    let text = world.add(&Package::new("a.file_with+signs").file("", "single"));
    let alias = world.add(&Package::new("alias").link("", &lib).refers(&lib));
    let request = world.image(&[&app]).with(json!({
        "kind": "thin",
        "env": { "FILE": text, "LINK": format!("{alias}/lib:x") },
        "exec": ["/bin/app"],
    }));
    let image = request.build();
    keeps_the_rules(&image.entries);
    let expected = [&app, &lib, &text, &alias];
    for path in expected {
        let entry = image.get(path).unwrap();
        let kind = if *path == text {
            Kind::File(Vec::new())
        } else {
            Kind::Directory
        };
        assert_eq!(entry.kind, kind, "{path}");
    }
    let below = format!("rootfs{}/", world.store());
    let places = image
        .entries
        .iter()
        .filter(|entry| entry.path.starts_with(below.as_bytes()));
    assert_eq!(places.count(), expected.len(), "no content of the store");

    let points = mount_points(&image);
    assert_eq!(points.len(), expected.len());
    assert!(
        expected
            .iter()
            .all(|path| points.values().any(|point| point == *path))
    );
    let volumes: BTreeMap<_, _> = image
        .text("app-1.0.mounts")
        .lines()
        .map(|line| {
            let line = line.strip_prefix("--volume=").unwrap();
            let line = line.strip_suffix(",readOnly=true").unwrap();
            let (name, source) = line.split_once(",kind=host,source=").unwrap();
            (name.to_owned(), source.to_owned())
        })
        .collect();
    assert_eq!(volumes, points);
    assert!(points.keys().all(|name| name.len() <= 63));
    actool_accepts(&image);
}

#[test]
fn what_the_description_mentions_goes_in_too() {
    let Sample {
        mut world,
        lib,
        stranger,
        app,
    } = Sample::new();
    let mentions = [
        json!({ "env": { "X": format!("a:{stranger}/x:b") } }),
        json!({ "exec": ["/lib/libc", format!("--with={stranger}")], "exec": [format!("{app}/bin/app"), &stranger] }),
        json!({ "files": { "/a": { "text": format!("see {stranger}.") } } }),
        json!({ "files": { "/a": { "symlink": &stranger } } }),
        json!({ "workingDirectory": &stranger }),
    ];
    for members in mentions {
        let image = world.image(&[&lib]).with(members.clone()).build();
        assert!(image.get(&stranger).is_some(), "{members}");
    }
    let without = world.image(&[&lib]).build();
    assert!(without.get(&stranger).is_none());

    // What is copied is not needed itself, but what it refers to is.
    let source = &Package::new("source")
        .file("conf", "see stranger")
        .refers(&stranger);
    let source = world.add(source);
    let files = json!({ "files": { "/conf": { "source": format!("{source}/conf") } } });
    let image = world.image(&[&lib]).with(files).build();
    store_is(&image, &world, &[&lib, &stranger]);
}

#[test]
fn the_manifest_alone_is_that_of_the_image() {
    let Sample { world, app, .. } = Sample::new();
    for kind in ["fat", "thin"] {
        let members = json!({
            "kind": kind,
            "exec": ["/bin/app"],
        });
        let request = world.image(&[&app]).with(members);
        let request = request.with(json!({ "face": "manifest" }));
        let (mut command, out) = request.command();
        assert!(command.output().unwrap().status.success());
        let files: Vec<_> = fs::read_dir(&out).unwrap().collect();
        assert_eq!(files.len(), 1, "{files:?}");

        let image = request.with(json!({ "face": "aci" })).build();
        let alone = fs::read(out.join("manifest")).unwrap();
        assert_eq!(image.entries[0].kind, Kind::File(alone));
    }
}

#[test]
fn each_compression_holds_the_same_archive() {
    let Sample { world, app, .. } = Sample::new();
    let archive = |compression: Value| {
        let image = world
            .image(&[&app])
            .with(json!({ "compression": compression }))
            .build();
        actool_accepts(&image);
        let report: Value = serde_json::from_str(image.text("app-1.0.json")).unwrap();
        let aci = &image.files["app-1.0.aci"];
        assert_eq!(report["compressedSize"], aci.len());
        let plain = archive::decompress(aci);
        assert_eq!(report["uncompressedSize"], plain.len());
        assert_eq!(report["entries"], image.entries.len());
        (plain, report["imageID"].clone())
    };
    let gzip = archive(json!({ "method": "gzip" }));
    let id = gzip.1.as_str().unwrap().strip_prefix("sha512-").unwrap();
    assert_eq!(
        id,
        data_encoding::HEXLOWER.encode(&<sha2::Sha512 as sha2::Digest>::digest(&gzip.0))
    );
    assert_eq!(gzip, archive(json!({ "method": "gzip", "level": 12 })));
    assert_eq!(gzip, archive(json!({ "method": "xz", "level": 1 })));
    assert_eq!(gzip, archive(json!({ "method": "none" })));
}

#[test]
fn what_weighs_most_is_told_with_the_chain_that_brings_it() {
    let mut world = World::new();
    let mut add = |name: &str, size: usize, needs: &str| {
        let package = Package::new(name).file("content", " ".repeat(size));
        world.add(&if needs.is_empty() {
            package
        } else {
            package.refers(needs)
        })
    };
    let glyphs = add("glyphs-2", 9000, "");
    let font = add("font-1", 10, &glyphs);
    let screen = add("screen-3", 20, &font);
    let app = add("app-4", 5000, &screen);
    let log = world.image(&[&app]).build().log;
    let lines: Vec<&str> = log
        .lines()
        .filter(|line| line.contains("largest: "))
        .collect();
    assert_eq!(lines.len(), 3, "{log}");
    assert!(
        lines[0].ends_with("largest: app-4 -> screen-3 -> font-1 -> glyphs-2, 9.2 kB"),
        "{log}"
    );
    assert!(lines[1].contains("largest: app-4, 5.2 kB"), "{log}");
}
