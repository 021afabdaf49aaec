//! The mapping: what an OCI image says of an image.
//!
//! What OCI images cannot say, [`losses`](crate::face::oci::losses) tells.

use std::collections::{BTreeMap, BTreeSet};

use crate::face::oci::document::{Execution, HealthCheck};
use crate::image::path::is_within;
use crate::image::{self, Image, Owner, Retries, Span};
use crate::tree::Tree;

/// The time of everything that has none of its own, like the files of a store.
pub(crate) const EPOCH: &str = "1970-01-01T00:00:01Z";

/// The annotation that says when something was made.
pub(crate) const CREATED: &str = "org.opencontainers.image.created";

/// Prefix of the annotations that the image specification defines.
const ANNOTATION: &str = "org.opencontainers.image";

/// How the image is run.
#[must_use]
pub(crate) fn execution(image: &Image, tree: &Tree, store_dir: &str) -> Execution {
    let volumes = image.mounts.iter().map(|(_, mount)| mount.path.as_str());
    Execution {
        user: format!(
            "{}:{}",
            owner(&image.user, tree, |uid, _| uid),
            owner(&image.group, tree, |_, gid| gid)
        ),
        exposed_ports: ports(image),
        env: image
            .env
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect(),
        entrypoint: image.exec.words().map(str::to_owned).collect(),
        cmd: image.args.iter().map(ToString::to_string).collect(),
        volumes: volumes
            .filter(|path| !is_within(path, store_dir))
            .map(str::to_owned)
            .collect(),
        working_dir: image.working_directory.as_ref().map(ToString::to_string),
        labels: last_said(labels(image)),
        stop_signal: image.stop_signal.as_ref().map(ToString::to_string),
        healthcheck: image.healthcheck.as_ref().map(health),
    }
}

fn health(check: &image::HealthCheck) -> HealthCheck {
    let time = |span: &Option<Span>| span.as_ref().map(Span::nanoseconds);
    HealthCheck {
        test: check.docker_words().map(str::to_owned).collect(),
        interval: time(&check.interval),
        timeout: time(&check.timeout),
        start_period: time(&check.start_period),
        retries: check.retries.map(Retries::get),
    }
}

/// A user or group; a path stands for the owner that it has in the image.
fn owner(owner: &Owner, tree: &Tree, choose: impl Fn(u32, u32) -> u32) -> String {
    match owner {
        Owner::Id(id) => id.get().to_string(),
        Owner::Name(name) => name.clone(),
        Owner::Path(path) => {
            let attributes = tree.get(path.as_str()).map(|entry| entry.attributes);
            attributes.map_or(0, |a| choose(a.uid, a.gid)).to_string()
        }
    }
}

fn ports(image: &Image) -> BTreeSet<String> {
    let ports = image.ports.values();
    ports
        .flat_map(|port| {
            let protocol = port.protocol.name();
            port.range
                .clone()
                .map(move |number| format!("{number}/{protocol}"))
        })
        .collect()
}

/// A fact that the image has under a name, and the argument that says it.
#[derive(Debug)]
pub(crate) struct Said<'a> {
    /// The argument, e.g. `acLabels."channel"`.
    pub argument: String,
    /// The name in the image.
    pub name: String,
    /// The fact itself.
    pub value: &'a str,
}

impl<'a> Said<'a> {
    /// A member of an argument that is a set.
    fn member(argument: &str, name: &str, value: &'a str) -> Self {
        Self {
            argument: format!("{argument}.{name:?}"),
            name: name.to_owned(),
            value,
        }
    }
}

/// The facts by name; of two under one name the later stays.
#[must_use]
pub(crate) fn last_said(said: Vec<Said<'_>>) -> BTreeMap<String, String> {
    said.into_iter()
        .map(|said| (said.name, said.value.to_owned()))
        .collect()
}

/// The labels of the configuration.
#[must_use]
pub(crate) fn labels(image: &Image) -> Vec<Said<'_>> {
    let own = image.labels.iter();
    let own = own.map(|(name, value)| Said::member("acLabels", name.as_str(), value.as_str()));
    let free = image.user_labels.iter();
    own.chain(free.map(|(name, value)| Said::member("userLabels", name, value)))
        .collect()
}

/// The annotations of the manifest.
#[must_use]
pub(crate) fn annotations(image: &Image) -> Vec<Said<'_>> {
    let free = image.user_annotations.iter();
    let free = free.map(|(name, value)| Said::member("userAnnotations", name, value));
    let own = image.annotations.iter().map(|(name, value)| {
        let mut said = Said::member("annotations", name, value);
        if let Some(known) = defined(name) {
            said.name = known;
        }
        said
    });
    let by_argument = |argument: &str, name: &str, value| Said {
        argument: argument.to_owned(),
        name: format!("{ANNOTATION}.{name}"),
        value,
    };
    let name = by_argument("acName", "title", image.name.as_str());
    let version = by_argument("acVersion", "version", image.version.as_str());
    free.chain(own).chain([name, version]).collect()
}

/// What the image specification calls an annotation of appc.
fn defined(name: &str) -> Option<String> {
    let name = match name {
        "homepage" => "url",
        "created" | "authors" | "documentation" => name,
        _ => return None,
    };
    Some(format!("{ANNOTATION}.{name}"))
}
