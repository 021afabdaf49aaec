//! Same input, same bytes: whatever the machine that builds is like.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::fixture::{PROGRAM, Request, World};
use crate::package::{Item, Package};

/// Two packages with much of everything; more than one block of the compression.
fn packages() -> [Package; 2] {
    let mut state = 1_u32;
    let mut noise = |length: usize| -> Vec<u8> {
        let next = |_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24).to_le_bytes()[0] & 0x3f
        };
        (0..length).map(next).collect()
    };
    let mut package = Package::new("many").file("share/big", noise(1_500_000));
    for number in 0..40 {
        package = package
            .file(
                format!("share/d{}/f{number}", number % 7),
                noise(number * 13),
            )
            .program(format!("bin/p{number}"))
            .link(format!("lib/l{number}"), format!("../bin/p{number}"));
    }
    let second = Package::new("second")
        .file("etc/x", "x")
        .file("etc/y", "y")
        .directory("var/empty");
    [
        package
            .file("share/same1", "same")
            .file("share/same2", "same"),
        second,
    ]
}

fn world() -> (World, [String; 2]) {
    let mut world = World::new();
    let paths = packages().map(|package| world.add(&package));
    (world, paths)
}

fn request<'w>(world: &'w World, paths: &[String; 2], kind: &str) -> Request<'w> {
    world
        .image(&[&paths[0], &paths[1]])
        .with(json!({ "kind": kind, "user": "www", "exec": ["/bin/p1"], "env": { "A": "b" } }))
        .skeleton("passwd")
        .skeleton("tmp")
}

type Files = BTreeMap<String, (u32, Vec<u8>)>;

/// All files of the output with their permissions.
fn bytes(request: &Request<'_>) -> Files {
    let image = request.build();
    let mode = |name: &str| fs::metadata(image.out.join(name)).unwrap().mode() & 0o777;
    image
        .files
        .iter()
        .map(|(name, bytes)| (name.clone(), (mode(name), bytes.clone())))
        .collect()
}

#[test]
fn neither_cores_nor_environment_nor_umask_matter() {
    let (world, paths) = world();
    let other = world.path().join("another directory");
    fs::create_dir(&other).unwrap();
    for kind in ["fat", "thin", "static"] {
        let expected = bytes(&request(&world, &paths, kind));
        let wanted = || request(&world, &paths, kind);
        let mut variants: Vec<(&str, Request<'_>)> = Vec::new();
        for cores in ["0", "1", "2", "7", "16", "many", ""] {
            variants.push((cores, wanted().variable("NIX_BUILD_CORES", cores)));
        }
        let locale = wanted()
            .variable("LC_ALL", "tr_TR.UTF-8")
            .variable("LANG", "de_DE");
        variants.push(("locale", locale.variable("TZ", "Asia/Kathmandu")));
        variants.push((
            "epoch",
            wanted().variable("SOURCE_DATE_EPOCH", "1234567890"),
        ));
        variants.push((
            "TMPDIR",
            wanted().variable("TMPDIR", other.to_str().unwrap()),
        ));
        for mask in ["000", "077", "027"] {
            let shell = format!("umask {mask}; exec \"$0\"");
            variants.push((mask, wanted().through(&["sh", "-c", &shell])));
        }
        for (name, variant) in variants {
            assert!(bytes(&variant) == expected, "{kind}: {name}");
        }
    }
}

#[test]
fn neither_order_nor_times_nor_modes_nor_hard_links_of_the_store_matter() {
    let (world, paths) = world();
    let expected = bytes(&request(&world, &paths, "fat"));
    let same = |what: &str| assert!(bytes(&request(&world, &paths, "fat")) == expected, "{what}");

    for (package, path) in packages().iter().zip(&paths) {
        fs::remove_dir_all(path).unwrap();
        let mut reversed = package.clone();
        reversed.items.reverse();
        reversed.write(Path::new(path));
    }
    same("order of making");

    let share = Path::new(&paths[0]).join("share");
    fs::remove_file(share.join("same2")).unwrap();
    fs::hard_link(share.join("same1"), share.join("same2")).unwrap();
    same("store optimised");

    for (name, seconds) in [
        ("share/same1", 0),
        ("share/big", 2_000_000_000),
        ("bin/p1", 1),
    ] {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let file = File::options()
            .read(true)
            .open(Path::new(&paths[0]).join(name))
            .unwrap();
        file.set_modified(time).unwrap();
    }
    same("times");

    for (package, path) in packages().iter().zip(&paths) {
        for (name, item) in &package.items {
            if let Item::File { executable, .. } = item {
                let mode = if *executable { 0o500 } else { 0o604 };
                let file = Path::new(path).join(std::str::from_utf8(name).unwrap());
                fs::set_permissions(file, PermissionsExt::from_mode(mode)).unwrap();
            }
        }
    }
    same("modes beyond the executable bit");
}

#[test]
fn neither_order_of_the_records_nor_a_newer_nix_matters() {
    let (mut world, paths) = world();
    let expected = bytes(&request(&world, &paths, "thin"));
    world.closure.reverse();
    for record in &mut world.closure {
        let record = record.as_object_mut().unwrap();
        record.remove("valid");
        record.insert("from a later version".into(), json!([{ "x": 1 }]));
    }
    assert!(bytes(&request(&world, &paths, "thin")) == expected);
}

#[test]
fn the_order_of_packages_without_collisions_does_not_matter() {
    let (world, paths) = world();
    let mut turned = request(&world, &paths, "fat");
    let expected = bytes(&turned);
    turned.spec["packages"].as_array_mut().unwrap().reverse();
    assert!(bytes(&turned) == expected);
}

#[test]
fn another_user_makes_the_same() {
    let has = |program: &str| Command::new(program).arg("--version").output().is_ok();
    if fs::metadata("/proc/self").unwrap().uid() != 0 || !has("setpriv") {
        crate::skip::skip(
            "another user makes the same",
            "only root with setpriv can become another user",
        );
        return;
    }
    let (world, paths) = world();
    let expected = bytes(&request(&world, &paths, "fat"));
    // The program may lie where only its maker comes.
    let program = world.path().join("program");
    fs::copy(PROGRAM, &program).unwrap();
    fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    let home = world.path().join("anybody's");
    fs::create_dir(&home).unwrap();
    std::os::unix::fs::chown(&home, Some(12345), Some(54321)).unwrap();
    let become_other = [
        "setpriv",
        "--reuid=12345",
        "--regid=54321",
        "--clear-groups",
    ];
    let run = format!("exec {}", program.display());
    let words = [&become_other[..], &["sh", "-c", &run]].concat();
    let request = request(&world, &paths, "fat")
        .through(&words)
        .to(&home.join("out"));
    assert!(bytes(&request) == expected);
}

#[test]
fn what_differs_makes_a_difference() {
    let (world, paths) = world();
    let expected = bytes(&request(&world, &paths, "fat"));
    let different: [Value; 4] = [
        json!({ "env": { "A": "c" } }),
        json!({ "version": "1.1" }),
        json!({ "perms": { "/etc/x": { "uid": 1 } } }),
        json!({ "sign": false }),
    ];
    for members in different {
        assert!(
            bytes(&request(&world, &paths, "fat").with(members.clone())) != expected,
            "{members}"
        );
    }
}
