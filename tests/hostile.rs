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
        "exec": ["/bin/none"], "user": "nobody-here", "workingDirectory": "/none",
    }));
    let message = outcome.unwrap_err();
    for part in ["workingDirectory: ", "exec: ", "user: "] {
        assert!(message.contains(part), "{message}");
    }
}
