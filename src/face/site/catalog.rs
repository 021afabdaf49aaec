//! The catalog: what is on a site, as `images.json` tells it to programs, and to `publish`.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

use crate::face::site::version;
use crate::host::digest::Digest;
use crate::rules::RULES;

/// What is on a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Catalog {
    /// Where it is shown, without `https://`.
    pub(crate) domain: String,
    /// Whether the key is there that images are signed with.
    #[serde(default)]
    pub(crate) public_key: bool,
    /// The fingerprint of that key, once it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) fingerprint: Option<String>,
    pub(crate) images: Vec<Entry>,
}

/// An image on a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    pub(crate) name: String,
    /// The name below the domain; a page is there.
    pub(crate) path: String,
    pub(crate) version: String,
    pub(crate) os: String,
    pub(crate) arch: String,
    pub(crate) form: Form,
    /// Where it is, from the root of the site.
    pub(crate) file: String,
    pub(crate) size: u64,
    /// That of the file.
    pub(crate) digest: Digest,
    /// What runtimes know it by: the image ID, or the digest of the manifest.
    pub(crate) id: String,
    /// Whether it is to be signed.
    pub(crate) sign: bool,
    /// Whether a signature is beside it.
    #[serde(default)]
    pub(crate) signed: bool,
    /// What the command that runs it has to say.
    #[serde(default)]
    pub(crate) arguments: String,
    /// What engines call it once they have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reference: Option<String>,
    /// What is told about it, and where.
    #[serde(default)]
    pub(crate) beside: BTreeMap<Beside, String>,
}

/// The form of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Form {
    Aci,
    Oci,
}

/// A document about an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Beside {
    Report,
    Cyclonedx,
    Spdx,
}

impl Form {
    /// What the name of its file ends with.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Aci => "aci",
            Self::Oci => "oci.tar",
        }
    }

    /// What it is called in names of files.
    pub(crate) fn short(self) -> &'static str {
        match self {
            Self::Aci => "aci",
            Self::Oci => "oci",
        }
    }
}

impl Beside {
    /// What the name of its file ends with.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Report => "report.html",
            Self::Cyclonedx => "cdx.json",
            Self::Spdx => "spdx.json",
        }
    }
}

impl Entry {
    /// Where its signature is.
    pub(crate) fn signature(&self) -> String {
        format!("{}.asc", self.file)
    }

    /// What it is the newest of.
    fn line(&self) -> (&str, &str, &str, Form) {
        (&self.path, &self.os, &self.arch, self.form)
    }

    /// Where it is if it is the newest.
    fn alias(&self) -> String {
        let Self { path, os, arch, .. } = self;
        let latest = &RULES.site.latest;
        format!("{path}-{latest}-{os}-{arch}.{}", self.form.extension())
    }
}

impl Catalog {
    /// An empty one.
    pub(crate) fn new(domain: &str) -> Self {
        Self {
            domain: domain.to_owned(),
            public_key: false,
            fingerprint: None,
            images: Vec::new(),
        }
    }

    /// An error unless all names of files stay below the site. A list that is shown, others may have changed.
    pub(crate) fn check(&self) -> Result<()> {
        for entry in &self.images {
            for name in [&entry.file, &entry.path]
                .into_iter()
                .chain(entry.beside.values())
            {
                let plain = |part: &str| !["", ".", ".."].contains(&part);
                ensure!(
                    name.split('/').all(plain),
                    "{name:?} is no name of a file of a site"
                );
            }
        }
        Ok(())
    }

    /// By name, newest first.
    pub(crate) fn sort(&mut self) {
        self.images.sort_by(|a, b| {
            let by_name = a.path.cmp(&b.path);
            by_name
                .then_with(|| version::compare(&b.version, &a.version))
                .then_with(|| b.version.cmp(&a.version))
                .then_with(|| (a.form, &a.os, &a.arch).cmp(&(b.form, &b.os, &b.arch)))
        });
    }

    /// The newest image of each name, platform and form.
    pub(crate) fn newest(&self) -> Vec<&Entry> {
        let mut newest: BTreeMap<_, &Entry> = BTreeMap::new();
        for entry in &self.images {
            let known = newest.entry(entry.line()).or_insert(entry);
            if version::compare(&known.version, &entry.version).is_lt() {
                *known = entry;
            }
        }
        newest.into_values().collect()
    }

    /// What is called the latest, and the file that it is.
    pub(crate) fn newest_files(&self) -> Vec<(String, String)> {
        let newest = self.newest().into_iter();
        newest
            .map(|entry| (entry.alias(), entry.file.clone()))
            .collect()
    }
}
