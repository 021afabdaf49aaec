//! What holds for any spec: what passes here passes actool.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::actool::{self, Verdict};
use crate::generate::changes;
use crate::spec::{build, spec};

/// Puts `damage` in the place of the value that `choose` picks among all of `value`.
fn damage(value: &mut Value, choose: &mut usize, damage: &Value) {
    if *choose == 0 {
        *value = damage.clone();
    }
    *choose = choose.wrapping_sub(1);
    let below: Box<dyn Iterator<Item = &mut Value>> = match value {
        Value::Array(items) => Box::new(items.iter_mut()),
        Value::Object(members) => Box::new(members.values_mut()),
        _ => Box::new(std::iter::empty()),
    };
    for value in below {
        self::damage(value, choose, damage);
    }
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(members) => members.values().map(count).sum(),
        _ => 0,
    }
}

/// Values that are wrong in most places.
fn anything() -> impl Strategy<Value = Value> {
    prop_oneof![
        "[-a-zA-Z0-9./:@ _]{0,5}".prop_map(Value::from),
        "(https?|ftp)://[-a-z0-9.:/%\\[\\]@?#]{0,9}".prop_map(Value::from),
        "[0-9]{1,3}[.]?[0-9]{0,2}[a-zA-Z]{0,2}".prop_map(Value::from),
        "20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})"
            .prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-2..70000_i64).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(json!(null)),
        Just(json!([])),
        Just(json!({})),
        Just(json!([""])),
        Just(json!([{}])),
    ]
}

/// Images with one value replaced, most of them wrong.
fn damaged() -> impl Strategy<Value = Value> {
    (changes(), any::<prop::sample::Index>(), anything()).prop_map(|(changes, place, by)| {
        let mut spec = spec(&changes);
        let image = &mut spec["image"];
        let mut place = place.index(count(image));
        damage(image, &mut place, &by);
        spec
    })
}

/// The manifest of a spec; None where no image has one.
fn manifest(spec: &Value) -> Option<String> {
    build(spec, &BTreeSet::new())
        .ok()
        .map(|(manifest, _)| manifest)
}

proptest! {
    // Each case is a whole spec, which takes its time to generate.
    #![proptest_config(Config::with_cases(64))]

    #[test]
    fn a_valid_spec_has_a_manifest(changes in changes()) {
        let built = build(&spec(&changes), &BTreeSet::new());
        prop_assert!(built.is_ok(), "{built:?}");
    }
}

/// Gives the manifests of what `made` makes to actool, until it refuses one.
fn actool_accepts_too(made: impl Strategy<Value = Value>) {
    if !actool::installed() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("manifest");
    let mut runner = TestRunner::new(Config {
        cases: 64,
        failure_persistence: None,
        ..Config::default()
    });
    let run = runner.run(&made, |spec| {
        if let Some(json) = manifest(&spec) {
            std::fs::write(&file, json).unwrap();
            let (verdict, words) = actool::validate(&file);
            prop_assert_eq!(verdict, Verdict::Ok, "{}", words);
        }
        Ok(())
    });
    run.unwrap();
}

#[test]
fn actool_accepts_any_manifest_of_ours() {
    actool_accepts_too(changes().prop_map(|changes| spec(&changes)));
}

#[test]
fn actool_accepts_what_passes_here_of_damaged_images() {
    actool_accepts_too(damaged());
}
