//! Findings: what is told at the end of a build, of what, and who silences it.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::fixture::{Request, World};
use crate::package::Package;

/// A block that looks like a private key.
fn key() -> String {
    format!("-----BEGIN PRIVATE KEY-----\n{}\n", "A".repeat(64))
}

/// What a build tells of this kind.
fn told(log: &str, what: &str) -> Vec<String> {
    let lines = log.lines().filter_map(|line| line.split_once("warning: "));
    let lines = lines.map(|(_, warning)| warning.to_owned());
    lines.filter(|line| line.starts_with(what)).collect()
}

#[track_caller]
fn tells(request: &Request<'_>, what: &str, parts: &[&str]) {
    let (_, log) = request.write();
    let told = told(&log, what);
    assert_eq!(told.len(), 1, "{log}");
    for part in parts {
        assert!(told[0].contains(part), "{part:?} is not in: {}", told[0]);
    }
}

#[track_caller]
fn tells_nothing(request: &Request<'_>, what: &str) {
    let (_, log) = request.write();
    assert_eq!(told(&log, what), [""; 0]);
}

/// `app` needs `gcc`, headers, documentation, and another version of what `other` needs.
fn world() -> (World, String) {
    let mut world = World::new();
    let needed = [
        Package::new("gcc-13.2.0").file("bin/gcc", "x"),
        Package::new("compilers").program("bin/x86_64-linux-gnu-gcc-12"),
        Package::new("openssl-3-dev").file("include/ssl.h", "x"),
        Package::new("openssl-3-man").file("share/man/x", "x"),
        Package::new("zlib-1.2").file("lib/z", "1"),
        Package::new("zlib-1.3").file("lib/z", "2"),
    ];
    let mut app = Package::new("app-1").file("share/app", "x");
    for package in needed {
        let path = world.add(&package);
        app = app.refers(&path);
    }
    let app = world.add(&app);
    (world, app)
}

/// Each kind: its word, how its line begins, and what makes it.
const KINDS: [(&str, &str, &str); 8] = [
    (
        "secrets",
        "secrets for all",
        r#"{ "files": { "/id_rsa": { "text": "x" } } }"#,
    ),
    (
        "writable",
        "writable to anyone",
        r#"{ "files": { "/a": { "text": "x", "mode": "0666" } } }"#,
    ),
    (
        "setuid",
        "with the rights of its owner",
        r#"{ "files": { "/a": { "text": "x", "mode": "2755" } } }"#,
    ),
    (
        "dangling",
        "links to nothing",
        r#"{ "files": { "/a": { "symlink": "/b" } } }"#,
    ),
    ("compiler", "a compiler comes along", "{}"),
    ("versions", "several versions", "{}"),
    ("development", "what only builds need", "{}"),
    ("documentation", "documentation comes", "{}"),
];

#[test]
fn each_kind_has_its_word() {
    let (world, app) = world();
    for (word, begins, with) in KINDS {
        let others: Vec<&str> = KINDS
            .iter()
            .map(|(other, ..)| *other)
            .filter(|other| *other != word)
            .collect();
        let with: Value = serde_json::from_str(with).unwrap();
        let image = |allow: Value| {
            world
                .image(&[&app])
                .with(with.clone())
                .with(json!({ "allow": allow }))
        };
        let switch = format!("or allow = [ {word:?} ]");
        tells(&image(json!(others)), begins, &[&switch]);
        tells_nothing(&image(json!(KINDS.map(|(word, ..)| word))), begins);
    }
}

#[test]
fn what_comes_along_is_told_with_what_brings_it() {
    let (world, app) = world();
    let image = |with: Value| world.image(&[&app]).with(with);
    tells(
        &image(json!({})),
        "a compiler comes along: ",
        &[
            "app-1 -> gcc-13.2.0 (",
            ") and 1 more (the report names all); ",
        ],
    );
    let compilers = world.place("compilers");
    tells(
        &world.image(&[&compilers]),
        "a compiler comes along: ",
        &[": compilers (bin/x86_64-linux-gnu-gcc-12, "],
    );
    tells(
        &image(json!({})),
        "several versions of one package: ",
        &["app-1 -> zlib-1.2 and app-1 -> zlib-1.3; "],
    );
    // Names are known without a look into packages; a recipe and a thin image have no other.
    for with in [
        json!({ "kind": "thin" }),
        json!({ "recipe": true }),
        json!({ "face": "manifest" }),
    ] {
        let (_, log) = image(with).write();
        let told = told(&log, "a compiler comes along: ");
        assert!(told[0].contains("gcc-13.2.0"), "{log}");
        assert!(!told[0].contains("compilers"), "{log}");
    }
    // Who names a package wants it.
    let documentation = world.place("openssl-3-man");
    tells_nothing(&world.image(&[&documentation]), "documentation comes");
}

