//! The image manifest of an App Container Image (appc 0.8.11, "Image Manifest Schema").

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Not;

use serde::Serialize;

use crate::face::labels;
use crate::image::{
    Annotations, Command, Dependency, Event, Id, Image, ImageId, ImagePath, Isolator, Mount, Name,
    Owner, Port, Protocol, RktSeccomp, Size,
};

/// A manifest: what an image says, under the names of the specification.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Manifest<'a> {
    ac_kind: &'static str,
    ac_version: &'static str,
    name: &'a str,
    labels: Vec<Pair<'a>>,
    app: App<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    dependencies: Vec<Below<'a>>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    path_whitelist: &'a BTreeSet<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    annotations: Vec<Pair<'a>>,
}

/// The section `app`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct App<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    exec: Vec<&'a str>,
    user: &'a Owner,
    group: &'a Owner,
    #[serde(rename = "supplementaryGIDs", skip_serializing_if = "<[Id]>::is_empty")]
    supplementary_gids: &'a [Id],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    event_handlers: Vec<EventHandler<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    working_directory: Option<&'a ImagePath>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    environment: Vec<Pair<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    mount_points: Vec<MountPoint<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ports: Vec<NamedPort<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    isolators: Vec<Written<'a>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    user_annotations: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    user_labels: &'a BTreeMap<String, String>,
}

/// The form in which the specification writes labels, variables and annotations.
#[derive(Serialize)]
struct Pair<'a> {
    name: &'a str,
    value: &'a str,
}

fn pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<Pair<'a>> {
    let pairs = pairs.into_iter();
    pairs.map(|(name, value)| Pair { name, value }).collect()
}

#[derive(Serialize)]
struct EventHandler<'a> {
    name: Event,
    exec: &'a Command,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MountPoint<'a> {
    name: &'a Name,
    path: &'a str,
    #[serde(skip_serializing_if = "Not::not")]
    read_only: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NamedPort<'a> {
    name: &'a Name,
    protocol: Protocol,
    port: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<usize>,
    #[serde(skip_serializing_if = "Not::not")]
    socket_activated: bool,
}

impl<'a> From<(&'a Name, &'a Port)> for NamedPort<'a> {
    fn from((name, port): (&'a Name, &'a Port)) -> Self {
        let count = port.range.len();
        Self {
            name,
            protocol: port.protocol,
            port: *port.range.start(),
            count: (count > 1).then_some(count),
            socket_activated: port.socket_activated,
        }
    }
}

/// An isolator: one of the image's own, or the one that rkt's filter needs.
#[derive(Serialize)]
#[serde(untagged)]
enum Written<'a> {
    Own(&'a Isolator),
    Filter { name: &'static str, value: Filter },
}

#[derive(Serialize)]
struct Filter {
    set: [&'static str; 1],
}

/// The isolator by which rkt takes another filter than its whitelist; nothing where the image has its own, or wants that
/// one.
fn filter(image: &Image) -> Option<Written<'_>> {
    let (name, set) = match image.rkt_seccomp {
        _ if image.isolators.has_seccomp() || image.platform.os() != "linux" => return None,
        RktSeccomp::Whitelist => return None,
        RktSeccomp::Blacklist => ("os/linux/seccomp-remove-set", "@rkt/default-blacklist"),
        RktSeccomp::Nothing => ("os/linux/seccomp-retain-set", "@appc.io/all"),
    };
    let value = Filter { set: [set] };
    Some(Written::Filter { name, value })
}

/// A dependency; its platform is always among the labels, as rkt would add the host's.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Below<'a> {
    image_name: &'a str,
    #[serde(rename = "imageID", skip_serializing_if = "Option::is_none")]
    image_id: Option<&'a ImageId>,
    labels: Vec<Pair<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<Size>,
}

impl<'a> Below<'a> {
    fn new(dependency: &'a Dependency, image: &'a Image) -> Self {
        let labels = &dependency.labels;
        let os = labels.get("os").unwrap_or(image.platform.os());
        let arch = labels.get("arch").unwrap_or(image.platform.arch());
        let version = labels.get("version");
        let first = version.map(|version| ("version", version)).into_iter();
        let others = labels.iter();
        let others = others.filter(|(name, _)| !matches!(*name, "version" | "os" | "arch"));
        Self {
            image_name: dependency.image_name.as_str(),
            image_id: dependency.image_id.as_ref(),
            labels: pairs(first.chain([("os", os), ("arch", arch)]).chain(others)),
            size: dependency.size,
        }
    }
}

/// The manifest of `image` as JSON, with a read-only mount point more for each of `store`, its name and its path, and the
/// whitelist `visible`: members in the specification's order, none empty or null, no line break at the end.
#[must_use]
pub(crate) fn json(image: &Image, store: &[(Name, &str)], visible: &BTreeSet<String>) -> String {
    let own = image
        .mounts
        .iter()
        .map(|(name, Mount { path, read_only })| MountPoint {
            name,
            path: path.as_str(),
            read_only: *read_only,
        });
    let store = store.iter().map(|(name, path)| MountPoint {
        name,
        path,
        read_only: true,
    });
    let mut mount_points: Vec<MountPoint<'_>> = store.chain(own).collect();
    // In rkt's stage 1 fly the last one decides for all whether it is read-only.
    mount_points.sort_by_key(|point| !point.read_only);
    let own_isolators = image.isolators.iter().map(Written::Own);
    let variables = image.env.iter();
    let app = App {
        exec: image.words().collect(),
        user: &image.user,
        group: &image.group,
        supplementary_gids: &image.supplementary_gids,
        event_handlers: image
            .event_handlers
            .iter()
            .map(|(event, handler)| EventHandler {
                name: *event,
                exec: handler.command(),
            })
            .collect(),
        working_directory: image.working_directory.as_ref(),
        environment: pairs(variables.map(|(name, value)| (name.as_str(), value.as_str()))),
        mount_points,
        ports: image.ports.iter().map(NamedPort::from).collect(),
        isolators: own_isolators.chain(filter(image)).collect(),
        user_annotations: &image.user_annotations,
        user_labels: &image.user_labels,
    };
    let manifest = Manifest {
        ac_kind: "ImageManifest",
        ac_version: "0.8.11",
        name: image.name.as_str(),
        labels: pairs(labels(image)),
        app,
        dependencies: image
            .dependencies
            .iter()
            .map(|dependency| Below::new(dependency, image))
            .collect(),
        path_whitelist: visible,
        annotations: pairs(Annotations::iter(&image.annotations)),
    };
    match serde_json::to_string_pretty(&manifest) {
        Ok(json) => json,
        Err(error) => unreachable!("only strings are keys, only memory is written to: {error}"),
    }
}
