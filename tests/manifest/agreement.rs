//! The evaluation and the builder agree: what the one passes, the other takes, and what it refuses, the other refuses.
//!
//! Arguments of `mkACI` are made by thousands, right ones and ones with something wrong in them. Nix judges them all in
//! one evaluation (`tests/nix/verdicts.nix`). Of those that pass, the builder gets the spec that Nix would hand over; of
//! the others, the same arguments as they stand, since no spec comes of them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use nix2aci::face::{aci, oci};
use nix2aci::input::form::Face;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::generate;
use crate::skip::skip;
use crate::spec::{arguments, nested, parse_about};

/// How many sets of arguments are judged.
const CASES: usize = 2000;

/// Limits, as `mkACI` takes them.
fn budget() -> impl Strategy<Value = Map<String, Value>> {
    let bytes = || {
        prop_oneof![
            (1..=u64::from(u32::MAX)).prop_map(Value::from),
            "[1-9][0-9]{0,2}([.]5)?([kMGT]|[KMGT]i)".prop_map(Value::from),
        ]
    };
    let forbid = proptest::collection::btree_set("[a-z*?][a-z0-9.*?+-]{0,5}", 0..4);
    let words: Value = serde_json::from_str(include_str!("../../src/rules/rules.json")).unwrap();
    let words: Vec<String> = serde_json::from_value(words["concerns"].clone()).unwrap();
    let allow = proptest::sample::subsequence(words, 0..4);
    let limits = (
        proptest::option::of(bytes()),
        proptest::option::of(bytes()),
        proptest::option::of(0..1000_u32),
        forbid,
        allow,
    );
    limits.prop_map(|(size, closure_size, paths, forbid, allow)| {
        let limits = [
            ("maxSize", size),
            ("maxClosureSize", closure_size),
            ("maxPaths", paths.map(Value::from)),
            ("forbid", (!forbid.is_empty()).then(|| json!(forbid))),
            ("allow", (!allow.is_empty()).then(|| json!(allow))),
        ];
        let given = |(name, limit): (&str, Option<Value>)| Some((name.to_owned(), limit?));
        limits.into_iter().filter_map(given).collect()
    })
}

/// Texts at the borders of what some rule allows.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9]{0,3}[-._~/:, A-Z+]{0,2}[a-z0-9]{0,3}",
        "[a-z]{60,66}|[a-z]{30,34}|[0-9a-z.]{118,124}|[a-z/]{198,204}",
        "-?[0-9]{1,3}|429496729[3-7]|0[0-9]{1,3}",
        "[0-9]{0,3}[.]?[0-9]{0,10}(n|u|m|k|K|M|G|T|P|E|Ki|Mi|Ei|e[0-9]{1,2}|e-[0-9]{1,2}|)",
        "/[a-z]{0,3}(/|/[.]|/[.][.]|//|\n|\u{85}|:|,)?[a-z]{0,3}",
        "/[a-z]{252,258}|(/[a-z]{250}){15,17}",
        "(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9]([.,][0-9]{1,3})?(Z|z|[+-][0-2][0-9]:?[0-6][0-9])",
        "(https?|ftp|HTTP)://([-a-z0-9_.@%]{0,9}|\\[[0-9a-fx:]{0,6}\\])(:[0-9]{0,6})?[/?#]?[-a-z%0-9 é\\[\\]]{0,6}",
        "[0-7]{2,5}|[0-9]{4}",
        "CAP_[A-Z_]{2,6}|CAP_KILL|cap_kill|reboot|rebot|@(appc.io|rkt|docker)/(all|empty|default-(black|white)list)",
        "sha512-[0-9a-f]{127,129}",
        "[^\u{0}]{0,8}",
        Just("x".repeat(131_071)),
        Just("x".repeat(131_072)),
        Just("/bin/sh".to_owned()),
        Just("true".to_owned()),
    ]
}

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        6 => texts().prop_map(Value::from),
        2 => (-2..70_000_i64).prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => Just(4_294_967_295_i64).prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(json!([])),
        1 => Just(json!({})),
        1 => Just(json!(["/a", "/a"])),
    ]
}

