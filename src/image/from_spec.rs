//! From a spec to a draft: each value under the argument that its author wrote.

use std::collections::BTreeMap;

use serde_json::Value;

use super::draft::{
    AppDraft, At, DependencyDraft, Draft, HandlerDraft, IsolatorDraft, List, MountDraft, Pair,
    PortDraft,
};
use super::members::member_place;
use crate::input::spec::Spec;

/// The draft of the image that `spec` asks for.
pub(super) fn draft(spec: &Spec) -> Draft {
    let version = At::new("acVersion", spec.version.clone());
    let mut labels = vec![Pair {
        name: At::new("acVersion", "version".to_owned()),
        value: version,
    }];
    labels.extend(spec.labels.iter().map(|(name, value)| {
        let place = label_place(name);
        Pair {
            name: At::new(place.clone(), name.clone()),
            value: At::new(place, value.clone()),
        }
    }));
    Draft {
        name: Some(At::new("acName", spec.name.clone())),
        labels,
        missing_label: label_place,
        app: Some(app(spec)),
        dependencies: dependencies(spec),
        path_whitelist: list("pathWhitelist", &spec.path_whitelist).value,
        annotations: pairs("annotations", &spec.annotations),
    }
}

fn label_place(name: &str) -> String {
    match name {
        "os" | "arch" => name.to_owned(),
        _ => member_place("acLabels", name),
    }
}

fn app(spec: &Spec) -> AppDraft {
    let mounts = [
        ("mounts", &spec.mounts, false),
        ("mountsRo", &spec.mounts_ro, true),
    ];
    AppDraft {
        exec: list("exec", &spec.exec),
        user: Some(At::new("user", spec.user.clone())),
        group: Some(At::new("group", spec.group.clone())),
        supplementary_gids: list("supplementaryGIDs", &spec.supplementary_gids).value,
        event_handlers: named("eventHandlers", &spec.event_handlers)
            .map(|(name, exec)| HandlerDraft {
                exec: list(&name.place, exec),
                name,
            })
            .collect(),
        working_directory: spec
            .working_directory
            .clone()
            .map(|path| At::new("workingDirectory", path)),
        environment: pairs("env", &spec.env),
        mount_points: mounts
            .into_iter()
            .flat_map(|(argument, mounts, read_only)| {
                pairs(argument, mounts)
                    .into_iter()
                    .map(move |pair| MountDraft {
                        name: pair.name,
                        path: pair.value,
                        read_only,
                    })
            })
            .collect(),
        ports: named("ports", &spec.ports)
            .map(|(name, port)| PortDraft {
                protocol: At::new(format!("{}.protocol", name.place), port.protocol.clone()),
                port: At::new(format!("{}.port", name.place), number(&port.port)),
                count: port
                    .count
                    .as_ref()
                    .map(|count| At::new(format!("{}.count", name.place), number(count))),
                socket_activated: port.socket_activated.unwrap_or(false),
                name,
            })
            .collect(),
        isolators: named("isolators", &spec.isolators)
            .map(|(name, value)| IsolatorDraft {
                value: At::new(name.place.clone(), isolator_value(value)),
                name,
            })
            .collect(),
        user_annotations: pairs("userAnnotations", &spec.user_annotations),
        user_labels: pairs("userLabels", &spec.user_labels),
    }
}

fn dependencies(spec: &Spec) -> Vec<DependencyDraft> {
    spec.dependencies
        .iter()
        .enumerate()
        .map(|(index, dependency)| {
            let place = format!("dependencies[{index}]");
            let at = |member| format!("{place}.{member}");
            let id = dependency.image_id.clone();
            DependencyDraft {
                image_name: At::new(at("imageName"), dependency.image_name.clone()),
                image_id: id.map(|id| At::new(at("imageID"), id)),
                labels: pairs(&at("labels"), &dependency.labels),
                size: dependency
                    .size
                    .clone()
                    .map(|size| At::new(at("size"), size)),
                place,
            }
        })
        .collect()
}

/// A port was once written as a string; digits in quotes still are that number.
fn number(value: &Value) -> Value {
    match value.as_str().map(str::parse::<u64>) {
        Some(Ok(number)) => Value::from(number),
        _ => value.clone(),
    }
}

/// An isolator's value was once written as a string of JSON.
fn isolator_value(value: &Value) -> Value {
    match value.as_str().map(super::json::parse) {
        Some(Ok(parsed)) => parsed,
        _ => value.clone(),
    }
}

fn named<'a, T>(
    argument: &str,
    map: &'a BTreeMap<String, T>,
) -> impl Iterator<Item = (At<String>, &'a T)> {
    map.iter()
        .map(move |(name, value)| (At::new(member_place(argument, name), name.clone()), value))
}

fn pairs(argument: &str, map: &BTreeMap<String, String>) -> Vec<Pair> {
    named(argument, map)
        .map(|(name, value)| Pair {
            value: At::new(name.place.clone(), value.clone()),
            name,
        })
        .collect()
}

fn list<T: Clone>(argument: &str, items: &[T]) -> List<T> {
    let items = items
        .iter()
        .enumerate()
        .map(|(index, item)| At::new(format!("{argument}[{index}]"), item.clone()))
        .collect();
    At::new(argument, items)
}
