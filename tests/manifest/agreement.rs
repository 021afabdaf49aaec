//! The table of values on which the evaluation and the builder must agree. The test of the evaluation is
//! `tests/nix/agreement.nix`.

use nix2aci::host::problem::Problems;
use nix2aci::pack::compress::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::spec::{build, spec};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    argument: String,
    value: Value,
    ok: bool,
}

impl Case {
    /// What is wrong with the value, for the builder; None when it is right.
    fn problem(&self) -> Option<String> {
        let changes = if self.argument == "acLabels" {
            let mut labels = json!({ "os": "linux", "arch": "amd64" });
            for (name, value) in self.value.as_object().unwrap() {
                labels[name] = value.clone();
            }
            json!({ "labels": labels })
        } else {
            json!({ &self.argument: self.value })
        };
        let spec = spec(&changes);
        let manifest = build(&spec, Vec::new()).0.err();
        let method = Method::from_spec(&spec.compression).err();
        manifest
            .iter()
            .flat_map(Problems::iter)
            .chain(&method)
            .next()
            .map(|problem| format!("{}: {}", problem.argument, problem.message))
    }
}

#[test]
fn the_builder_says_of_each_value_what_the_evaluation_says() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("../nix/agreement.json")).unwrap();
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let problem = case.problem();
            (problem.is_none() != case.ok).then(|| {
                let Case {
                    argument,
                    value,
                    ok,
                } = case;
                format!("{argument} = {value}: ok is {ok}, but the builder says {problem:?}")
            })
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
