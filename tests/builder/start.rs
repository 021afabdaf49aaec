//! How the program is started, and what it says when that is not as Nix does it.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::fixture::{PROGRAM, Request, World};
use crate::package::Package;

fn world() -> (World, String) {
    let mut world = World::new();
    let path = world.add(&Package::new("p").program("bin/p"));
    (world, path)
}

/// Runs a command and gives its exit code and what it said on both channels.
fn said(command: &mut Command) -> (Option<i32>, String, String) {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn help_and_version() {
    for flag in ["--help", "-h"] {
        let (code, out, error) = said(Command::new(PROGRAM).arg(flag).env_clear());
        assert_eq!((code, error.as_str()), (Some(0), ""));
        assert!(
            out.contains("not started by hand") && out.contains("mkACI"),
            "{out}"
        );
    }
    let (code, out, _) = said(Command::new(PROGRAM).arg("--version").env_clear());
    assert_eq!(
        (code, out),
        (Some(0), format!("nix2aci {}\n", env!("CARGO_PKG_VERSION")))
    );
    let (code, out, error) = said(Command::new(PROGRAM).arg("--verbose").env_clear());
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert_eq!(
        error,
        "nix2aci: unknown argument \"--verbose\"; try --help\n"
    );
}

#[test]
fn whoever_starts_it_by_hand_is_told_how_it_is_used() {
    let (world, path) = world();
    let (mut command, out) = world.image(&[&path]).command();
    let (code, _, error) = said(command.env_remove("NIX_STORE"));
    assert_eq!(code, Some(1));
    for part in ["NIX_STORE is not set", "started by Nix", "mkACI", "--help"] {
        assert!(error.contains(part), "{error}");
    }
    let (code, _, error) = said(command.env("NIX_STORE", "nix/store"));
    assert_eq!(code, Some(1));
    assert!(
        error.contains("the store directory \"nix/store\" is not an absolute, clean path"),
        "{error}"
    );
    let (code, _, error) = said(command.env("NIX_BUILD_TOP", "/nowhere"));
    assert_eq!(code, Some(1));
    assert!(
        error.contains("NIX_ATTRS_JSON_FILE") && error.contains("NIX_BUILD_TOP"),
        "{error}"
    );
    assert!(!out.exists());
}

#[test]
fn the_named_attributes_come_before_those_of_the_build_directory() {
    let (world, path) = world();
    let (mut command, out) = world.image(&[&path]).command();
    let file = command.get_current_dir().unwrap().join(".attrs.json");
    let named = world.path().join("named.json");
    fs::rename(&file, &named).unwrap();
    fs::write(&file, "not read").unwrap();
    let (code, _, error) = said(command.env("NIX_ATTRS_JSON_FILE", &named));
    assert_eq!(code, Some(0), "{error}");
    assert!(out.join("app-1.0.aci").exists());
}

/// Runs the program on the attributes of `request` after `change`, and sees it refuse them.
fn refuses(request: &Request<'_>, change: impl FnOnce(Value) -> String) -> String {
    let (mut command, out) = request.command();
    let file = command.get_current_dir().unwrap().join(".attrs.json");
    let attributes = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    fs::write(&file, change(attributes)).unwrap();
    let (code, _, error) = said(&mut command);
    assert_eq!(code, Some(1), "{error}");
    assert!(!out.exists());
    assert!(error.contains(".attrs.json"), "the file is named: {error}");
    assert!(!error.contains("panicked"), "{error}");
    error
}

#[test]
fn attributes_that_are_not_json_are_told_with_their_place() {
    let (world, path) = world();
    let request = world.image(&[&path]);
    for (text, parts) in [
        ("", &["EOF"][..]),
        ("{\n  \"aci\": {,\n}", &["line 2"]),
        ("[]", &["expected struct", "line 1"]),
        ("{}", &["missing field `aci`"]),
        ("\u{feff}{}", &["line 1"]),
    ] {
        let error = refuses(&request, |_| text.to_owned());
        assert!(
            parts.iter().all(|part| error.contains(part)),
            "{text:?}: {error}"
        );
    }
    let error = refuses(&request, |attributes| format!("{attributes}{attributes}"));
    assert!(error.contains("trailing characters"), "{error}");
    let error = refuses(&request, |attributes| {
        attributes.to_string().replace("app", "app\u{0}")
    });
    assert!(error.contains("control character"), "{error}");
}

#[test]
fn members_that_are_wrong_are_told_with_their_path() {
    let (world, path) = world();
    let request = world.image(&[&path]);
    for (pointer, value, parts) in [
        (
            "/aci/thinn",
            json!(true),
            &["aci.thinn", "unknown field `thinn`"][..],
        ),
        (
            "/aci/form/kind",
            json!("slim"),
            &["aci.form.kind", "slim", "`fat`"],
        ),
        (
            "/aci/form/kind",
            Value::Null,
            &["aci.form", "missing field `kind`"],
        ),
        (
            "/aci/root/packages",
            json!([{ "name": "x", "paths": [] }]),
            &["aci.root.packages[0]", "missing field `priority`"],
        ),
        (
            "/aci/root/packages",
            json!([{ "name": 1, "paths": [], "priority": 1 }]),
            &["aci.root.packages[0].name", "invalid type"],
        ),
        (
            "/aci/root/files",
            json!({ "/a b": { "txt": "" } }),
            &["aci.root.files./a b", "unknown field `txt`"],
        ),
        (
            "/aci/image/ports",
            json!({ "http": { "protocol": "tcp", "port": 1, "x": 1 } }),
            &["aci.image.ports.http", "unknown field"],
        ),
        (
            "/aci/root/skeleton/tmp",
            json!("yes"),
            &["aci.root.skeleton.tmp", "invalid type", "boolean"],
        ),
        (
            "/aci/image/env",
            json!({ "A": 1 }),
            &["aci.image.env.A", "invalid type"],
        ),
        (
            "/aci/root/files",
            json!({ "/a": { "text": "", "uid": -1 } }),
            &["aci.root.files./a", "an id is a whole number"],
        ),
        (
            "/closure/0/narSize",
            json!("1"),
            &["closure[0].narSize", "invalid type"],
        ),
        (
            "/outputs/out",
            Value::Null,
            &["outputs", "missing field `out`"],
        ),
    ] {
        let error = refuses(&request, |mut attributes| {
            let (parent, member) = pointer.rsplit_once('/').unwrap();
            let parent = attributes
                .pointer_mut(parent)
                .unwrap()
                .as_object_mut()
                .unwrap();
            parent.remove(member);
            if !value.is_null() {
                parent.insert(member.to_owned(), value.clone());
            }
            attributes.to_string()
        });
        assert!(
            parts.iter().all(|part| error.contains(part)),
            "{pointer} {value}: {error}"
        );
    }
}

#[test]
fn a_closure_that_is_none_is_refused() {
    let (world, path) = world();
    let request = world.image(&[&path]);
    let stranger = world.place("stranger");
    for (pointer, value, part) in [
        (
            "/closure/0/path",
            json!("/etc/passwd"),
            "is not a store path of",
        ),
        (
            "/closure/0/path",
            json!(format!("{path}/bin")),
            "lies below a store path",
        ),
        (
            "/closure/0/references",
            json!([stranger]),
            "to which it refers",
        ),
        (
            "/closure/0/references",
            json!(["/etc"]),
            "is not a store path of",
        ),
        ("/closure/0/narHash", json!("md5:00"), "is not a sha256"),
        ("/closure/0/narHash", json!("sha256:00"), "sha256"),
    ] {
        let error = refuses(&request, |mut attributes| {
            *attributes.pointer_mut(pointer).unwrap() = value.clone();
            attributes.to_string()
        });
        assert!(error.contains(part), "{pointer} {value}: {error}");
    }
    let request = world.image(&[&stranger]);
    request.refused_with(&[&format!(
        "the package {stranger} is not in the exported closure"
    )]);
}

#[test]
fn nix_is_told_of_stages_and_the_reader_of_figures() {
    let (world, path) = world();
    let log = world.path().join("nix-log");
    let shell = format!("exec \"$0\" 7>>'{}'", log.display());
    let request = world.image(&[&path]).with(json!({ "exec": ["/bin/p"] }));
    let image = request
        .variable("NIX_LOG_FD", "7")
        .through(&["sh", "-c", &shell])
        .build();
    let stages: Vec<Value> = fs::read_to_string(&log)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line.strip_prefix("@nix ").unwrap()).unwrap())
        .collect();
    assert!(
        stages
            .iter()
            .all(|stage| stage["action"] == "setPhase" && stage["phase"].is_string())
    );
    let phases: Vec<_> = stages
        .iter()
        .map(|stage| stage["phase"].as_str().unwrap())
        .collect();
    assert_eq!(phases[..2], ["planning", "packing"]);
    assert!(
        image
            .log
            .lines()
            .all(|line| line.starts_with("example.com/app: ")),
        "{}",
        image.log
    );
    assert!(
        image.log.contains("packs 1 store path") && image.log.contains("app-1.0.aci: 10 entries"),
        "{}",
        image.log
    );
    for number in ["99", "x", ""] {
        world.image(&[&path]).variable("NIX_LOG_FD", number).build();
    }
}