#[test]
fn few_headers_are_not_told() {
    let image = |bytes: usize| {
        let mut world = World::new();
        let library = world.add(
            &Package::new("library-1")
                .file("include/a.h", "x".repeat(bytes))
                .file("lib/liba.a", "x".repeat(bytes)),
        );
        let app = world.add(&Package::new("app-1").file("a", "x").refers(&library));
        (world, app)
    };
    let (world, app) = image(600_000);
    tells(
        &world.image(&[&app]),
        "what only builds need comes along: ",
        &["app-1 -> library-1 (include/a.h and 1 more, 1.2 MB); "],
    );
    let library = world.place("library-1");
    tells_nothing(&world.image(&[&library]), "what only builds need");
    let (world, app) = image(400_000);
    tells_nothing(&world.image(&[&app]), "what only builds need");
}

#[test]
fn a_few_lines_are_told_at_most() {
    let (world, app) = world();
    let files: Value = (0..500)
        .map(|number| (format!("/f/id_rsa{number}/id_rsa"), json!({ "text": "x" })))
        .chain([("/w".to_owned(), json!({ "text": "", "mode": "6777" }))])
        .chain([("/l".to_owned(), json!({ "symlink": "/m" }))])
        .collect::<serde_json::Map<_, _>>()
        .into();
    let (_, log) = world.image(&[&app]).with(json!({ "files": files })).write();
    let lines: Vec<String> = KINDS
        .iter()
        .flat_map(|(_, begins, _)| told(&log, begins))
        .chain(told(&log, "more to look at"))
        .collect();
    assert_eq!(lines.len(), 5, "{log}");
    assert!(
        lines.iter().all(|line| line.chars().count() <= 220),
        "{log}"
    );
    assert!(lines[0].contains(" more (the report names all); "), "{log}");
    assert!(
        lines[4].contains("development (1), documentation (1)"),
        "{log}"
    );
}

#[test]
fn links_are_followed_as_the_program_would() {
    let mut world = World::new();
    let other = world.add(&Package::new("other-1").file("lib/x", "x"));
    let app = world.add(
        &Package::new("app-1")
            .file("lib/real", "x")
            .link("lib/good", "real")
            .link("lib/other", format!("{other}/lib/x"))
            .link("lib/root", "/opt/given")
            .link("lib/proc", "/proc/self/fd")
            .link("lib/hosts", "/etc/resolv.conf")
            .link("lib/data", "/data/x")
            .link("share/doc/none", "/nowhere")
            .refers(&other),
    );
    let image = |with: Value| {
        world.image(&[&app]).with(
            json!({ "mounts": { "data": "/data" }, "files": { "/opt/given": { "text": "x" } } }),
        ).with(with)
    };
    tells_nothing(&image(json!({})), "links to nothing");
    tells(
        &image(json!({ "files": {}, "mounts": {} })),
        "links to nothing: ",
        &["lib/data of app-1, to /data/x, lib/root of app-1, to /opt/given; "],
    );
    // What the machine has that builds is not there.
    let lost = world.add(
        &Package::new("lost-1")
            .link("lib/machine", "/bin/sh")
            .link("lib/round", "round"),
    );
    tells(
        &world.image(&[&lost]),
        "links to nothing: ",
        &["lib/machine of lost-1, to /bin/sh", "lib/round"],
    );
}

#[test]
fn secrets_are_found_wherever_they_come_from() {
    let mut world = World::new();
    let keys = world.add(
        &Package::new("keys-1")
            .file("share/late", format!("{}{}", "x\n".repeat(1000), key()))
            .file("share/large", format!("{}{}", "x\n".repeat(200_000), key()))
            .file("share/id_rsa.pub", "x"),
    );
    let source = world.add(
        &Package::new("source-1")
            .file("key", key())
            .file("other", key()),
    );
    let begins = "secrets for all who have the image: ";
    for face in ["aci", "oci"] {
        tells(
            &world.image(&[&keys]).with(json!({ "face": face })),
            begins,
            &[": share/late of keys-1 (a private key); "],
        );
    }
    let copied = world.image(&[]).with(json!({
        "files": { "/etc/key": { "source": format!("{source}/key") } },
    }));
    tells(&copied, begins, &[": files.\"/etc/key\" (a private key); "]);
    // What stands under files comes first.
    let both = world.image(&[&keys]).with(json!({
        "files": { "/srv/.env": { "text": "A=b\nTOKEN=1" } },
    }));
    tells(
        &both,
        begins,
        &[": files.\"/srv/.env\" (TOKEN), share/late of keys-1"],
    );
}

