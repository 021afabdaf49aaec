//! Named: all images that a layout or an archive names. Engines choose among them by tag, platform and format, each in
//! its own way; so whoever vouches for one of them has to know them all.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use anyhow::{Context, Result, bail, ensure};
use serde::de::{DeserializeOwned, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::face::oci::document::{Descriptor, Digest, INDEX_FILE};
use crate::face::oci::foreign::blobs::Blobs;
use crate::face::oci::foreign::choice::{DockerImage, LIST, MOST, document};

/// A manifest, or an index: what has the members of both is read in one way here and in another there.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    #[serde(default)]
    config: Option<Descriptor>,
    #[serde(default)]
    manifests: Option<Vec<Descriptor>>,
    /// Of Docker's first format.
    #[serde(default)]
    fs_layers: Option<IgnoredAny>,
}

/// The digests of their configurations, each with the document that names it.
pub(super) fn named(blobs: &Blobs) -> Result<BTreeMap<Digest, String>> {
    let mut found = BTreeMap::new();
    if blobs.has(INDEX_FILE) {
        // Descriptors wait, and not what they tell of: of documents there is one at a time.
        let mut waiting = add(&blobs.document(INDEX_FILE, None)?, INDEX_FILE, &mut found)?;
        let mut read = 0;
        while let Some(descriptor) = waiting.pop() {
            read += 1;
            ensure!(
                read + waiting.len() <= MOST,
                "it names more than {MOST} images"
            );
            let name = descriptor.digest.to_string();
            waiting.extend(add(&document(blobs, &descriptor)?, &name, &mut found)?);
        }
    }
    if blobs.has(LIST) {
        let images: Vec<DockerImage> = plain(&blobs.document(LIST, None)?, LIST)?;
        for image in images {
            let config = Digest::of(&blobs.document(&image.config, None)?);
            found.insert(config, LIST.to_owned());
        }
    }
    Ok(found)
}

/// Adds the image that a manifest names to those that are `found`; gives back the manifests that an index names.
fn add(bytes: &[u8], name: &str, found: &mut BTreeMap<Digest, String>) -> Result<Vec<Descriptor>> {
    let Named {
        config,
        manifests,
        fs_layers,
    } = plain(bytes, name)?;
    match (config, manifests, fs_layers) {
        (Some(config), None, None) => {
            found.insert(config.digest, name.to_owned());
            Ok(Vec::new())
        }
        (None, Some(manifests), None) => Ok(manifests),
        _ => bail!("{name} is neither the manifest of one image nor an index"),
    }
}

/// Reads a document in which every reader finds the same.
fn plain<T: DeserializeOwned>(bytes: &[u8], name: &str) -> Result<T> {
    let context = || format!("reading {name}");
    let Plain = serde_json::from_slice(bytes).with_context(context)?;
    serde_json::from_slice(bytes).with_context(context)
}

/// JSON in which no object has two members of one name. Readers that are written in Go take names in capitals and small
/// letters for the same (`encoding/json`), and the last of several.
struct Plain;

impl<'de> Deserialize<'de> for Plain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Plain {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        let mut names = BTreeSet::new();
        while let Some((name, Self)) = map.next_entry::<String, Self>()? {
            // Both, for the letters that have several small ones, or several large ones.
            if !names.insert(name.to_uppercase().to_lowercase()) {
                return Err(A::Error::custom(format_args!("{name:?} is there twice")));
            }
        }
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self, A::Error> {
        while let Some(Self) = list.next_element::<Self>()? {}
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_there_once_for_every_reader() {
        let read = |text: &str| serde_json::from_str::<Plain>(text).map(|_| ());
        for text in [
            r#"{"a": [1, -1, 0.5, true, null, "x", {"a": {}}], "b": {"a": 1}}"#,
            "[]",
        ] {
            read(text).unwrap();
        }
        for text in [
            r#"{"manifests": [], "Manifests": []}"#,
            r#"[{"a": {"config": 1, "config": 2}}]"#,
            "{\"manifests\": [], \"manife\u{17f}ts\": []}",
            "{\"k\": 1, \"\u{212a}\": 2}",
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains("is there twice"), "{error}");
        }
    }
}
