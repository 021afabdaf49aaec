//! What holds for any manifest: what passes here passes actool, and reads back as it was written.

use nix2aci::image::ImageManifest;
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

fn damaged() -> impl Strategy<Value = String> {
    (changes(), any::<prop::sample::Index>(), anything()).prop_map(|(changes, place, by)| {
        let json = manifest(&changes).unwrap().to_json();
        let mut value = serde_json::from_str(&json).unwrap();
        let mut place = place.index(count(&value));
        damage(&mut value, &mut place, &by);
        value.to_string()
    })
}

fn manifest(changes: &Value) -> Result<ImageManifest, TestCaseError> {
    let (manifest, _) = build(&spec(changes), Vec::new());
    manifest.map_err(|problems| TestCaseError::fail(problems.to_string()))
}

proptest! {
    // Each case is a whole manifest, which takes its time to generate.
    #![proptest_config(Config::with_cases(64))]

    #[test]
    fn reads_back_as_it_was_written(changes in changes()) {
        let manifest = manifest(&changes)?;
        let json = manifest.to_json();
        let again = ImageManifest::parse(&json, &mut Vec::new());
        let again = again.map_err(|problems| TestCaseError::fail(problems.to_string()))?;
        prop_assert_eq!(&again, &manifest);
        prop_assert_eq!(again.to_json(), json);
    }

    #[test]
    fn a_damaged_manifest_is_refused_or_still_valid(json in damaged()) {
        if let Ok(manifest) = ImageManifest::parse(&json, &mut Vec::new()) {
            prop_assert_eq!(ImageManifest::parse(&manifest.to_json(), &mut Vec::new()), Ok(manifest));
        }
    }

    #[test]
    fn any_text_is_judged_without_panic(text in any::<String>()) {
        prop_assert!(ImageManifest::parse(&text, &mut Vec::new()).is_err());
    }
}

/// Gives the manifests that `made` makes and this program accepts to actool, until it refuses one.
fn actool_accepts_too(made: impl Strategy<Value = String>) {
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
    let run = runner.run(&made, |json| {
        let accepted = ImageManifest::parse(&json, &mut Vec::new()).is_ok();
        if accepted {
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
    actool_accepts_too(changes().prop_map(|changes| manifest(&changes).unwrap().to_json()));
}

#[test]
fn actool_accepts_a_damaged_manifest_that_passes_here() {
    actool_accepts_too(damaged());
}