#[test]
fn passwords_of_the_environment_are_told() {
    let world = World::new();
    let image = |env: Value| world.image(&[]).with(json!({ "env": env, "recipe": true }));
    tells(
        &image(json!({ "A": "b", "DB_PASSWORD": "1234" })),
        "secrets for all who have the image: ",
        &[": env.DB_PASSWORD (in the image's description); "],
    );
    let none = json!({ "PASSWORD": "", "TOKEN": "/run/token", "PASSWORD_FILE": "/x" });
    tells_nothing(&image(none), "secrets for");
}

#[test]
fn what_an_image_below_has_is_told_there() {
    let mut world = World::new();
    let keys = world.add(&Package::new("keys-1").file("share/key", key()));
    let app = world.add(&Package::new("app-1").file("share/app", "x").refers(&keys));
    for face in ["aci", "oci"] {
        let base = world.image(&[&keys]).with(json!({
            "name": "base", "face": face,
            "files": { "/a": { "text": "", "mode": "0666" }, "/b": { "symlink": "/c" } },
        }));
        let (out, log) = base.write();
        let begins = ["secrets for", "writable to", "links to"];
        assert!(
            begins.iter().all(|begins| told(&log, begins).len() == 1),
            "{log}"
        );
        let above = world.image(&[&app]).with(json!({ "face": face }));
        let (_, log) = above.on(&base, &out).write();
        assert!(
            begins.iter().all(|begins| told(&log, begins).is_empty()),
            "{log}"
        );
    }
    let gcc = world.add(&Package::new("gcc-13.2.0").file("lib/x", "x"));
    let base = world
        .image(&[&gcc])
        .with(json!({ "name": "base", "kind": "thin" }));
    let (out, log) = base.write();
    assert_eq!(told(&log, "a compiler comes along").len(), 1, "{log}");
    let above = world.image(&[&app]).with(json!({ "kind": "thin" }));
    tells_nothing(&above.on(&base, &out), "a compiler comes along");
}

#[test]
fn a_layer_of_the_cache_is_told_of_again() {
    let mut world = World::new();
    let keys = world.add(&Package::new("keys-1").file("share/key", key()));
    let app = world.add(&Package::new("app-1").file("share/app", "x"));
    let home = tempfile::tempdir().unwrap();
    for (number, packages) in [vec![&*keys], vec![&*app, &*keys]].into_iter().enumerate() {
        let recipe = world
            .image(&packages)
            .with(json!({ "face": "oci", "recipe": true }));
        let (out, log) = recipe.write();
        assert_eq!(told(&log, "secrets for"), [""; 0]);
        let mut save = Command::new(out.join("save"));
        let saved = save.arg(home.path().join(format!("saved-{number}")));
        let output = saved.env_clear().env("HOME", home.path()).output().unwrap();
        let log = String::from_utf8(output.stderr).unwrap();
        assert_eq!(told(&log, "secrets for").len(), 1, "{log}");
    }
}

#[test]
fn names_of_files_begin_no_line() {
    let mut world = World::new();
    let hostile = "a\n@nix {}\u{1b}[2J\u{202e}";
    let app = world.add(
        &Package::new("app-1")
            .file(format!("{hostile}/id_rsa"), "x")
            .link(format!("lib-{hostile}"), format!("/{hostile}")),
    );
    let image = world.image(&[&app]).with(json!({ "face": "oci" }));
    let (_, log) = image.write();
    assert!(
        log.contains("a\\n@nix {}\\u{1b}[2J\\u{202e}/id_rsa of app-1"),
        "{log}"
    );
    assert!(!log.contains(['\u{1b}', '\u{202e}']), "{log}");
    let deep = world.add(&Package::new("long-1").file(format!("{}/id_rsa", "x".repeat(250)), "x"));
    let (_, log) = world.image(&[&deep]).write();
    let told = told(&log, "secrets for");
    assert!(told[0].contains("x…x") && told[0].len() < 240, "{log}");
    assert!(!log.lines().any(|line| line.starts_with("@nix")), "{log}");
}

#[test]
fn what_is_found_changes_no_byte() {
    let mut world = World::new();
    let keys = world.add(&Package::new("keys-1").file("share/key", key()));
    let image = |allow: Value| {
        let (out, _) = world
            .image(&[&keys])
            .with(json!({ "allow": allow }))
            .write();
        fs::read(out.join("app-1.0.aci")).unwrap()
    };
    assert!(image(json!([])) == image(json!(["secrets"])));
}
