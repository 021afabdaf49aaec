//! Packages and descriptions that no one in his right mind makes: they are refused, and soon.

#![allow(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use nix2aci::input::attrs::Attrs;
use nix2aci::plan::Plan;
use serde_json::{Value, json};
use tempfile::TempDir;

#[path = "common/spec.rs"]
mod spec;
use spec::{arguments, nested};

/// A store with one package, of which nothing but its content matters.
struct Sample {
    directory: TempDir,
}

impl Sample {
    fn new() -> Self {
        let sample = Self {
            directory: tempfile::tempdir().unwrap(),
        };
        fs::create_dir_all(sample.package()).unwrap();
        sample
    }

    fn store(&self) -> String {
        let path = self.directory.path().canonicalize().unwrap();
        format!("{}/store", path.to_str().unwrap())
    }

    fn package(&self) -> String {
        format!("{}/{}-package-1", self.store(), "a".repeat(32))
    }

    /// Makes the file at `path` of the package.
    fn file(&self, path: &str) {
        let path = format!("{}/{path}", self.package());
        fs::create_dir_all(Path::new(&path).parent().unwrap()).unwrap();
        fs::write(path, "text").unwrap();
    }

    /// Makes a link at `path` of the package.
    fn link(&self, path: &str, target: &str) {
        let path = format!("{}/{path}", self.package());
        fs::create_dir_all(Path::new(&path).parent().unwrap()).unwrap();
        symlink(target, path).unwrap();
    }

    /// The tree of the image with `changes` to its description, or why there is none.
    fn plan(&self, changes: &Value) -> Result<String, String> {
        let mut arguments = arguments();
        let packages = json!([{ "name": "package-1", "paths": [self.package()], "priority": 5 }]);
        arguments.insert("packages".to_owned(), packages);
        arguments["skeleton"]["passwd"] = true.into();
        arguments.extend(changes.as_object().unwrap().clone());
        let hash = "sha256:0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73";
        let document = json!({
            "aci": nested(&arguments),
            "closure": [
                { "path": self.package(), "narHash": hash, "narSize": u64::MAX, "references": [] },
                { "path": format!("{}/{}-other", self.store(), "b".repeat(32)), "narHash": hash,
                  "narSize": u64::MAX, "references": [] },
            ],
            "outputs": { "out": "/gone" },
        });
        let attrs = Attrs::parse(&self.store(), &document.to_string()).unwrap();
        match Plan::new(&attrs) {
            Ok(plan) => {
                // Sizes that no disk has must not matter before the paths are read.
                let all = attrs.closure.iter().map(|(path, _)| path);
                assert_eq!(attrs.closure.nar_size(all), u64::MAX);
                Ok(plan.tree.to_string())
            }
            Err(error) => Err(format!("{error:#}").replace(&self.store(), "STORE")),
        }
    }
}

#[track_caller]
fn assert_says(outcome: Result<String, String>, says: &str) {
    let message = outcome.unwrap_err();
    assert!(message.contains(says), "{message}");
}

#[test]
fn links_back_to_their_own_directory_have_no_end() {
    let sample = Sample::new();
    for name in ["a", "b", "c"] {
        sample.link(
            &format!("tree/{name}"),
            &format!("{}/tree", sample.package()),
        );
    }
    let source = format!("{}/tree", sample.package());
    let copied = sample.plan(&json!({ "files": { "/tree": { "source": source } } }));
    assert_says(copied, "leads back to");
    sample.link("etc", "tree");
    assert_says(sample.plan(&json!({})), "leads back to");
}

/// Each directory holds two links to the next one: few on disk, and two to the power of their number when followed.
#[test]
fn links_that_multiply_are_counted() {
    let sample = Sample::new();
    for level in 0..40 {
        for name in ["a", "b"] {
            let next = format!("{}/level-{}", sample.package(), level + 1);
            sample.link(&format!("level-{level}/{name}"), &next);
        }
    }
    sample.file("level-40/end");
    let source = format!("{}/level-0", sample.package());
    let copied = sample.plan(&json!({ "files": { "/tree": { "source": source } } }));
    assert_says(copied, "more than 1000 times");
    sample.link("etc", "level-0");
    assert_says(sample.plan(&json!({})), "more than 1000 times");
}

/// Ten directories of 200 files with 60 links to each, which no one directory of them shows to be too much.
#[test]
fn links_that_multiply_in_many_places_are_counted_in_all() {
    let sample = Sample::new();
    let package = sample.package();
    for directory in 0..10 {
        let data = format!("{package}/data-{directory}");
        for number in 0..200 {
            sample.file(&format!("data-{directory}/{number}"));
        }
        let half = ["left", "right"][directory / 5];
        for number in 0..60 {
            sample.link(&format!("links/{half}/{directory}-{number}"), &data);
        }
    }
    let counted = "more than 100000 entries of those that are there once";
    let half = |name: &str| json!({ "source": format!("{package}/links/{name}") });
    let files = json!({ "/left": half("left"), "/right": half("right") });
    let outcome = sample.plan(&json!({ "files": files, "pathsToLink": ["/none"] }));
    assert_says(outcome.clone(), "1 problem");
    assert_says(outcome.clone(), "files.\"/right\".source: in ");
    assert_says(outcome, counted);
    sample.link("etc", "links");
    let files = json!({ "/x": { "source": "/etc/shadow" } });
    let outcome = sample.plan(&json!({ "files": files, "pathsToLink": ["/etc"] }));
    assert_says(outcome.clone(), "1 problem");
    assert_says(
        outcome.clone(),
        "packages: the package package-1 at /etc/right/",
    );
    assert_says(outcome, counted);
}