/// Arguments that are right, by the names that `mkACI` has for them.
fn right() -> impl Strategy<Value = Map<String, Value>> {
    let compression = prop_oneof![
        Just(json!({ "method": "none" })),
        (1..=12_u32).prop_map(|level| json!({ "method": "gzip", "level": level })),
        (0..=9_u32).prop_map(|level| json!({ "method": "xz", "level": level })),
        (1..=19_u32).prop_map(|level| json!({ "method": "zstd", "level": level })),
    ];
    let file = prop_oneof![
        "[a-z \n]{0,9}".prop_map(|text| json!({ "text": text, "mode": "0600", "uid": 7 })),
        Just(json!({ "directory": true, "gid": 8 })),
        "[a-z./]{1,9}".prop_map(|target| json!({ "symlink": target })),
    ];
    let files = prop::collection::btree_map("/[a-z]{1,4}(/[a-z]{1,4})?", file, 0..3);
    let form = (
        prop_oneof![Just("aci"), Just("oci"), Just("manifest")],
        prop::option::of(compression),
        prop::option::of(2..=127_u32),
        prop::option::of(any::<bool>()),
    );
    (generate::changes(), files, form, budget()).prop_map(
        |(changes, files, (face, compression, layers, told), budget)| {
            let Value::Object(mut given) = changes else {
                return Map::new();
            };
            for (theirs, ours) in [
                ("name", "acName"),
                ("version", "acVersion"),
                ("labels", "acLabels"),
            ] {
                if let Some(value) = given.remove(theirs) {
                    given.insert(ours.to_owned(), value);
                }
            }
            given.insert("files".to_owned(), json!(files));
            given.insert("face".to_owned(), face.into());
            given.insert(
                "compression".to_owned(),
                compression.unwrap_or_else(|| json!({ "method": "gzip" })),
            );
            if let Some(layers) = layers.filter(|_| face == "oci") {
                given.insert("maxLayers".to_owned(), layers.into());
            }
            if let Some(files) = told {
                given.insert("report".to_owned(), json!({ "files": files }));
            }
            given.extend(budget);
            given
        },
    )
}

/// Puts `by` in the place of one value of `value`, or of one name in it.
fn damage(value: &mut Value, choose: &mut usize, by: &Value, name: Option<&str>) {
    if *choose == 0 {
        *value = by.clone();
    }
    *choose = choose.wrapping_sub(1);
    match value {
        Value::Array(items) => {
            for item in items {
                damage(item, choose, by, name);
            }
        }
        Value::Object(members) => {
            if *choose == 0
                && let (Some(name), Some(first)) = (name, members.keys().next().cloned())
            {
                let member = members.remove(&first).unwrap_or_default();
                members.insert(name.to_owned(), member);
            }
            for member in members.values_mut() {
                damage(member, choose, by, name);
            }
        }
        _ => {}
    }
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(members) => members.values().map(count).sum(),
        _ => 0,
    }
}

/// Arguments with up to two things in them that may be wrong.
fn given() -> impl Strategy<Value = Map<String, Value>> {
    let mistakes = prop::collection::vec(
        (
            any::<prop::sample::Index>(),
            any::<prop::sample::Index>(),
            values(),
            prop::option::of(texts()),
        ),
        0..3,
    );
    (right(), mistakes).prop_map(|(mut given, mistakes)| {
        for (argument, place, by, name) in mistakes {
            let arguments: Vec<String> = given.keys().cloned().collect();
            // The form decides what is right elsewhere, and is right itself.
            let argument = argument.get(&arguments);
            if argument == "face" {
                continue;
            }
            let value = &mut given[argument];
            let mut place = place.index(count(value));
            damage(value, &mut place, &by, name.as_deref());
        }
        given
    })
}

/// What the evaluation says.
#[derive(Deserialize)]
struct Verdict {
    spec: Option<Value>,
    about: Option<Value>,
    problems: Vec<String>,
}

