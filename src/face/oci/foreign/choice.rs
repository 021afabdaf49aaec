//! Choice: the one image of a layout or an archive that is for a platform, and what it says of its layers.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use crate::face::oci::blob::blob_path;
use crate::face::oci::document::{
    Descriptor, Digest, Entries, INDEX, INDEX_FILE, LAYOUT_FILE, Parts, Platform,
};
use crate::face::oci::foreign::blobs::Blobs;
use crate::input::foreign::Execution;

/// What Docker calls the index of its own format.
const DOCKER_INDEX: &str = "application/vnd.docker.distribution.manifest.list.v2+json";

/// The list of images in an archive of `docker save`.
pub(super) const LIST: &str = "manifest.json";

/// So deep indices lie in each other at most, and so many images and indices are in them.
const DEEPEST: usize = 4;
pub(super) const MOST: usize = 1000;

/// What is not known of a platform; so builders mark what is no image in an index of images.
const UNKNOWN: &str = "unknown";

/// That none of the images is for the platform that is wanted.
#[derive(Debug)]
pub(crate) struct Absent {
    /// What is there.
    pub(crate) held: String,
    pub(crate) wanted: String,
}

impl fmt::Display for Absent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { held, wanted } = self;
        write!(
            f,
            "it {held}, and this image is for {wanted}; take the one for that, or set arch and os"
        )
    }
}

impl std::error::Error for Absent {}

/// An image of which the layers are not yet read.
pub(super) struct Chosen {
    /// Digest of its configuration.
    pub(super) id: Digest,
    /// Digest of its manifest, where it has one.
    pub(super) manifest: Option<Digest>,
    /// Whether it is for the platform that is wanted, and not for another one that runs there.
    is_exact: bool,
    pub(super) execution: Execution,
    pub(super) layers: Vec<Wanted>,
}

/// What a layer has to be.
pub(super) struct Wanted {
    /// The name of its file.
    pub(super) name: String,
    /// The digest and size of the file, where they are told, and what else is told of it.
    pub(super) descriptor: Option<Descriptor>,
    /// Digest of the uncompressed layer.
    pub(super) diff_id: Digest,
    /// What made it.
    pub(super) comment: String,
}

/// An image of a Docker archive.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DockerImage {
    pub(super) config: String,
    #[serde(default)]
    repo_tags: Option<Vec<String>>,
    layers: Vec<String>,
}

