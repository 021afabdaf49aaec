//! Reports: what is told of an image, and what is read for it.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::fixture::{Request, World};
use crate::package::Package;

/// `app` brings `left` and `right`, which both need `libc`; `right` alone needs `data`.
struct Sample {
    world: World,
    app: String,
    libc: String,
}

impl Sample {
    fn new() -> Self {
        let mut world = World::new();
        let libc = world.add_unhashed(
            &Package::new("libc-1")
                .file(b"lib/bad\xff", "code")
                .file("lib/libc.so", vec![1; 5000]),
        );
        let data = world.add(&Package::new("data").file("share/large", vec![7; 10_000]));
        let left = Package::new("left-1")
            .file("share/same", "same")
            .refers(&libc);
        let left = world.add(&left);
        let right = Package::new("right-1").file("share/same", "same");
        let right = world.add(&right.refers(&libc).refers(&data));
        let app = Package::new("app-1")
            .program("bin/app")
            .refers(&left)
            .refers(&right);
        let app = world.add(&app);
        Self { world, app, libc }
    }

    fn image(&self) -> Request<'_> {
        self.world.image(&[&self.app])
    }
}

fn report(request: Request<'_>, files: bool) -> Value {
    let request = request.about(json!({ "report": { "files": files } }));
    let (out, log) = request.write();
    assert!(log.contains("report: "), "{log}");
    let text = fs::read_to_string(out.join("report.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The member of the store path of this name.
fn of<'r>(report: &'r Value, name: &str) -> &'r Value {
    let paths = report["storePaths"].as_array().unwrap();
    paths.iter().find(|path| path["name"] == name).unwrap()
}

/// The names of the store paths with these numbers.
fn named(report: &Value, numbers: &Value) -> Vec<String> {
    let numbers = numbers.as_array().unwrap().iter();
    let name = |number: &Value| {
        let path = &report["storePaths"][usize::try_from(number.as_u64().unwrap()).unwrap()];
        path["name"].as_str().unwrap().to_owned()
    };
    numbers.map(name).collect()
}

#[test]
fn sizes_chains_and_equal_content_are_told() {
    let sample = Sample::new();
    let report = report(sample.image(), true);
    let size = |name: &str, member: &str| of(&report, name)[member].as_u64().unwrap();
    let sum = |names: &[&str]| names.iter().map(|name| size(name, "narSize")).sum::<u64>();
    // Of what both bring, neither is the only cause.
    assert_eq!(size("left-1", "addedSize"), sum(&["left-1"]));
    assert_eq!(size("right-1", "addedSize"), sum(&["right-1", "data"]));
    assert_eq!(size("left-1", "closureSize"), sum(&["left-1", "libc-1"]));
    let all = sum(&["app-1", "left-1", "right-1", "data", "libc-1"]);
    assert_eq!(size("app-1", "addedSize"), all);
    assert_eq!(report["totals"]["narBytes"], all);
    assert_eq!(report["totals"]["files"], 6);
    assert_eq!(
        named(&report, &of(&report, "data")["chain"]),
        ["app-1", "right-1", "data"]
    );
    assert_eq!(of(&report, "app-1")["argument"], "packages");
    assert_eq!(report["equal"]["wasted"], 4);
    let pair = &report["equal"]["groups"][0]["storePaths"];
    let mut pair = named(&report, pair);
    pair.sort();
    assert_eq!(pair, ["left-1", "right-1"]);
    assert_eq!(report["largest"][0]["path"], "share/large");
    assert_eq!(report["programs"][0]["path"], "/bin/app");
}

/// A name that an image cannot have is told all the same: a thin image mounts it.
#[test]
fn any_name_is_told() {
    let sample = Sample::new();
    for kind in ["fat", "thin"] {
        let report = report(sample.image().with(json!({ "kind": kind })), true);
        let paths = report["largest"].as_array().unwrap();
        assert!(paths.iter().any(|file| file["path"] == "lib/bad\\xff"));
        let place = if kind == "fat" { "packed" } else { "mounted" };
        assert_eq!(of(&report, "libc-1")["place"], place);
    }
}

#[test]
fn without_files_none_is_read() {
    let sample = Sample::new();
    let whole = report(sample.image(), true);
    fs::remove_dir_all(&sample.libc).unwrap();
    let short = report(sample.image(), false);
    for member in ["image", "programs", "manifest"] {
        assert_eq!(whole[member], short[member]);
    }
    assert_eq!(
        of(&whole, "libc-1")["narSize"],
        of(&short, "libc-1")["narSize"]
    );
    assert_eq!(
        (&short["largest"], &short["equal"]),
        (&Value::Null, &Value::Null)
    );
    let request = sample.image().about(json!({ "report": { "files": true } }));
    request.refused_with(&["reading", &sample.libc, "No such file"]);
}

/// What `files` copies is not in the image, and what it refers to is.
#[test]
fn a_source_of_files_is_told_as_copied() {
    let mut sample = Sample::new();
    let source = Package::new("source")
        .file("x", "text")
        .refers(&sample.libc);
    let source = sample.world.add(&source);
    let files = json!({ "/etc/x": { "source": format!("{source}/x") } });
    let image = sample.world.image(&[]).with(json!({ "files": files }));
    let report = report(image, true);
    assert_eq!(of(&report, "source")["place"], "copied");
    assert_eq!(of(&report, "source")["narSize"], 0);
    assert_eq!(
        named(&report, &of(&report, "libc-1")["chain"]),
        ["source", "libc-1"]
    );
    assert_eq!(report["totals"]["storePaths"], 1);
    assert_eq!(report["totals"]["ownBytes"], 4);
}

#[test]
fn nothing_of_it_reads_as_a_reference() {
    let sample = Sample::new();
    let request = sample.image().about(json!({ "report": { "files": true } }));
    let (out, _) = request.write();
    for file in ["report.html", "report.json", "report.txt"] {
        let text = fs::read_to_string(out.join(file)).unwrap();
        for record in &sample.world.closure {
            let path = Path::new(record["path"].as_str().unwrap());
            let hash = &path.file_name().unwrap().to_str().unwrap()[..32];
            assert!(!text.contains(hash), "{file} has {hash}");
        }
    }
}

#[test]
fn what_is_told_is_known() {
    let sample = Sample::new();
    for about in [
        json!({ "other": {} }),
        json!({ "report": {} }),
        json!({ "report": { "files": 1 } }),
    ] {
        sample.image().about(about).refused_with(&["about"]);
    }
}
