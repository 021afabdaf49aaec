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
            "group": "0",
            "isolators": [
              {
                "name": "os/linux/seccomp-remove-set",
                "value": {
                  "set": [
                    "@rkt/default-blacklist"
                  ]
                }
              }
            ]
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
    expect![[r#"
        isolators."os/linux/selinux-context": rkt takes this isolator and ignores it
        isolators."os/unix/sysctl": rkt takes this isolator and ignores it
        isolators."resource/block-bandwidth": rkt takes this isolator and ignores it
        isolators."resource/block-iops": rkt takes this isolator and ignores it
        isolators."resource/network-bandwidth": rkt takes this isolator and ignores it"#]]
    .assert_eq(&warnings.join("\n"));
}

/// The names and values of a manifest's isolators.
fn isolators(changes: &serde_json::Value) -> String {
    let (manifest, _) = build(&spec(changes), &BTreeSet::new()).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let isolators = manifest["app"]["isolators"].as_array().cloned();
    let isolators = isolators.unwrap_or_default().into_iter();
    let lines = isolators.map(|isolator| format!("{} {}", isolator["name"], isolator["value"]));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn rkt_is_asked_for_a_filter_that_todays_programs_survive() {
    let limit = json!({ "resource/cpu": { "limit": "1" } });
    expect![[r#"
        "resource/cpu" {"limit":"1"}
        "os/linux/seccomp-remove-set" {"set":["@rkt/default-blacklist"]}"#]]
    .assert_eq(&isolators(&json!({ "isolators": limit })));
    expect![[r#""os/linux/seccomp-retain-set" {"set":["@appc.io/all"]}"#]]
        .assert_eq(&isolators(&json!({ "rktSeccomp": "nothing" })));
    for own in ["retain", "remove"] {
        let own = format!("os/linux/seccomp-{own}-set");
        let own = json!({ own.as_str(): { "set": ["reboot"] } });
        let told = isolators(&json!({ "isolators": own }));
        assert!(told.contains("reboot") && !told.contains('@'), "{told}");
    }
    // rkt's own default needs no isolator, and other systems have no such filter.
    for changes in [
        json!({ "rktSeccomp": "whitelist" }),
        json!({ "os": "freebsd" }),
    ] {
        assert_eq!(isolators(&changes), "");
    }
}

#[test]
fn mount_points_that_are_only_read_come_first() {
    let store = StoreDir::new("/nix/store").unwrap();
    let store = store.parse("/nix/store/00000000000000000000000000000000-x");
    let changes = json!({ "mounts": { "a": "/a" }, "mountsRo": { "b": "/b" } });
    let mounted = BTreeSet::from([store.unwrap()]);
    let (manifest, _) = build(&spec(&changes), &mounted).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let points = manifest["app"]["mountPoints"].as_array().unwrap().iter();
    let paths = points.map(|point| (point["path"].as_str().unwrap(), &point["readOnly"]));
    let (only_read, written) = (json!(true), json!(null));
    assert_eq!(
        paths.collect::<Vec<_>>(),
        [
            ("/nix/store/00000000000000000000000000000000-x", &only_read),
            ("/b", &only_read),
            ("/a", &written)
        ]
    );
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
