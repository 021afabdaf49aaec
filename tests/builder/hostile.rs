//! Stores that are not what they should be, and names that are hard to keep.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::fixture::{World, nar};
use crate::package::Package;
use crate::rules::{actool_accepts, store_is};

#[test]
fn whatever_changed_in_the_store_is_found() {
    type Change = fn(&Path);
    let changes: [(&str, Change); 8] = [
        ("content", |path| {
            fs::write(path.join("share/file"), "CONTENT").unwrap();
        }),
        ("size", |path| {
            fs::write(path.join("share/file"), "content and more").unwrap();
        }),
        ("empty", |path| {
            fs::write(path.join("share/file"), "").unwrap();
        }),
        ("added", |path| {
            fs::write(path.join("share/more"), "").unwrap();
        }),
        ("removed", |path| {
            fs::remove_file(path.join("share/file")).unwrap();
        }),
        ("executable", |path| {
            fs::set_permissions(path.join("share/file"), PermissionsExt::from_mode(0o755)).unwrap();
        }),
        ("link", |path| {
            fs::remove_file(path.join("link")).unwrap();
            std::os::unix::fs::symlink("elsewhere", path.join("link")).unwrap();
        }),
        ("kind", |path| {
            fs::remove_file(path.join("link")).unwrap();
            fs::create_dir(path.join("link")).unwrap();
        }),
    ];
    for (what, change) in changes {
        let mut world = World::new();
        let package = Package::new("p")
            .file("share/file", "content")
            .link("link", "share/file");
        let path = world.add(&package);
        let expected = world.closure[0]["narSize"].clone();
        change(Path::new(&path));
        let found = nar(&path).1;
        for kind in ["fat", "static"] {
            let message = world
                .image(&[&path])
                .with(json!({ "kind": kind }))
                .refused();
            for part in [
                format!("{path} is not what Nix recorded: the NAR hash is sha256:"),
                format!("({found} bytes), expected sha256:"),
                format!("({expected} bytes)"),
                "nix-store --verify-path".to_owned(),
                "nix-store --repair-path".to_owned(),
            ] {
                assert!(
                    message.contains(&part),
                    "{what}: {part:?} is not in: {message}"
                );
            }
        }
    }
}

#[test]
fn a_record_of_another_path_is_found() {
    let mut world = World::new();
    let path = world.add(&Package::new("p").file("x", "x"));
    let other = world.add(&Package::new("other").file("x", "y"));
    world.closure[0]["narHash"] = world.closure[1]["narHash"].clone();
    world
        .image(&[&path])
        .refused_with(&[&path, "not what Nix recorded"]);
    world.image(&[&other]).build();
    world.closure[1]["narSize"] = json!(7);
    world
        .image(&[&other])
        .refused_with(&[&other, "expected sha256:", "(7 bytes)"]);
    fs::remove_dir_all(&other).unwrap();
    world.image(&[&other]).refused_with(&[&other]);
}

/// However many threads read the layers, and whichever is through first.
#[test]
fn the_first_rotten_layer_is_told() {
    let mut world = World::new();
    let mut paths = Vec::new();
    for number in 0..9 {
        // What is hashed apart, where there are threads for it.
        let large = vec![number; 3_000_000 / (usize::from(number) + 1)];
        let package = Package::new(&format!("p{number}")).file(format!("share/{number}"), large);
        paths.push(world.add(&package));
    }
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let wanted = |cores: &str| {
        let request = world.image(&paths).with(json!({ "face": "oci" }));
        request.variable("NIX_BUILD_CORES", cores)
    };
    for (number, path) in paths.iter().enumerate().skip(2) {
        let file = Path::new(path).join(format!("share/{number}"));
        let mut bytes = fs::read(&file).unwrap();
        bytes[1000] = b'r';
        fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).unwrap();
        fs::write(&file, bytes).unwrap();
        fs::set_permissions(&file, PermissionsExt::from_mode(0o444)).unwrap();
    }
    let expected = wanted("1").refused();
    assert_eq!(expected.matches("not what Nix recorded").count(), 1);
    for cores in ["2", "7", "7", "7"] {
        assert_eq!(wanted(cores).refused(), expected);
    }
}

#[test]
fn only_files_directories_and_links_are_packed() {
    for below in ["share", "etc"] {
        let mut world = World::new();
        let sample = Package::new("p").directory(below);
        let path = world.add_unhashed(&sample);
        let inside = Path::new(&path).join(below).join("odd");
        let socket = UnixListener::bind(&inside).unwrap();
        world
            .image(&[&path])
            .refused_with(&[inside.to_str().unwrap(), "is a socket"]);
        drop(socket);
        fs::remove_file(&inside).unwrap();
        assert!(
            Command::new("mkfifo")
                .arg(&inside)
                .status()
                .unwrap()
                .success()
        );
        world
            .image(&[&path])
            .refused_with(&[inside.to_str().unwrap(), "is a named pipe"]);
        fs::remove_file(&inside).unwrap();
        if Command::new("mknod")
            .arg(&inside)
            .args(["c", "1", "3"])
            .output()
            .unwrap()
            .status
            .success()
        {
            world
                .image(&[&path])
                .refused_with(&[inside.to_str().unwrap(), "is a device"]);
        } else {
            crate::skip::skip("sockets, pipes and devices", "devices cannot be made here");
        }
    }
}

#[test]
fn twenty_thousand_files_are_no_matter() {
    let mut package = Package::new("many");
    for number in 0..20_000 {
        package = package.file(format!("d/{}/{number}", number % 20), "");
    }
    let mut world = World::new();
    let path = world.add(&package);
    let image = world
        .image(&[&path])
        .with(json!({ "pathsToLink": ["/none"], "env": { "MANY": path } }))
        .build();
    store_is(&image, &world, &[&path]);
    actool_accepts(&image);
}

#[test]
fn hard_links_and_holes_of_the_disk_become_plain_files() {
    let mut world = World::new();
    let place = world.place("p");
    Package::new("p")
        .file("share/one", "same")
        .write(Path::new(&place));
    fs::hard_link(format!("{place}/share/one"), format!("{place}/share/two")).unwrap();
    let holes = File::create(format!("{place}/share/holes")).unwrap();
    holes.set_len(3_000_000).unwrap();
    let (hash, size) = nar(&place);
    world.record(&place, &hash, size, &[]);
    let image = world.image(&[&place]).build();
    store_is(&image, &world, &[&place]);
    actool_accepts(&image);
}
