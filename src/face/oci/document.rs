//! The JSON documents of an OCI image (image specification 1.1: descriptor, manifest, image index, image
//! configuration), as far as a producer writes them and reads them again; and what a layout is called by.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize, Serializer};

pub(crate) use crate::host::digest::Digest;

/// Media type of an image manifest.
pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// Media type of an image index.
pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// Media type of an image configuration.
pub(crate) const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
/// Media type of an uncompressed layer; the compressed ones have a suffix.
pub(crate) const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

/// What lists the images of a layout.
pub(crate) const INDEX_FILE: &str = "index.json";

/// What says that a directory is a layout, and that.
pub(super) const LAYOUT_FILE: &str = "oci-layout";
pub(super) const LAYOUT_TEXT: &str = "{\"imageLayoutVersion\":\"1.0.0\"}";

/// Where, within the layout of an image, that of the artifacts beside it is.
pub(crate) const ARTIFACTS: &str = "sbom";

/// Where an index says which tag an image has.
pub(crate) const REF_NAME: &str = "org.opencontainers.image.ref.name";

/// Where containerd, Docker and podman look for the whole name when they load an archive of the layout.
pub(crate) const FULL_NAME: &str = "io.containerd.image.name";

/// What a blob is, and where (section "Content Descriptors").
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Descriptor {
    /// What is in the blob.
    pub media_type: String,
    /// What an artifact is, in an index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    /// Its name.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
    /// What it runs on, in an index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
    /// Free facts.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// What an image runs on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Platform {
    /// Spelling of the Go language, e.g. `arm64`.
    pub architecture: String,
    /// Operating system.
    pub os: String,
    /// Variant of the architecture, e.g. `v7`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
}

/// An image manifest: a configuration and layers, lowest first.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Manifest {
    /// Always 2.
    pub schema_version: u8,
    /// [`MANIFEST`].
    pub media_type: &'static str,
    /// What it is, if it is no image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<&'static str>,
    /// The configuration.
    pub config: Descriptor,
    /// The layers.
    pub layers: Vec<Descriptor>,
    /// The manifest of what it tells about, if it is no image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<Descriptor>,
    /// Free facts.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// The index of a layout: its images.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Index {
    /// Always 2.
    pub schema_version: u8,
    /// [`INDEX`].
    pub media_type: &'static str,
    /// The images.
    pub manifests: Vec<Descriptor>,
    /// Free facts.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// What an index lists, be it of ours or of others.
#[derive(Deserialize)]
pub(crate) struct Entries {
    /// The images, and indices of some.
    pub manifests: Vec<Descriptor>,
}

/// What an image manifest leads to, be it of ours or of others.
#[derive(Deserialize)]
pub(crate) struct Parts {
    /// The configuration.
    pub config: Descriptor,
    /// The layers, lowest first.
    pub layers: Vec<Descriptor>,
    /// Free facts.
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
}

/// An image configuration.
#[derive(Debug, Serialize)]
pub(crate) struct Configuration {
    /// When the image was made (RFC 3339).
    pub created: String,
    /// Who made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// What it runs on.
    #[serde(flatten)]
    pub platform: Platform,
    /// How it is run.
    pub config: Execution,
    /// Its layers, uncompressed.
    pub rootfs: RootFs,
    /// One line a layer.
    pub history: Vec<History>,
}

/// How an image is run.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Execution {
    /// `USER:GROUP`.
    pub user: String,
    /// `PORT/PROTOCOL`.
    #[serde(serialize_with = "keys", skip_serializing_if = "BTreeSet::is_empty")]
    pub exposed_ports: BTreeSet<String>,
    /// `NAME=VALUE`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<String>,
    /// The program and its arguments; what the user adds is appended.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entrypoint: Vec<String>,
    /// Arguments that what the user adds replaces.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cmd: Vec<String>,
    /// Paths that hold data of their own.
    #[serde(serialize_with = "keys", skip_serializing_if = "BTreeSet::is_empty")]
    pub volumes: BTreeSet<String>,
    /// Where the program starts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub working_dir: Option<String>,
    /// Free facts.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// What asks the program to end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_signal: Option<String>,
    /// Whether the program does its work. The image specification has no such member; Docker's images have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub healthcheck: Option<HealthCheck>,
}

/// How Docker finds out whether a program does its work; times are in nanoseconds.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct HealthCheck {
    /// `CMD`, the program and its arguments.
    pub test: Vec<String>,
    /// Between two runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<u64>,
    /// Until a run has failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<u64>,
    /// Until failures count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_period: Option<u64>,
    /// Failures one after the other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retries: Option<u16>,
}

/// A set, which these documents write as an object whose members are empty objects.
fn keys<S: Serializer>(set: &BTreeSet<String>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(set.iter().map(|key| (key, serde_json::json!({}))))
}

/// The layers of an image, uncompressed.
#[derive(Debug, Serialize)]
pub(crate) struct RootFs {
    /// Always `layers`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Digests of the uncompressed layers, lowest first.
    pub diff_ids: Vec<Digest>,
}

/// What a layer is.
#[derive(Debug, Serialize)]
pub(crate) struct History {
    /// When it was made.
    pub created: String,
    /// What made it.
    pub created_by: String,
    /// What it holds.
    pub comment: String,
}
