//! What holds for any manifest: what passes here passes actool, and reads back as it was written.

use nix2aci::manifest::ImageManifest;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;

use crate::actool::{self, Verdict};
use crate::generate::changes;
use crate::spec::{build, spec};

fn manifest(changes: &Value) -> Result<ImageManifest, TestCaseError> {
    let (manifest, _) = build(&spec(changes), Vec::new());
    manifest.map_err(|problems| TestCaseError::fail(problems.to_string()))
}

proptest! {
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
    fn any_text_is_judged_without_panic(text in any::<String>()) {
        prop_assert!(ImageManifest::parse(&text, &mut Vec::new()).is_err());
    }
}

#[test]
fn actool_accepts_what_is_accepted_here() {
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
    let run = runner.run(&changes(), |changes| {
        std::fs::write(&file, manifest(&changes)?.to_json()).unwrap();
        let (verdict, words) = actool::validate(&file);
        prop_assert_eq!(verdict, Verdict::Ok, "{}", words);
        Ok(())
    });
    run.unwrap();
}
