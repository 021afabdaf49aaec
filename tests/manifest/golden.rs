//! Golden texts: a manifest with everything in it, and what is told of rkt.

use std::collections::BTreeSet;

use expect_test::{expect, expect_file};
use nix2aci::input::store_path::StoreDir;
use serde_json::json;

use crate::spec::{build, spec};

#[test]
fn a_small_manifest() {
    let (manifest, warnings) = build(&spec(&json!({})), &BTreeSet::new()).unwrap();
    expect![[r#"
        {
          "acKind": "ImageManifest",
          "acVersion": "0.8.11",
          "name": "example.com/busybox",
          "labels": [
            {
              "name": "version",
              "value": "1.36.1"
            },
            {
              "name": "os",
              "value": "linux"
            },
            {
              "name": "arch",
              "value": "amd64"
            }
          ],
          "app": {
            "exec": [
              "/bin/sh"
            ],
            "user": "0",
            "group": "0"
          }
        }"#]]
    .assert_eq(&manifest);
    assert_eq!(warnings, [""; 0]);
}

#[test]
fn a_manifest_with_everything() {
    let changes = serde_json::from_str(include_str!("everything.spec.json")).unwrap();
    let store = StoreDir::new("/nix/store").unwrap();
    let glibc = store.parse("/nix/store/00000000000000000000000000000000-glibc-2.39");
    let mounted = BTreeSet::from([glibc.unwrap()]);
    let (manifest, warnings) = build(&spec(&changes), &mounted).unwrap();
    expect_file!["everything.json"].assert_eq(&manifest);
    assert_eq!(warnings, [""; 0]);
}

#[test]
fn an_image_without_a_program_still_has_an_app() {
    let (manifest, _) = build(&spec(&json!({ "exec": [] })), &BTreeSet::new()).unwrap();
    assert!(manifest.contains("\"app\"") && !manifest.contains("exec"));
}

#[test]
fn what_rkt_makes_of_an_image_is_told() {
    let changes = json!({
        "arch": "s390x",
        "env": { "C.D": "x", "E": " padded", "AC_APP_NAME": "x" },
        "annotations": { "appc.io/docker/repository": "x" },
        "dependencies": [{ "imageName": "example.com/base", "labels": { "arch": "aarch64" } }],
    });
    let (_, warnings) = build(&spec(&changes), &BTreeSet::new()).unwrap();
    expect![[r#"
        os: rkt does not run images for linux/s390x
        annotations."appc.io/docker/repository": makes rkt treat the image as one converted from docker
        env."AC_APP_NAME": the runtime sets this variable and overwrites the value
        env."C.D": rkt's systemd ignores a variable with . or - in its name
        env."E": rkt hands " padded" to systemd unescaped, which reads quotes, backslashes and outer blanks in its own way
        dependencies[0].labels: linux/aarch64 differs from the image's own linux/s390x"#]].assert_eq(&warnings.join("\n"));
}

#[test]
fn an_app_container_image_is_not_for_every_platform() {
    let refused = build(&spec(&json!({ "arch": "riscv64" })), &BTreeSet::new());
    expect!["linux/riscv64 is not known to appc; build the OCI image"]
        .assert_eq(&refused.unwrap_err());
    let refused = build(&spec(&json!({ "env": { "A": "b\nc" } })), &BTreeSet::new());
    expect!["the variable A has a line break; build the OCI image"]
        .assert_eq(&refused.unwrap_err());
}