/// The same without NULs, of which no text of Nix can have any.
fn without_nul(value: Value) -> Value {
    let clean = |text: String| text.replace('\0', "");
    match value {
        Value::String(text) => clean(text).into(),
        Value::Array(items) => items.into_iter().map(without_nul).collect(),
        Value::Object(members) => {
            let members = members.into_iter();
            let members = members.map(|(name, value)| (clean(name), without_nul(value)));
            Value::Object(members.collect())
        }
        other => other,
    }
}

fn ask_nix(cases: &[Map<String, Value>]) -> Vec<Verdict> {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("cases.json");
    fs::write(&file, serde_json::to_string(cases).unwrap()).unwrap();
    let verdicts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/nix/verdicts.nix");
    let output = Command::new("nix-instantiate")
        .args(["--eval", "--strict", "--json", "--store", "dummy://"])
        .arg(verdicts)
        .arg("--argstr")
        .arg("cases")
        .arg(&file)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Whether the builder takes a spec and what is to be told about it, or why not.
fn ask_builder(spec: &Value, about: &Value) -> Result<(), String> {
    let spec = parse_about(spec, about)?.spec;
    let image = &spec.image;
    match spec.form.face {
        Face::Oci | Face::Layers | Face::Foreign | Face::Index => {
            oci::check(image).map_err(|error| error.to_string())
        }
        Face::Aci | Face::Manifest => {
            let manifest = aci::manifest(image, &BTreeSet::new(), &BTreeSet::new());
            manifest.map(drop).map_err(|error| error.to_string())
        }
    }
}

/// The arguments as a spec has them, and what is to be told, right or wrong.
fn as_they_stand(given: &Map<String, Value>) -> (Value, Value) {
    let mut all = arguments();
    let mut about = Value::Null;
    for (name, value) in given {
        if name == "report" {
            about = json!({ "report": value });
            continue;
        }
        let name = match name.as_str() {
            "acName" => "name",
            "acVersion" => "version",
            "acLabels" => "labels",
            other => other,
        };
        all.insert(name.to_owned(), value.clone());
    }
    (nested(&all), about)
}

fn is_taken(case: &Map<String, Value>) -> bool {
    let (spec, about) = as_they_stand(case);
    ask_builder(&spec, &about).is_ok()
}

#[test]
fn the_evaluation_and_the_builder_agree() {
    if Command::new("nix-instantiate")
        .arg("--version")
        .output()
        .is_err()
    {
        skip("agreement", "there is no nix-instantiate");
        return;
    }
    let seed = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), seed);
    let given = given();
    let cases: Vec<Map<_, _>> = (0..CASES)
        .map(|_| {
            let given = given.new_tree(&mut runner).unwrap().current();
            let given = given.into_iter();
            given
                .map(|(name, value)| (name, without_nul(value)))
                .collect()
        })
        .collect();
    let verdicts = ask_nix(&cases);
    let (mut passed, mut disagreements) = (0, Vec::new());
    for (case, verdict) in cases.iter().zip(&verdicts) {
        let shown = || {
            let given = case.iter().map(|(name, value)| {
                let text = format!("{name} = {value}");
                text.chars().take(400).collect::<String>()
            });
            given.collect::<Vec<_>>().join("\n    ")
        };
        match &verdict.spec {
            Some(spec) => {
                passed += 1;
                let about = verdict.about.as_ref().unwrap_or(&Value::Null);
                if let Err(fault) = ask_builder(spec, about) {
                    disagreements.push(format!("Nix passes {}\n  the builder: {fault}", shown()));
                }
            }
            None if is_taken(case) => {
                disagreements.push(format!(
                    "the builder takes {}\n  Nix: {:?}",
                    shown(),
                    verdict.problems
                ));
            }
            None => {}
        }
    }
    assert!(
        disagreements.is_empty(),
        "{} disagreements:\n{}",
        disagreements.len(),
        disagreements[..disagreements.len().min(20)].join("\n")
    );
    // Both kinds are many, so that the test says something.
    assert!(
        (CASES / 5..CASES * 4 / 5).contains(&passed),
        "{passed} of {CASES} passed"
    );
}
