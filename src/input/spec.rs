//! The spec: what the author of an image asked for, as `mkACI` hands it over, decoded strictly.
//!
//! The evaluation has checked every value and told what was wrong; the types here hold nothing else. An unknown member
//! is an error, since it would be lost silently.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use camino::Utf8PathBuf;
use serde::Deserialize;

use crate::image::path::{ancestors, is_within};
use crate::image::{Id, Image, ImagePath, InnerPath, LinkTarget, Reference, Unique};
use crate::input::budget::Budget;
use crate::input::compression::Compression;
use crate::input::facts::Facts;
use crate::rules::{Fault, RULES};

/// Everything under `aci` in the structured attributes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// What the user of the image gets.
    pub image: Image,
    /// What its root file system is made of.
    pub root: Root,
    /// What is written.
    pub form: Form,
    /// What it may weigh, and what may not be in it.
    #[serde(default)]
    pub budget: Budget,
}

impl Spec {
    /// Checks what no part can tell alone.
    pub(crate) fn check(&self, store_dir: &str) -> Result<()> {
        let stem = self.image.stem();
        let longest = RULES.stem.longest;
        ensure!(
            stem.len() <= longest,
            "{stem} is longer than {longest} bytes, and files are called so"
        );
        ensure!(
            self.image
                .program()
                .is_none_or(|(_, program)| program.starts_with('/')),
            "args name the program, and not by an absolute path"
        );
        let Form {
            face, compression, ..
        } = &self.form;
        let (form, method) = (face.name(), compression.name());
        let takes = RULES.faces.get(form).map(|face| &face.compression);
        ensure!(
            takes.is_some_and(|methods| methods.iter().any(|known| known == method)),
            "{method} is not for the form {form}"
        );
        let Root {
            files,
            perms,
            paths_to_link,
            ..
        } = &self.root;
        ensure!(!paths_to_link.is_empty(), "pathsToLink is empty");
        let is_text = |path: &str| matches!(files.get(path), Some(file) if file.is_text());
        for path in files.keys() {
            ensure!(
                !ancestors(path.as_str()).any(is_text),
                "{path} lies below a file"
            );
        }
        let own = files.keys().chain(perms.keys()).map(InnerPath::as_str);
        let linked = paths_to_link.iter().map(ImagePath::as_str);
        let mounts = self.image.mounts.iter();
        // A volume may cover the whole store.
        let mounted = mounts.map(|(_, mount)| mount.path.as_str());
        let mounted = mounted.filter(|path| *path != store_dir);
        for path in own.chain(linked).chain(mounted) {
            ensure!(
                !is_within(path, store_dir),
                "{path} lies in {store_dir}, where only store paths belong"
            );
        }
        Ok(())
    }
}

/// What a root file system is made of.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Root {
    /// Packages in the order the user gave them.
    pub packages: Vec<Package>,
    /// Packages whose closures are in the image, and which are not merged into the root.
    #[serde(default)]
    pub layers: Vec<Package>,
    /// What lies lowest, made by another tool.
    #[serde(default)]
    pub from_image: Option<FromImage>,
    /// Only these directories of the packages are merged into the root, e.g. `["/bin"]`; `["/"]` is all.
    pub paths_to_link: Unique<ImagePath>,
    /// Extra content, by image path.
    #[serde(default)]
    pub files: BTreeMap<InnerPath, File>,
    /// Owner and mode of what packages bring, by image path.
    #[serde(default)]
    pub perms: BTreeMap<InnerPath, Perms>,
    /// Which parts of the skeleton are wanted.
    pub skeleton: Skeleton,
    /// Whether `/etc/hosts` is written when nothing else brings it.
    pub dnsquirks: bool,
}

/// An image that another tool has made.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct FromImage {
    /// The output of the derivation that has read it; for [`Face::Foreign`], the image itself.
    pub path: Utf8PathBuf,
    /// Whether the program runs as the user of that image.
    #[serde(default)]
    pub its_user: bool,
    /// Whether it runs as the group of that image.
    #[serde(default)]
    pub its_group: bool,
}

/// What is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Form {
    /// What of the closure goes into the image (arguments `thin`, `static`).
    pub kind: Kind,
    /// Which form the image takes.
    #[serde(default)]
    pub face: Face,
    /// Whether a recipe of the image is written instead of the image.
    #[serde(default)]
    pub recipe: bool,
    /// What the image is called in registries.
    pub reference: Reference,
    /// How the archive is compressed.
    pub compression: Compression,
    /// How many layers an OCI image has at most.
    #[serde(default)]
    pub max_layers: MaxLayers,
    /// Whether `postprocess.sh` signs the image.
    pub sign: bool,
    /// Whether the finished archive is read again and compared with the plan.
    #[serde(default)]
    pub self_check: bool,
    /// What the evaluation has to say to who reads the build log, each a line.
    #[serde(default)]
    pub notes: Vec<String>,
    /// What packages say of themselves, where a bill of materials is in the image.
    #[serde(default)]
    pub sbom: Option<Vec<Facts>>,
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
    /// The image manifest of the App Container Image alone.
    Manifest,
    /// The layers of packages, for OCI images that share them.
    Layers,
    /// The layers of an image that another tool has made, and what is known of it.
    Foreign,
    /// One name for finished OCI images of several platforms.
    Index,
}

