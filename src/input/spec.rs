//! The spec: what the author of an image asked for, as `mkACI` hands it over, decoded strictly.
//!
//! The evaluation has checked every value and told what was wrong; the types here hold nothing else. An unknown member
//! is an error, since it would be lost silently.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use camino::Utf8PathBuf;
use serde::Deserialize;

use crate::image::path::{ancestors, is_within};
use crate::image::{Image, ImagePath, InnerPath, Unique};
use crate::input::budget::Budget;
use crate::input::files::{File, Perms};
use crate::input::form::Form;
use crate::rules::RULES;

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
    /// The output of the derivation that has read it; for `Face::Foreign`, the image itself.
    pub path: Utf8PathBuf,
    /// Whether the program runs as the user of that image.
    #[serde(default)]
    pub its_user: bool,
    /// Whether it runs as the group of that image.
    #[serde(default)]
    pub its_group: bool,
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
