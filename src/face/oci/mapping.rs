//! The mapping: what an OCI image says of what an appc manifest says.
//!
//! What OCI images cannot say, [`losses`](crate::face::oci::losses) tells.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};

use crate::face::oci::document::{Execution, Platform};
use crate::image::path::is_within;
use crate::image::{App, ImageManifest, Owner, Platform as AppcPlatform, Protocol};
use crate::input::spec::Kind;
use crate::tree::Tree;

/// The time of everything that has none of its own, like the files of a store.
pub const EPOCH: &str = "1970-01-01T00:00:01Z";

/// Prefix of the annotations that the image specification defines.
const ANNOTATION: &str = "org.opencontainers.image";

/// Characters that a tag has at most.
const LONGEST_TAG: usize = 128;

/// What the tag of a thin image ends with.
const THIN: &str = "-thin";

/// Architecture and operating system in OCI's spelling.
pub fn platform(platform: AppcPlatform) -> Result<Platform> {
    let (architecture, variant) = match (platform.os(), platform.arch()) {
        ("linux" | "freebsd", "amd64") => ("amd64", None),
        ("linux" | "freebsd", "i386") => ("386", None),
        ("linux", "aarch64") => ("arm64", Some("v8")),
        ("linux", "armv6l") => ("arm", Some("v6")),
        ("linux", "armv7l") => ("arm", Some("v7")),
        ("linux", "ppc64") => ("ppc64", None),
        ("linux", "ppc64le") => ("ppc64le", None),
        ("linux", "s390x") => ("s390x", None),
        ("freebsd", "arm") => ("arm", None),
        (os, arch) => bail!(
            "{os}/{arch} has no name among the platforms of OCI images; build the ACI instead"
        ),
    };
    Ok(Platform {
        architecture,
        os: platform.os(),
        variant,
    })
}

/// How the image is run.
#[must_use]
pub fn execution(manifest: &ImageManifest, tree: &Tree, store_dir: &str) -> Execution {
    let Some(app) = manifest.app() else {
        return Execution::default();
    };
    let env = app.environment().iter();
    let volumes = app.mount_points().iter().map(|mount| mount.path().as_str());
    Execution {
        user: format!(
            "{}:{}",
            owner(app.user(), tree, |uid, _| uid),
            owner(app.group(), tree, |_, gid| gid)
        ),
        exposed_ports: ports(app),
        env: env.map(|(name, value)| format!("{name}={value}")).collect(),
        entrypoint: app.exec().to_vec(),
        // The store paths of a thin image are no data of its own: they are mounted from the host.
        volumes: volumes
            .filter(|path| !is_within(path, store_dir))
            .map(str::to_owned)
            .collect(),
        working_dir: app.working_directory().map(|path| path.as_str().to_owned()),
        labels: last_said(labels(manifest)),
    }
}

/// A user or group; a path stands for the owner that it has in the image.
fn owner(owner: &Owner, tree: &Tree, choose: impl Fn(u32, u32) -> u32) -> String {
    match owner {
        Owner::Id(id) => id.get().to_string(),
        Owner::Name(name) => name.as_str().to_owned(),
        Owner::Path(path) => {
            let attributes = tree.get(path.as_str()).map(|entry| entry.attributes);
            attributes.map_or(0, |a| choose(a.uid, a.gid)).to_string()
        }
    }
}

fn ports(app: &App) -> BTreeSet<String> {
    let mut ports = BTreeSet::new();
    for port in app.ports() {
        let protocol = match port.protocol() {
            Protocol::Tcp => "tcp",
            Protocol::Udp => "udp",
        };
        for number in port.range() {
            ports.insert(format!("{number}/{protocol}"));
        }
    }
    ports
}

/// A fact that the image has under a name, and the argument that says it.
#[derive(Debug)]
pub struct Said<'a> {
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
pub fn last_said(said: Vec<Said<'_>>) -> BTreeMap<String, String> {
    said.into_iter()
        .map(|said| (said.name, said.value.to_owned()))
        .collect()
}

/// The labels of the configuration.
#[must_use]
pub fn labels(manifest: &ImageManifest) -> Vec<Said<'_>> {
    let Some(app) = manifest.app() else {
        return Vec::new();
    };
    let own = manifest.labels().iter();
    let own = own.filter(|(name, _)| !matches!(*name, "version" | "os" | "arch"));
    let free = app.user_labels().iter();
    own.map(|(name, value)| Said::member("acLabels", name, value))
        .chain(free.map(|(name, value)| Said::member("userLabels", name, value)))
        .collect()
}

/// The annotations of the manifest.
#[must_use]
pub fn annotations(manifest: &ImageManifest) -> Vec<Said<'_>> {
    let mut annotations = Vec::new();
    if let Some(app) = manifest.app() {
        let free = app.user_annotations().iter();
        annotations.extend(free.map(|(name, value)| Said::member("userAnnotations", name, value)));
    }
    for (name, value) in manifest.annotations().iter() {
        let mut said = Said::member("annotations", name, value);
        if let Some(known) = defined(name) {
            said.name = known;
        }
        annotations.push(said);
    }
    let by_argument = |argument: &str, name: &str, value| Said {
        argument: argument.to_owned(),
        name: format!("{ANNOTATION}.{name}"),
        value,
    };
    annotations.push(by_argument("acName", "title", manifest.name().as_str()));
    annotations.push(by_argument("acVersion", "version", manifest.version()));
    annotations
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

/// The tag under which registries and layouts know the image: its version, in the characters of a tag. That of a thin
/// image tells so, lest it replace the fat one where both are loaded.
#[must_use]
pub fn tag(manifest: &ImageManifest, kind: Kind) -> String {
    let suffix = if kind == Kind::Thin { THIN } else { "" };
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let characters = manifest.version().chars().take(LONGEST_TAG - suffix.len());
    let tag: String = characters
        .map(|c| if allowed(c) { c } else { '-' })
        .collect();
    // A dot or dash may not come first.
    match tag.strip_prefix(['.', '-']) {
        Some(rest) => format!("_{rest}{suffix}"),
        None => format!("{tag}{suffix}"),
    }
}

/// What the image is called among others, `NAME:TAG`: its name, in the characters of a repository, and its tag.
#[must_use]
pub fn reference(manifest: &ImageManifest, kind: Kind) -> String {
    let repository = manifest.name().as_str().replace('~', "-");
    format!("{repository}:{}", tag(manifest, kind))
}

/// The same, as tools spell it out that take images without a registry for those of Docker's.
#[must_use]
pub fn full_reference(manifest: &ImageManifest, kind: Kind) -> String {
    let reference = reference(manifest, kind);
    match reference.split_once('/') {
        Some((registry, _)) if registry == "localhost" || registry.contains('.') => reference,
        Some(_) => format!("docker.io/{reference}"),
        None => format!("docker.io/library/{reference}"),
    }
}