impl Face {
    /// The form's name, as in the argument `face`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Aci => "aci",
            Self::Oci => "oci",
            Self::Manifest => "manifest",
            Self::Layers => "layers",
            Self::Foreign => "foreign",
            Self::Index => "index",
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

impl Kind {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Fat => "fat",
            Self::Thin => "thin",
            Self::Static => "static",
        }
    }
}

/// 2 to 127. The default leaves room for layers on top, below the limits of the runtimes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "i64")]
pub struct MaxLayers(usize);

impl MaxLayers {
    /// How many layers runtimes take.
    pub(crate) const MOST: usize = 127;

    /// The number.
    #[must_use]
    pub fn get(self) -> usize {
        self.0
    }
}

impl Default for MaxLayers {
    fn default() -> Self {
        Self(120)
    }
}

impl TryFrom<i64> for MaxLayers {
    type Error = Fault;

    fn try_from(number: i64) -> Result<Self, Fault> {
        RULES.numbers.max_layers.check(number).map(Self)
    }
}

/// One package: the outputs that the user means by it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// Name for messages, e.g. `busybox-1.36.1`.
    pub name: String,
    /// Store paths of the wanted outputs.
    pub paths: Vec<String>,
    /// `meta.priority`; the lower number wins a collision.
    pub priority: i64,
}

/// One entry of `files`.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "WrittenFile")]
pub struct File {
    /// What it is.
    pub content: Content,
    /// Permissions; by content when absent.
    pub mode: Option<Mode>,
    /// Owner; root when absent.
    pub uid: Option<Id>,
    /// Group; root's when absent.
    pub gid: Option<Id>,
}

impl File {
    fn is_text(&self) -> bool {
        matches!(self.content, Content::Text(_))
    }
}

/// What an entry of `files` is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// The text of a file.
    Text(String),
    /// A path in the store, a file or a directory, that is copied.
    Source(String),
    /// An empty directory.
    Directory,
    /// A symbolic link with this target.
    Symlink(LinkTarget),
}

/// An entry of `files` as the spec has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenFile {
    text: Option<String>,
    source: Option<String>,
    #[serde(default)]
    directory: bool,
    symlink: Option<LinkTarget>,
    mode: Option<Mode>,
    uid: Option<Id>,
    gid: Option<Id>,
}

impl TryFrom<WrittenFile> for File {
    type Error = Fault;

    fn try_from(written: WrittenFile) -> Result<Self, Fault> {
        let WrittenFile {
            text,
            source,
            directory,
            symlink,
            mode,
            uid,
            gid,
        } = written;
        let content = match (text, source, directory, symlink) {
            (Some(text), None, false, None) => Content::Text(text),
            (None, Some(source), false, None) => Content::Source(source),
            (None, None, true, None) => Content::Directory,
            // A link has no mode of its own.
            (None, None, false, Some(target)) if mode.is_none() => Content::Symlink(target),
            _ => {
                return Err(Fault::new(
                    "is not one of text, source, directory and symlink",
                ));
            }
        };
        Ok(Self {
            content,
            mode,
            uid,
            gid,
        })
    }
}

/// Permission bits, written in octal digits such as `0644`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Mode(u32);

impl Mode {
    /// The bits.
    #[must_use]
    pub fn bits(self) -> u32 {
        self.0
    }
}

impl TryFrom<String> for Mode {
    type Error = Fault;

    fn try_from(text: String) -> Result<Self, Fault> {
        RULES.texts.mode.check(&text)?;
        let bits = u32::from_str_radix(&text, 8);
        bits.map(Self)
            .map_err(|error| Fault::new(error.to_string()))
    }
}

/// Owner and mode for an image path that a package brings; what is absent stays as it is.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "WrittenPerms")]
pub struct Perms {
    /// Permissions.
    pub mode: Option<Mode>,
    /// Owner.
    pub uid: Option<Id>,
    /// Group.
    pub gid: Option<Id>,
    /// Whether everything below a directory is meant too.
    pub recursive: bool,
}

/// Owner and mode as the spec has them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenPerms {
    mode: Option<Mode>,
    uid: Option<Id>,
    gid: Option<Id>,
    #[serde(default)]
    recursive: bool,
}

impl TryFrom<WrittenPerms> for Perms {
    type Error = Fault;

    fn try_from(written: WrittenPerms) -> Result<Self, Fault> {
        match written {
            WrittenPerms {
                mode: None,
                uid: None,
                gid: None,
                ..
            } => Err(Fault::new("changes nothing")),
            WrittenPerms {
                mode,
                uid,
                gid,
                recursive,
            } => Ok(Self {
                mode,
                uid,
                gid,
                recursive,
            }),
        }
    }
}

/// Parts of the skeleton.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(
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
    /// The usual names of the certificate bundle in `/etc/ssl`, and `/usr/lib/ssl`, where a package brings one.
    pub certificates: bool,
    /// `/usr/share/zoneinfo`, where a package brings time zones.
    pub time_zones: bool,
    /// `/usr/lib/locale`, where a package brings locales or a C library brings C.UTF-8.
    pub locale: bool,
}
