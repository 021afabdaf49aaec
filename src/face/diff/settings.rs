//! Settings: how an image is run, compared member by member.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::face::diff::Side;
use crate::input::store_path::StoreDir;

/// A member that is not the same in both images.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Setting {
    /// Its name, in the words of the image's form.
    pub(super) name: String,
    /// What it was; nothing where it was not there.
    pub(super) older: Option<Value>,
    /// What it is; nothing where it is no longer there.
    pub(super) newer: Option<Value>,
}

/// The members that differ, by name. Store paths count by what they are called.
pub(super) fn changed(older: &Side<'_>, newer: &Side<'_>) -> Vec<Setting> {
    let store_dir = newer.attrs.closure.store_dir();
    compare(store_dir, &older.parcel.execution, &newer.parcel.execution)
}

fn compare(store_dir: &StoreDir, older: &Value, newer: &Value) -> Vec<Setting> {
    let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
    flatten(String::new(), older, &mut before);
    flatten(String::new(), newer, &mut after);
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    let value = |values: &BTreeMap<String, Value>, name: &String| {
        values
            .get(name)
            .map(|value| without_hashes(store_dir, value))
    };
    let setting = |name: &String| Setting {
        name: name.clone(),
        older: value(&before, name),
        newer: value(&after, name),
    };
    let settings = names.into_iter().map(setting);
    settings
        .filter(|setting| setting.older != setting.newer)
        .collect()
}

/// Each member by the path that leads to it. A list of `NAME=VALUE` is as many members; other lists are one.
fn flatten(name: String, value: &Value, members: &mut BTreeMap<String, Value>) {
    let below = |inner: &str| {
        if name.is_empty() {
            inner.to_owned()
        } else {
            format!("{name}.{inner}")
        }
    };
    match value {
        Value::Object(object) if !object.is_empty() || name.is_empty() => {
            for (inner, value) in object {
                flatten(below(inner), value, members);
            }
        }
        Value::Array(list) => match named(list) {
            Some(named) if !named.is_empty() => {
                for (inner, value) in named {
                    members.insert(below(&inner), value);
                }
            }
            _ => drop(members.insert(name, value.clone())),
        },
        _ => drop(members.insert(name, value.clone())),
    }
}

/// A list of members that have names: `NAME=VALUE` in OCI images, `{ "name": …, … }` in App Container Images.
fn named(list: &[Value]) -> Option<Vec<(String, Value)>> {
    let member = |item: &Value| match item {
        Value::String(text) => {
            let (name, value) = text.split_once('=')?;
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let is_variable = !name.is_empty() && name.chars().all(is_name);
            is_variable.then(|| (name.to_owned(), Value::from(value)))
        }
        Value::Object(object) => {
            let mut object = object.clone();
            let name = object.remove("name")?;
            let only = match object.get("value") {
                Some(value) if object.len() == 1 => value.clone(),
                _ => Value::Object(object),
            };
            Some((name.as_str()?.to_owned(), only))
        }
        _ => None,
    };
    list.iter().map(member).collect()
}

/// The same with a dash in the place of each hash of a store path, so that what is only rebuilt is no change.
fn without_hashes(store_dir: &StoreDir, value: &Value) -> Value {
    match value {
        Value::String(text) => {
            let mut shown = text.clone();
            for path in store_dir.mentioned(text) {
                shown = shown.replace(path.hash_part(), "…");
            }
            Value::String(shown)
        }
        Value::Array(list) => list
            .iter()
            .map(|item| without_hashes(store_dir, item))
            .collect(),
        Value::Object(object) => {
            let members = object.iter();
            members
                .map(|(name, value)| (name.clone(), without_hashes(store_dir, value)))
                .collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn members_are_compared_by_name() {
        let store = StoreDir::new("/nix/store").unwrap();
        let path = |hash: &str| format!("/nix/store/{}-a-1/bin/a", hash.repeat(32));
        let older = json!({
            "User": "0:0",
            "Env": ["A=1", "B=2"],
            "Entrypoint": [path("1"), "-x"],
            "Cmd": ["one"],
        });
        let newer = json!({
            "User": "1:1",
            "Env": ["A=1", "C=2"],
            "Entrypoint": [path("2"), "-x"],
            "Cmd": ["one", "two"],
        });
        let found = compare(&store, &older, &newer);
        let lines = found.iter().map(|setting| {
            let show = |value: &Option<Value>| value.as_ref().map_or("-".into(), Value::to_string);
            format!(
                "{} {} {}",
                setting.name,
                show(&setting.older),
                show(&setting.newer)
            )
        });
        assert_eq!(
            lines.collect::<Vec<_>>(),
            [
                "Cmd [\"one\"] [\"one\",\"two\"]",
                "Env.B \"2\" -",
                "Env.C - \"2\"",
                "User \"0:0\" \"1:1\"",
            ]
        );
    }

    #[test]
    fn members_of_app_container_images_have_names_too() {
        let store = StoreDir::new("/nix/store").unwrap();
        let older = json!({ "environment": [{ "name": "A", "value": "1" }], "ports": [] });
        let newer = json!({
            "environment": [{ "name": "A", "value": "2" }],
            "ports": [{ "name": "http", "port": 80 }],
        });
        let names: Vec<String> = compare(&store, &older, &newer)
            .into_iter()
            .map(|setting| setting.name)
            .collect();
        assert_eq!(names, ["environment.A", "ports", "ports.http"]);
    }
}
