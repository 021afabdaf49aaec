//! Several runs for one directory, one after another and at the same time.

use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use crate::bench::{ACI, ASC, Bench, GCROOT, MOUNTS, Run, signal, start};
use crate::keyring::keyring;

#[test]
fn twice_is_once() {
    let bench = Bench::new();
    let keyring = keyring!(&bench, "twice_is_once");
    let first = bench.run(&["d"]);
    let second = bench.run(&["d"]);
    assert_eq!(first.passes().stdout, second.passes().stdout);
    assert_eq!(bench.names("d"), [ACI, ASC]);
    assert!(keyring.accepts(&bench.path("d")));
}

#[test]
fn ten_at_once() {
    let bench = Bench::new();
    let keyring = keyring!(&bench, "ten_at_once");
    let children: Vec<_> = (0..10).map(|_| start(bench.command().arg("d"))).collect();
    for child in children {
        assert_eq!(Run::ended(child).passes().stderr, "");
    }
    assert_eq!(bench.names("d"), [ACI, ASC]);
    assert!(keyring.accepts(&bench.path("d")));
}

#[test]
fn two_images_at_once() {
    let bench = Bench::new();
    let keyring = keyring!(&bench, "two_images_at_once");
    let images = [
        bench.build_rooted("one", true),
        bench.build_rooted("two", false),
    ];
    bench.around("nix-store", "", "");
    let start = |image: &Path| {
        let script = image.join("postprocess.sh");
        start(&mut bench.program(&[script.to_str().unwrap(), "d"]))
    };
    let place = bench.path("d");
    for _ in 0..6 {
        let children = [&images[0], &images[1], &images[0]].map(|image| start(image));
        for child in children {
            Run::ended(child).passes();
        }
        let image = bench.link(&format!("d/{ACI}"));
        let root = bench.link(&format!("d/{GCROOT}"));
        assert_eq!(root, image.parent().unwrap());
        assert!(keyring.accepts(&place));
        let mounts = image.with_file_name(MOUNTS);
        assert_eq!(place.join(MOUNTS).exists(), mounts.exists());
    }
    // One that is stopped takes nothing from the other.
    for step in 0..12 {
        let _ = fs::remove_dir_all(&place);
        let doomed = start(&images[0]);
        sleep(Duration::from_millis(step * 8));
        let other = start(&images[1]);
        signal("TERM", &doomed.id().to_string());
        Run::ended(other).passes();
        Run::ended(doomed);
        assert!(keyring.accepts(&place));
        assert!(place.join(GCROOT).exists());
    }
}
