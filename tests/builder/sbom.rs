//! Bills of materials: what is in them, and what they keep to themselves. `tests/sbom` has the parsers of others read them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::fixture::{Request, World};
use crate::package::Package;

/// A bill in both formats, as text.
struct Bill {
    cyclonedx: String,
    spdx: String,
}

impl Bill {
    fn write(request: Request<'_>, packages: &Value) -> Self {
        let request = request.about(json!({ "sbom": { "packages": packages } }));
        Self::read(&request.write().0)
    }

    fn read(directory: &Path) -> Self {
        let text = |ending: &str| fs::read_to_string(directory.join(format!("app-1.0.{ending}")));
        Self {
            cyclonedx: text("cdx.json").unwrap(),
            spdx: text("spdx.json").unwrap(),
        }
    }

    fn components(&self) -> Vec<Value> {
        let document: Value = serde_json::from_str(&self.cyclonedx).unwrap();
        document["components"].as_array().unwrap().clone()
    }

    fn component(&self, name: &str) -> Value {
        let mut components = self.components().into_iter();
        components.find(|it| it["name"] == name).unwrap()
    }
}

fn property(component: &Value, name: &str) -> Option<String> {
    let properties = component["properties"].as_array().unwrap();
    let found = properties
        .iter()
        .find(|it| it["name"] == format!("nix2aci:{name}"))?;
    Some(found["value"].as_str().unwrap().to_owned())
}

/// A library, and a program that refers to it and to itself.
fn world() -> (World, String, String) {
    let mut world = World::new();
    let library = world.add(&Package::new("library-2.0-lib").file("lib/x", "x"));
    let itself = world.place("program-1.5");
    let program = Package::new("program-1.5").program("bin/program");
    let program = world.add(&program.refers(&library).refers(&itself));
    (world, library, program)
}

#[test]
fn store_paths_and_references_are_told() {
    let (world, library, program) = world();
    let bill = Bill::write(world.image(&[&program]), &json!([]));
    let key = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    let document: Value = serde_json::from_str(&bill.cyclonedx).unwrap();
    let edges = document["dependencies"].as_array().unwrap().iter();
    let edges: BTreeMap<&str, &Value> = edges
        .map(|edge| (edge["ref"].as_str().unwrap(), &edge["dependsOn"]))
        .collect();
    assert_eq!(edges["image"], &json!([key(&program)]));
    // To itself it refers, too.
    assert_eq!(edges[key(&program).as_str()], &json!([key(&library)]));
    assert_eq!(edges[key(&library).as_str()], &json!([]));
    let library = bill.component("library");
    let hash = &key(library["bom-ref"].as_str().unwrap())[..32];
    assert_eq!(library["version"], "2.0");
    assert_eq!(
        library["purl"],
        format!("pkg:nix/library@2.0?hash={hash}&output=lib")
    );
    assert_eq!(property(&library, "place").unwrap(), "packed");
}

#[test]
fn no_store_path_is_readable() {
    let (world, library, program) = world();
    let said = json!([{
        "outputs": { "out": program },
        "description": format!("is in {program}"),
        "purls": [format!("pkg:generic/{}", program.rsplit('/').next().unwrap())],
    }]);
    let bill = Bill::write(world.image(&[&program]), &said);
    for path in [&library, &program] {
        let hash = &path.rsplit('/').next().unwrap()[..32];
        for text in [&bill.cyclonedx, &bill.spdx] {
            assert!(!text.contains(hash), "{path}: {text}");
        }
    }
    assert_eq!(
        bill.component("program")["description"],
        format!("is in {program}")
    );
}

#[test]
fn facts_are_those_of_all_outputs() {
    let (world, library, program) = world();
    let said = json!([
        { "outputs": { "out": world.place("library-2.0"), "lib": library }, "licence": { "one": { "id": "ISC" } } },
        // What is said second counts no more, and what is none of these is left out.
        { "outputs": { "lib": library }, "homepage": "https://example.com/" },
        { "outputs": { "out": program }, "homepage": "no address", "cpe": "none", "purls": ["none", "pkg:generic/p@1"] },
    ]);
    let bill = Bill::write(world.image(&[&program]), &said);
    let library = bill.component("library");
    assert_eq!(library["licenses"], json!([{ "license": { "id": "ISC" } }]));
    assert_eq!(library["externalReferences"], Value::Null);
    let program = bill.component("program");
    for nothing in ["licenses", "externalReferences", "cpe", "description"] {
        assert_eq!(program[nothing], Value::Null, "{nothing}");
    }
    let part =
        json!([{ "type": "application", "name": "p", "version": "1", "purl": "pkg:generic/p@1" }]);
    assert_eq!(program["components"], part);
}

