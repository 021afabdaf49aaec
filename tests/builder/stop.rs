//! Ends before the end: no room, no right to write, signals. An image is complete or not there at all.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::fixture::World;
use crate::package::Package;

fn world() -> (World, String) {
    let mut world = World::new();
    let path = world.add(&Package::new("p").program("bin/p"));
    (world, path)
}

/// A world with a file so large that packing it takes long, below `directory` of its package.
fn slow_world(directory: &str) -> (World, String) {
    let mut world = World::new();
    let path = world.add_unhashed(&Package::new("slow").directory(directory).file("a", "a"));
    let large = File::create(format!("{path}/{directory}/large")).unwrap();
    large.set_len(20 << 30).unwrap();
    (world, path)
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).into_iter().flatten();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn what_stands_at_the_output_stays() {
    let (world, path) = world();
    let out = world.path().join("there");
    let wants = || world.image(&[&path]).to(&out).command().0.output().unwrap();
    let refused = || {
        let output = wants();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{error}");
        assert!(
            error.contains(&format!("making the output {}", out.display())),
            "{error}"
        );
        assert!(error.contains("File exists"), "{error}");
    };
    fs::create_dir(&out).unwrap();
    fs::write(out.join("mine"), "mine").unwrap();
    refused();
    assert_eq!(names(&out), ["mine"]);
    fs::remove_dir_all(&out).unwrap();
    fs::write(&out, "mine").unwrap();
    refused();
    assert_eq!(fs::read_to_string(&out).unwrap(), "mine");
    fs::remove_file(&out).unwrap();
    std::os::unix::fs::symlink("nowhere", &out).unwrap();
    refused();
    fs::remove_file(&out).unwrap();
    assert!(wants().status.success());
}

#[test]
fn an_output_that_cannot_be_made_is_told() {
    let (world, path) = world();
    for (parent, why) in [("missing", "No such file"), ("file", "Not a directory")] {
        fs::write(world.path().join("file"), "").unwrap();
        let out = world.path().join(parent).join("out");
        let request = world.image(&[&path]).to(&out);
        request.refused_with(&["making the output", out.to_str().unwrap(), why]);
    }
}

#[test]
fn a_full_disk_leaves_no_image() {
    let mut world = World::new();
    // What no compression makes smaller.
    let noise: Vec<u8> = (0..10_000_u32)
        .flat_map(|number| Sha256::digest(number.to_le_bytes()))
        .collect();
    let path = world.add(&Package::new("p").file("noise", noise));
    let disk = world.path().join("disk");
    fs::create_dir(&disk).unwrap();
    let mount = format!("mount -t tmpfs -o size=100k tmpfs '{}'", disk.display());
    let probe = Command::new("unshare")
        .args(["-rm", "sh", "-c", &mount])
        .output();
    if !probe.is_ok_and(|output| output.status.success()) {
        crate::skip::skip("a full disk", "no file system can be mounted here");
        return;
    }
    // The disk is gone with the program, so its content is told in time.
    let shell = format!(
        "{mount} && \"$0\"; code=$?; echo \"left: $(ls -A '{}')\" >&2; exit $code",
        disk.display()
    );
    for cores in ["1", "4"] {
        for method in ["gzip", "none", "xz"] {
            world
                .image(&[&path])
                .with(json!({ "compression": { "method": method } }))
                .variable("NIX_BUILD_CORES", cores)
                .to(&disk.join("out"))
                .through(&["unshare", "-rm", "sh", "-c", &shell])
                .refused_with(&["app-1.0.aci", "No space left on device", "left: \n"]);
        }
    }
}

#[test]
fn a_limit_on_file_sizes_leaves_no_image() {
    let mut world = World::new();
    let path = world.add(&Package::new("p").file("data", vec![1; 300_000]));
    let request = world
        .image(&[&path])
        .with(json!({ "compression": { "method": "none" } }));
    request
        .through(&["sh", "-c", "ulimit -f 200; exec \"$0\""])
        .refused_with(&["app-1.0.aci", "File too large"]);
}

/// Starts the program, sends it `signals` as soon as it writes, and gives back exit code, message and what is left.
fn interrupted(world: &World, path: &str, signals: &[&str]) -> (Option<i32>, String, bool) {
    let request = world.image(&[path]).with(json!({ "kind": "static" }));
    let (mut command, out) = request.command();
    let child = command.stderr(Stdio::piped()).spawn().unwrap();
    let began = Instant::now();
    while !out.join(".partial-1").exists() && began.elapsed() < Duration::from_secs(20) {
        thread::sleep(Duration::from_millis(5));
    }
    thread::sleep(Duration::from_millis(100));
    let sent = Instant::now();
    for signal in signals {
        let id = child.id().to_string();
        let kill = Command::new("sh")
            .args(["-c", "kill -s \"$0\" \"$1\"", signal, &id])
            .status();
        assert!(kill.unwrap().success());
    }
    let output = child.wait_with_output().unwrap();
    assert!(
        sent.elapsed() < Duration::from_secs(5),
        "{signals:?} took {:?}",
        sent.elapsed()
    );
    let left = names(&out)
        .iter()
        .any(|name| !name.starts_with(".partial-"));
    (
        output.status.code(),
        String::from_utf8(output.stderr).unwrap(),
        left || (out.exists() && signals.len() == 1),
    )
}

#[test]
fn a_signal_leaves_no_image() {
    let (world, path) = slow_world("share");
    for signal in ["TERM", "INT", "QUIT"] {
        let (code, message, left) = interrupted(&world, &path, &[signal]);
        assert_eq!(code, Some(1), "{signal}: {message}");
        assert!(
            message.contains("interrupted; no image was written"),
            "{signal}: {message}"
        );
        assert!(!left, "{signal}");
    }
    let (code, message, left) = interrupted(&world, &path, &["INT", "INT"]);
    assert!(matches!(code, Some(1 | 130)), "{code:?} {message}");
    assert!(!left);
}

#[test]
fn a_signal_ends_the_copy_of_a_large_file_too() {
    let (world, path) = slow_world("etc");
    let (code, message, left) = interrupted(&world, &path, &["TERM"]);
    assert_eq!(code, Some(1), "{message}");
    assert!(
        message.contains("interrupted; no image was written"),
        "{message}"
    );
    assert!(!left);
}