/// An image configuration, as far as it is taken over. Whoever wrote it may have left out, or made null, whatever is
/// empty.
#[derive(Deserialize)]
struct Configuration {
    #[serde(flatten)]
    platform: Platform,
    #[serde(default)]
    config: Option<Container>,
    rootfs: RootFs,
    #[serde(default)]
    history: Option<Vec<History>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Container {
    user: Option<String>,
    env: Option<Vec<String>>,
    entrypoint: Option<Vec<String>>,
    cmd: Option<Vec<String>>,
    working_dir: Option<String>,
    exposed_ports: Option<BTreeMap<String, serde_json::Value>>,
    volumes: Option<BTreeMap<String, serde_json::Value>>,
    stop_signal: Option<String>,
}

#[derive(Deserialize)]
struct RootFs {
    #[serde(default)]
    diff_ids: Option<Vec<Digest>>,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct History {
    created_by: String,
    empty_layer: bool,
}

/// The image of `blobs` that is for `platform`.
pub(super) fn choose(blobs: &Blobs, platform: &Platform) -> Result<Chosen> {
    if blobs.has(INDEX_FILE) && blobs.has(LAYOUT_FILE) {
        of_layout(blobs, platform)
    } else if blobs.has(LIST) {
        of_docker(blobs, platform)
    } else {
        bail!(
            "it has neither index.json with oci-layout nor manifest.json, and so is no OCI layout, and no archive of one or \
             of docker save; make one with skopeo copy … oci-archive:FILE"
        )
    }
}

fn of_layout(blobs: &Blobs, platform: &Platform) -> Result<Chosen> {
    let mut found = Found::default();
    let Entries { manifests } = parse(&blobs.document(INDEX_FILE, None)?, INDEX_FILE)?;
    found.add(blobs, platform, manifests, 0)?;
    let Found {
        mut fit, others, ..
    } = found;
    // What is for the very platform comes before what runs there too.
    if fit.values().any(|chosen| chosen.is_exact) {
        fit.retain(|_, chosen| chosen.is_exact);
    }
    let (Some((_, chosen)), None) = (fit.pop_first(), fit.first_key_value()) else {
        let wanted = shown(platform);
        if fit.is_empty() {
            bail!(Absent {
                held: if others.is_empty() {
                    "holds no image".to_owned()
                } else {
                    format!("holds images for {}", others.join(", "))
                },
                wanted,
            });
        }
        bail!(
            "it holds {} images for {wanted}; make one of a single image with skopeo copy oci:DIRECTORY:TAG \
             oci:OTHER:TAG (oci-archive: for an archive)",
            fit.len() + 1
        );
    };
    Ok(chosen)
}

/// The images of an index.
#[derive(Default)]
struct Found {
    /// Those for the platform that is wanted, by their digests.
    fit: BTreeMap<Digest, Chosen>,
    /// The platforms of the others.
    others: Vec<String>,
    /// How many entries were seen.
    seen: usize,
}

impl Found {
    fn add(
        &mut self,
        blobs: &Blobs,
        wanted: &Platform,
        manifests: Vec<Descriptor>,
        depth: usize,
    ) -> Result<()> {
        for descriptor in manifests {
            self.seen += 1;
            ensure!(
                depth <= DEEPEST && self.seen <= MOST,
                "its indices lie too deep in each other, or have too many images"
            );
            if let Some(platform) = &descriptor.platform
                && !runs(wanted, platform)
            {
                // What is beside an image in its index, and no image, is for none.
                if platform.os != UNKNOWN {
                    self.others.push(shown(platform));
                }
                continue;
            }
            let digest = descriptor.digest;
            let bytes = document(blobs, &descriptor)?;
            if [INDEX, DOCKER_INDEX].contains(&descriptor.media_type.as_str()) {
                let Entries { manifests } = parse(&bytes, &digest.to_string())?;
                self.add(blobs, wanted, manifests, depth + 1)?;
                continue;
            }
            let Parts { config, layers, .. } = parse(&bytes, &digest.to_string())?;
            let id = config.digest;
            let config =
                document(blobs, &config).and_then(|bytes| parse(&bytes, "its configuration"));
            let config: Configuration = config.with_context(|| format!("the image {digest}"))?;
            if !runs(wanted, &config.platform) {
                self.others.push(shown(&config.platform));
                continue;
            }
            let is_exact = config.platform == *wanted;
            let layers = layers.into_iter().map(|descriptor| {
                let name = blob_path(descriptor.digest);
                (name, Some(descriptor))
            });
            let mut chosen = config
                .chosen(id, layers.collect())
                .with_context(|| format!("the image {digest}"))?;
            chosen.manifest = Some(digest);
            chosen.is_exact = is_exact;
            self.fit.insert(digest, chosen);
        }
        Ok(())
    }
}

fn of_docker(blobs: &Blobs, wanted: &Platform) -> Result<Chosen> {
    let mut images: Vec<DockerImage> = parse(&blobs.document(LIST, None)?, LIST)?;
    let (Some(image), true) = (images.pop(), images.is_empty()) else {
        let tags = images
            .iter()
            .filter_map(|image| image.repo_tags.as_ref())
            .flatten();
        bail!(
            "it holds several images ({} and others), and only one can lie below; save one of them",
            tags.map(String::as_str).next().unwrap_or("without a name")
        );
    };
    // Docker and its like call the file by its digest.
    let name = image.config.rsplit('/').next().unwrap_or_default();
    let hex = name.strip_suffix(".json").unwrap_or(name);
    let digest = Digest::from_hex(hex);
    let bytes = blobs.document(&image.config, digest)?;
    let id = Digest(Sha256::digest(&bytes).into());
    let config: Configuration = parse(&bytes, &image.config)?;
    if !runs(wanted, &config.platform) {
        bail!(Absent {
            held: format!("is for {}", shown(&config.platform)),
            wanted: shown(wanted),
        });
    }
    let layers = image.layers.into_iter().map(|name| (name, None));
    config.chosen(id, layers.collect())
}

impl Configuration {
    fn chosen(self, id: Digest, files: Vec<(String, Option<Descriptor>)>) -> Result<Chosen> {
        let diff_ids = self.rootfs.diff_ids.unwrap_or_default();
        ensure!(
            files.len() == diff_ids.len(),
            "its manifest has {} layers, and its configuration {}",
            files.len(),
            diff_ids.len()
        );
        let history = self.history.unwrap_or_default().into_iter();
        let comments: Vec<String> = history
            .filter(|history| !history.empty_layer)
            .map(|history| history.created_by)
            .collect();
        let is_told = comments.len() == files.len();
        let layers = files.into_iter().zip(diff_ids).enumerate();
        let layers = layers.map(|(at, ((name, descriptor), diff_id))| Wanted {
            name,
            descriptor,
            diff_id,
            comment: if is_told {
                comments[at].clone()
            } else {
                String::new()
            },
        });
        let container = self.config.unwrap_or_default();
        Ok(Chosen {
            id,
            manifest: None,
            is_exact: false,
            layers: layers.collect(),
            execution: Execution {
                user: container.user.unwrap_or_default(),
                env: container.env.unwrap_or_default(),
                entrypoint: container.entrypoint.unwrap_or_default(),
                cmd: container.cmd.unwrap_or_default(),
                working_dir: container.working_dir.filter(|path| !path.is_empty()),
                exposed_ports: container
                    .exposed_ports
                    .unwrap_or_default()
                    .into_keys()
                    .collect(),
                volumes: container.volumes.unwrap_or_default().into_keys().collect(),
                stop_signal: container.stop_signal.filter(|signal| !signal.is_empty()),
            },
        })
    }
}

/// The document that a descriptor tells of.
pub(super) fn document(blobs: &Blobs, descriptor: &Descriptor) -> Result<Vec<u8>> {
    let Descriptor { digest, size, .. } = descriptor;
    let bytes = blobs.document(&blob_path(*digest), Some(*digest))?;
    ensure!(
        bytes.len() as u64 == *size,
        "{digest} has {} bytes, and {size} are told",
        bytes.len()
    );
    Ok(bytes)
}

fn parse<T: DeserializeOwned>(bytes: &[u8], what: &str) -> Result<T> {
    serde_json::from_slice(bytes).with_context(|| format!("reading {what}"))
}

/// Whether what is for the platform `there` runs where `wanted` does. Processors run what is for older ones.
fn runs(wanted: &Platform, there: &Platform) -> bool {
    let variants =
        [&wanted.variant, &there.variant].map(|variant| variant.as_deref().unwrap_or_default());
    there.os == wanted.os
        && there.architecture == wanted.architecture
        && (variants.contains(&"") || variants[1] <= variants[0])
}

fn shown(platform: &Platform) -> String {
    let Platform {
        architecture,
        os,
        variant,
    } = platform;
    let variant = variant
        .as_ref()
        .map_or(String::new(), |variant| format!("/{variant}"));
    format!("{os}/{architecture}{variant}")
}