#[test]
fn a_bill_follows_from_the_image_alone() {
    let (world, _, program) = world();
    let bill = |created: Option<&str>| {
        let image = world.image(&[&program]);
        let created = created.map(|created| json!({ "annotations": { "created": created } }));
        Bill::write(image.with(created.unwrap_or(json!({}))), &json!([]))
    };
    let (one, two, other) = (
        bill(None),
        bill(None),
        bill(Some("2026-01-31T13:00:00.5+01:00")),
    );
    assert_eq!((&one.cyclonedx, &one.spdx), (&two.cyclonedx, &two.spdx));
    assert!(one.spdx.contains("\"created\":\"1970-01-01T00:00:01Z\""));
    assert!(other.spdx.contains("\"created\":\"2026-01-31T12:00:00Z\""));
    let serial = |bill: &Bill| {
        let document: Value = serde_json::from_str(&bill.cyclonedx).unwrap();
        document["serialNumber"].as_str().unwrap().to_owned()
    };
    assert_ne!(serial(&one), serial(&other));
    assert!(serial(&one).starts_with("urn:uuid:"));
}

#[test]
fn it_tells_how_a_store_path_is_in_the_image() {
    let (mut world, library, program) = world();
    let page = world.add(&Package::new("index.html").file("", "page"));
    let files = json!({ "files": { "/srv/index.html": { "source": page } } });
    let thin = world.image(&[&program]).with(json!({ "kind": "thin" }));
    let bill = Bill::write(thin.with(files), &json!([]));
    for (name, kind, place) in [
        ("index.html", "file", "copied"),
        ("program", "application", "mounted"),
    ] {
        let component = bill.component(name);
        assert_eq!(component["type"], kind);
        assert_eq!(property(&component, "place").unwrap(), place);
    }

    let base = world.image(&[&library]).with(json!({ "name": "base" }));
    let (out, _) = base.write();
    let bill = Bill::write(world.image(&[&program]).on(&base, &out), &json!([]));
    let from = |name| property(&bill.component(name), "base");
    assert_eq!(from("library").as_deref(), Some("base"));
    assert_eq!(from("program"), None);
}

#[test]
fn what_is_not_known_is_told() {
    let (world, _, program) = world();
    let id = format!("sha512-{}", "0".repeat(128));
    let elsewhere =
        json!([{ "imageName": "example.com/other", "imageID": id, "labels": { "version": "3" } }]);
    let image = world
        .image(&[&program])
        .with(json!({ "dependencies": elsewhere }));
    let bill = Bill::write(image, &json!([]));
    let other = bill.component("example.com/other");
    assert_eq!(
        (&other["type"], &other["version"]),
        (&json!("container"), &json!("3"))
    );
    assert_eq!(property(&other, "imageId"), Some(id));
    let document: Value = serde_json::from_str(&bill.cyclonedx).unwrap();
    assert_eq!(document["compositions"][0]["aggregate"], "incomplete");
    assert_eq!(document["compositions"][1]["aggregate"], "unknown");
}

#[test]
fn beside_an_image_it_refers_to_the_image() {
    let (world, _, program) = world();
    let oci = || world.image(&[&program]).with(json!({ "face": "oci" }));
    let (plain, _) = oci().write();
    let (with, _) = oci().with(json!({ "sbom": [] })).write();
    let json = |path: &Path| -> Value { serde_json::from_slice(&fs::read(path).unwrap()).unwrap() };
    assert_eq!(
        json(&plain.join("index.json")),
        json(&with.join("index.json"))
    );
    assert!(!plain.join("sbom").exists());
    let index = json(&with.join("sbom/index.json"));
    let image = &index["manifests"][0];
    assert_eq!(image, &json(&with.join("index.json"))["manifests"][0]);
    for (number, format) in [(1, "cdx"), (2, "spdx")] {
        let blob = |descriptor: &Value| {
            let digest = descriptor["digest"].as_str().unwrap().replace(':', "/");
            with.join("sbom/blobs").join(digest)
        };
        let artifact = json(&blob(&index["manifests"][number]));
        assert_eq!(artifact["subject"]["digest"], image["digest"]);
        let request = oci().about(json!({ "sbom": { "packages": [], "layout": plain } }));
        let (told, _) = request.write();
        let told = fs::read(told.join(format!("app-1.0.{format}.json"))).unwrap();
        assert!(told == fs::read(blob(&artifact["layers"][0])).unwrap());
    }
}
