//! The table of cases: what the format's own validator says to each, and what this program says.
//!
//! `cases.json` has one case a line. `number` and `title` say which it is. The case itself is one of
//! - `patch`: a merge patch (RFC 7396: null removes) over the base manifest;
//! - `text`: a manifest as it stands, for what a patch cannot write;
//! - `archive`: the recipe of a whole archive. These cases are judged where images are built, see `tests/builder/cases.rs`.
//!
//! `bare` hands the manifest to actool as a file of its own and not in an archive. `actool` is its verdict (`ok`,
//! `error`, `crash`). `spec` is a merge patch over the image of a spec, which asks for such a manifest, and `ours` what
//! becomes of it (`ok`, `warn`, `error`), `says` being what is said. Where no spec can ask for it, `ours` is `never`.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::actool::{self, Verdict};
use crate::spec::{build, spec};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    number: u32,
    title: String,
    patch: Option<Value>,
    text: Option<String>,
    #[serde(default)]
    bare: bool,
    actool: Verdict,
    spec: Option<Value>,
    ours: Ours,
    says: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Ours {
    Ok,
    Warn,
    Error,
    Never,
}

impl Case {
    fn manifest(&self) -> String {
        if let Some(text) = &self.text {
            return text.clone();
        }
        let mut manifest = json!({
            "acKind": "ImageManifest",
            "acVersion": "0.8.11",
            "name": "example.com/busybox",
            "labels": [
                { "name": "version", "value": "1.35.0" },
                { "name": "os", "value": "linux" },
                { "name": "arch", "value": "amd64" },
            ],
            "app": { "exec": ["/bin/sh"], "user": "0", "group": "0" },
        });
        merge(&mut manifest, self.patch.as_ref().unwrap());
        manifest.to_string()
    }
}

fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    let target = target.as_object_mut().unwrap();
    for (name, value) in patch {
        if value.is_null() {
            target.remove(name);
        } else {
            merge(target.entry(name).or_insert(Value::Null), value);
        }
    }
}

/// The table, one case a line.
fn table() -> Vec<Value> {
    serde_json::from_str(include_str!("cases.json")).unwrap()
}

/// The cases that are manifests.
fn cases() -> Vec<Case> {
    table()
        .into_iter()
        .filter(|case| case.get("archive").is_none())
        .map(|case| serde_json::from_value(case).unwrap())
        .collect()
}

/// What this program makes of a spec with the image of `patch`: the verdict, and what is said.
fn judge(patch: &Value) -> (Ours, String) {
    let mut spec = spec(&json!({ "version": "1.35.0" }));
    merge(&mut spec["image"], patch);
    match build(&spec, &BTreeSet::new()) {
        Err(fault) => (Ours::Error, fault),
        Ok((_, warnings)) if warnings.is_empty() => (Ours::Ok, String::new()),
        Ok((_, warnings)) => (Ours::Warn, warnings.join("; ")),
    }
}

#[test]
fn each_case_has_our_verdict_and_message() {
    let mut wrong = Vec::new();
    for case in cases() {
        let Case {
            number,
            title,
            ours,
            says,
            ..
        } = &case;
        let (verdict, said) = case
            .spec
            .as_ref()
            .map_or((Ours::Never, String::new()), judge);
        if verdict != *ours
            || !said.contains(says.as_deref().unwrap_or_default())
            || said.contains('\n')
        {
            wrong.push(format!(
                "{number} {title}: {ours:?} is documented, {verdict:?} came, saying {said}"
            ));
        }
        assert!(
            says.is_some() == matches!(ours, Ours::Warn | Ours::Error),
            "{number} {title}"
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_case_is_in_the_table() {
    let numbers: BTreeSet<u64> = table()
        .iter()
        .map(|case| case["number"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers, (1..=75).collect());
}

/// Writes an archive with `manifest` and an empty root.
fn archive(file: &Path, manifest: &str) {
    let mut archive = tar::Builder::new(File::create(file).unwrap());
    let mut header = tar::Header::new_ustar();
    header.set_size(manifest.len() as u64);
    header.set_mode(0o644);
    archive
        .append_data(&mut header, "manifest", manifest.as_bytes())
        .unwrap();
    let mut header = tar::Header::new_ustar();
    header.set_entry_type(tar::EntryType::Directory);
    header.set_size(0);
    header.set_mode(0o755);
    archive
        .append_data(&mut header, "rootfs", std::io::empty())
        .unwrap();
    archive.finish().unwrap();
}

#[test]
fn actool_says_what_is_documented() {
    if !actool::installed() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("case");
    let mut wrong = Vec::new();
    for case in cases() {
        if case.bare {
            std::fs::write(&file, case.manifest()).unwrap();
        } else {
            archive(&file, &case.manifest());
        }
        let (verdict, words) = actool::validate(&file);
        if verdict != case.actool {
            let Case { number, title, .. } = case;
            wrong.push(format!(
                "{number} {title}: actool {verdict} it and says {words}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
