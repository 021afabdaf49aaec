//! The spec: what the author of an image asked for, as `mkACI` hands it over.
//!
//! These types have the shape of the JSON under the attribute `aci`, and nothing more: names are those of the
//! arguments of `mkACI`, values are not judged here. An unknown member is an error, since it would be lost silently.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// Everything under `aci` in the structured attributes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Spec {
    /// Image name, an AC Identifier such as `example.com/busybox` (argument `acName`).
    pub name: String,
    /// Value of the label `version` (arguments `acVersion` and `versionAddon`).
    pub version: String,
    /// What of the closure goes into the image (arguments `thin`, `static`).
    pub kind: Kind,
    /// Labels but for `version`; `os` and `arch` are always there (arguments `os`, `arch`, `acLabels`).
    pub labels: BTreeMap<String, String>,
    /// Packages in the order the user gave them.
    pub packages: Vec<Package>,
    /// Only these directories of the packages are merged into the image's root, e.g. `["/bin"]`; `["/"]` is all.
    pub paths_to_link: Vec<String>,
    /// Argument list of the program; empty for an image without one.
    pub exec: Vec<String>,
    /// User name, number or image path.
    pub user: String,
    /// Group name, number or image path.
    pub group: String,
    /// Directory in which the program starts.
    #[serde(default)]
    pub working_directory: Option<String>,
    /// Further group ids of the program.
    #[serde(default, rename = "supplementaryGIDs")]
    pub supplementary_gids: Vec<Value>,
    /// Environment, name to value.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Writable mount points, name to path.
    #[serde(default)]
    pub mounts: BTreeMap<String, String>,
    /// Read-only mount points, name to path.
    #[serde(default)]
    pub mounts_ro: BTreeMap<String, String>,
    /// Ports, by name.
    #[serde(default)]
    pub ports: BTreeMap<String, Port>,
    /// Isolators, name to value.
    #[serde(default)]
    pub isolators: BTreeMap<String, Value>,
    /// `pre-start` and `post-stop` to argument lists.
    #[serde(default)]
    pub event_handlers: BTreeMap<String, Vec<String>>,
    /// Image annotations such as `created`, `homepage`.
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
    /// Free labels of the app.
    #[serde(default)]
    pub user_labels: BTreeMap<String, String>,
    /// Free annotations of the app.
    #[serde(default)]
    pub user_annotations: BTreeMap<String, String>,
    /// Images below this one, lowest first.
    #[serde(default)]
    pub dependencies: Vec<Dependency>,
    /// Only these paths are seen when the image is rendered; empty is all.
    #[serde(default)]
    pub path_whitelist: Vec<String>,
    /// Extra content, image path to file.
    #[serde(default)]
    pub files: BTreeMap<String, FileSpec>,
    /// Owner and mode of what packages bring, by image path.
    #[serde(default)]
    pub perms: BTreeMap<String, Perms>,
    /// Which parts of the skeleton are wanted.
    pub skeleton: Skeleton,
    /// Whether `/etc/hosts` is written when nothing else brings it.
    pub dnsquirks: bool,
    /// Whether `postprocess.sh` signs the image.
    pub sign: bool,
    /// How the archive is compressed.
    pub compression: Compression,
    /// Whether the finished archive is read again and compared with the plan.
    #[serde(default)]
    pub self_check: bool,
    /// Which form the image takes.
    #[serde(default)]
    pub face: Face,
    /// How many layers an OCI image has at most.
    #[serde(default = "max_layers")]
    pub max_layers: u32,
}

/// What fits below the limits of the runtimes, with room for layers on top.
fn max_layers() -> u32 {
    60
}

/// Which form the image takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Face {
    /// An App Container Image.
    #[default]
    Aci,
    /// A layout of an OCI image.
    Oci,
    /// The image manifest alone.
    Manifest,
}

impl Face {
    /// The form's name, as in the argument `face`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Aci => "aci",
            Self::Oci => "oci",
            Self::Manifest => "manifest",
        }
    }
}

/// What of the closure goes into the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The whole closure.
    Fat,
    /// Nothing: the host's store paths are mounted.
    Thin,
    /// The packages' own store paths, which refer to nothing else.
    Static,
}

/// One package: the outputs that the user means by it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Package {
    /// Name for messages, e.g. `busybox-1.36.1`.
    pub name: String,
    /// Store paths of the wanted outputs.
    pub paths: Vec<String>,
    /// `meta.priority`; the lower number wins a collision.
    pub priority: i64,
}

/// A port, as in `ports.http = { protocol = "tcp"; port = 80; }`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Port {
    /// `tcp` or `udp`.
    pub protocol: String,
    /// First port, 1 to 65535; checked with the rest of the manifest.
    pub port: Value,
    /// How many ports from there on; 1 when absent.
    #[serde(default)]
    pub count: Option<Value>,
    /// Whether the runtime listens in the program's place.
    #[serde(default)]
    pub socket_activated: Option<bool>,
}

/// An image below this one.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Dependency {
    /// Image name, an AC Identifier.
    pub image_name: String,
    /// `sha512-` and 128 hexadecimal digits.
    #[serde(default, rename = "imageID")]
    pub image_id: Option<String>,
    /// Labels that the image must have.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Size of the archive in bytes.
    #[serde(default)]
    pub size: Option<Value>,
}

/// One entry of `files`: exactly one of `text`, `source`, `directory`, `symlink`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct FileSpec {
    /// The content itself.
    #[serde(default)]
    pub text: Option<String>,
    /// A path in the store (file or directory) whose content is copied.
    #[serde(default)]
    pub source: Option<String>,
    /// An empty directory.
    #[serde(default)]
    pub directory: Option<bool>,
    /// A symbolic link with this target.
    #[serde(default)]
    pub symlink: Option<String>,
    /// Octal digits such as `0644`; by kind when absent.
    #[serde(default)]
    pub mode: Option<String>,
    /// Numeric owner; 0 when absent.
    #[serde(default)]
    pub uid: Option<u32>,
    /// Numeric group; 0 when absent.
    #[serde(default)]
    pub gid: Option<u32>,
}

/// Owner and mode for an image path that a package brings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Perms {
    /// Octal digits such as `4755`; unchanged when absent.
    #[serde(default)]
    pub mode: Option<String>,
    /// Numeric owner; unchanged when absent.
    #[serde(default)]
    pub uid: Option<u32>,
    /// Numeric group; unchanged when absent.
    #[serde(default)]
    pub gid: Option<u32>,
    /// Whether everything below a directory is meant too.
    #[serde(default)]
    pub recursive: Option<bool>,
}

/// Parts of the skeleton; all are on unless the user switched them off.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is one switch of the user's"
)]
pub struct Skeleton {
    /// `/tmp` and `/var/tmp`, mode 1777.
    pub tmp: bool,
    /// `/dev /proc /sys /run /root /usr /var`.
    pub directories: bool,
    /// `/etc/passwd` and `/etc/group`.
    pub passwd: bool,
    /// `/etc/nsswitch.conf`.
    pub nsswitch: bool,
    /// `/bin/sh`, where a package has a shell but not under that name.
    pub shell: bool,
    /// `/usr/bin/env`, where a package brings `env`.
    pub env: bool,
    /// The usual names of the certificate bundle in `/etc/ssl`, where a package brings one.
    pub certificates: bool,
}

/// How the archive is compressed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Compression {
    /// `gzip`, `zstd`, `xz` or `none`.
    pub method: String,
    /// Level of the method; its default when absent.
    #[serde(default)]
    pub level: Option<u32>,
}