#[test]
fn a_link_that_is_copied_to_another_depth_leads_to_the_same_file() {
    let sample = Sample::new();
    let package = sample.package();
    sample.file("tree/one/two/file");
    sample.file("tree/target");
    sample.link("tree/one/two/link", "../../target");
    sample.link("tree/short", &format!("{package}/tree/one/two"));
    let files = json!({ "/copy": { "source": format!("{package}/tree") } });
    let tree = sample
        .plan(&json!({ "files": files, "pathsToLink": ["/bin"] }))
        .unwrap();
    assert!(
        tree.contains("/copy/one/two/link -> ../../target\n"),
        "{tree}"
    );
    assert!(
        tree.contains(&format!("/copy/short/link <- {package}/tree/target (4)\n")),
        "{tree}"
    );
}

/// In the copy `d` is a directory, above which is the copy, and no longer what `d` led to.
#[test]
fn a_link_through_what_is_no_link_in_the_copy_is_copied_itself() {
    let sample = Sample::new();
    let package = sample.package();
    sample.file("other/d/inner/file");
    sample.file("other/d/file");
    sample.file("other/file");
    sample.file("tree/own/file");
    sample.link("tree/d", &format!("{package}/other/d"));
    sample.link("tree/up", "../other/d");
    for (name, target) in [
        ("above", "d/../file"),
        ("above-up", "up/../file"),
        ("above-deep", "d/inner/../../file"),
        ("through", "stays/../file"),
        ("again", "above"),
        ("stays", "d/inner"),
        ("same", "d"),
        ("own-again", "own/../own/file"),
        ("own-link", "own-again"),
        ("dangling", "own/../nothing"),
        ("round", "round"),
    ] {
        sample.link(&format!("tree/{name}"), target);
    }
    let files = json!({ "/copy": { "source": format!("{package}/tree") } });
    let tree = sample
        .plan(&json!({ "files": files, "pathsToLink": ["/bin"] }))
        .unwrap();
    for line in [
        format!("above <- {package}/other/file (4)"),
        format!("above-up <- {package}/other/file (4)"),
        format!("above-deep <- {package}/other/file (4)"),
        format!("through <- {package}/other/d/file (4)"),
        "again -> above".to_owned(),
        "stays -> d/inner".to_owned(),
        "same -> d".to_owned(),
        "own-again -> own/../own/file".to_owned(),
        "own-link -> own-again".to_owned(),
        "dangling -> own/../nothing".to_owned(),
        "round -> round".to_owned(),
        format!("d/inner/file <- {package}/other/d/inner/file (4)"),
    ] {
        assert!(tree.contains(&format!("/copy/{line}\n")), "{line}: {tree}");
    }
}

#[test]
fn the_link_that_leads_out_of_a_source_is_named() {
    let sample = Sample::new();
    let package = sample.package();
    let source = format!("{package}/tree");
    sample.file("tree/file");
    sample.link("tree/sub/out", "/etc/shadow");
    let copied = |source: &str| sample.plan(&json!({ "files": { "/x": { "source": source } } }));
    let named = "STORE/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-package-1/tree/sub";
    let outside =
        format!("files.\"/x\".source: {named}/out leads to /etc/shadow, outside the closure");
    assert_says(copied(&source), &outside);
    assert_says(copied(&format!("{source}/sub/out")), &outside);
    assert_says(
        copied("/etc/shadow"),
        "source: /etc/shadow is outside the closure",
    );
    sample.link("tree/sub/a-way-out", &format!("{package}/nothing"));
    assert_says(copied(&source), &format!("{named}/a-way-out leads to "));
}

#[test]
fn a_link_hides_nothing_that_would_go_into_the_store() {
    let sample = Sample::new();
    let store = sample.store();
    let (above, name) = store.rsplit_once('/').unwrap();
    sample.file(&format!("elsewhere/{name}/intruder"));
    sample.link(
        above.trim_start_matches('/'),
        &format!("{}/elsewhere", sample.package()),
    );
    assert_says(sample.plan(&json!({})), "where only store paths belong");
}

#[test]
fn a_name_that_cannot_be_is_no_program() {
    let sample = Sample::new();
    for path in [
        format!("{}/{}", sample.package(), "n".repeat(300)),
        format!("{}/{}", sample.package(), "n/".repeat(3000)),
    ] {
        assert_says(sample.plan(&json!({ "exec": [path] })), "not in the image");
    }
}

#[test]
fn a_home_with_a_colon_is_no_home() {
    let sample = Sample::new();
    let files = json!({ "/a:b": { "directory": true } });
    let tree = sample
        .plan(&json!({ "user": "me", "workingDirectory": "/a:b", "files": files }))
        .unwrap();
    assert!(tree.contains("me:x:1000:0::/:/bin/sh"), "{tree}");
}

#[test]
fn what_the_tree_tells_is_told_at_once() {
    let sample = Sample::new();
    let outcome = sample.plan(&json!({
        "exec": ["/bin/none"], "user": "/none", "workingDirectory": "/none",
    }));
    let message = outcome.unwrap_err();
    for part in ["workingDirectory: ", "exec: ", "user: "] {
        assert!(message.contains(part), "{message}");
    }
}
