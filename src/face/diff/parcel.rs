//! Parcel: a finished image in the pieces in which it is sent, and which of them who has an older image has already.
//!
//! For an OCI image they are its layers. An App Container Image is one piece, and so is each image that it stands on.

use std::collections::BTreeSet;

use anyhow::Result;
use camino::Utf8Path;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::face::aci;
use crate::face::json;
use crate::face::oci::finished::Finished;
use crate::input::attrs::Attrs;
use crate::input::form::Face;
use crate::input::spec::Spec;
use crate::plan::Plan;

/// A finished image, as it is sent.
pub(super) struct Parcel {
    /// Digest of the manifest, or image ID.
    pub(super) id: String,
    /// Lowest first.
    pieces: Vec<Piece>,
    /// What describes them: the manifest and the configuration of an OCI image.
    documents: Vec<Piece>,
    /// How the image is run, in the words of its form.
    pub(super) execution: Value,
}

/// Something that is sent whole or not at all.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Piece {
    /// What it is known by.
    pub(super) digest: String,
    /// Its size in bytes.
    pub(super) bytes: u64,
    /// What is in it, for people.
    pub(super) content: String,
}

/// What `NAME.json` says of an App Container Image.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Archive {
    #[serde(rename = "imageID")]
    image_id: String,
    compressed_size: u64,
}

impl Parcel {
    /// Reads those of the image of `attrs` in the directory `output`.
    pub(super) fn load(attrs: &Attrs, output: &Utf8Path, plan: &Plan) -> Result<Self> {
        if attrs.spec.form.face == Face::Oci {
            return of_layout(output);
        }
        let mut pieces = Vec::new();
        for base in &attrs.below {
            pieces.push(archive(&base.spec, &base.output)?);
        }
        let own = archive(&attrs.spec, output)?;
        let id = own.digest.clone();
        pieces.push(own);
        let manifest = aci::manifest(&attrs.spec.image, &plan.contents.mounted, &plan.visible)?;
        let manifest: Value = serde_json::from_str(&manifest)?;
        Ok(Self {
            id,
            pieces,
            documents: Vec::new(),
            execution: manifest.get("app").cloned().unwrap_or_default(),
        })
    }

    /// Size of the whole image in bytes.
    pub(super) fn bytes(&self) -> u64 {
        self.pieces.iter().map(|piece| piece.bytes).sum()
    }
}

fn of_layout(output: &Utf8Path) -> Result<Parcel> {
    let Finished {
        manifest,
        config,
        layers,
        execution,
    } = Finished::load(output)?;
    let document = |descriptor: &crate::face::oci::document::Descriptor, content: &str| Piece {
        digest: descriptor.digest.to_string(),
        bytes: descriptor.size,
        content: content.to_owned(),
    };
    let pieces = layers.into_iter().map(|layer| Piece {
        digest: layer.descriptor.digest.to_string(),
        bytes: layer.descriptor.size,
        content: layer.comment,
    });
    Ok(Parcel {
        id: manifest.digest.to_string(),
        pieces: pieces.collect(),
        documents: vec![
            document(&config, "configuration"),
            document(&manifest, "manifest"),
        ],
        execution,
    })
}

/// The App Container Image with this spec, in the directory `output`.
fn archive(spec: &Spec, output: &Utf8Path) -> Result<Piece> {
    let stem = spec.image.stem();
    let Archive {
        image_id,
        compressed_size,
    } = json::read(&output.join(format!("{stem}.json")))?;
    Ok(Piece {
        digest: image_id,
        bytes: compressed_size,
        content: format!("{stem}.aci"),
    })
}

/// What of a newer image is sent to who has the older one.
#[derive(Debug, Serialize)]
pub(super) struct Sent {
    /// All of it, documents too.
    pub(super) bytes: u64,
    /// How much of that is the manifest and the configuration.
    pub(super) documents: u64,
    /// Layers or archives that both have.
    pub(super) kept: Vec<Piece>,
    /// Those that are new, and sent.
    pub(super) new: Vec<Piece>,
    /// Those that the newer image does without.
    pub(super) gone: Vec<Piece>,
}

impl Sent {
    pub(super) fn new(older: &Parcel, newer: &Parcel) -> Self {
        let there = digests(&older.pieces);
        let wanted = digests(&newer.pieces);
        let (kept, new) = split(&newer.pieces, &there);
        let (_, gone) = split(&older.pieces, &wanted);
        let (_, documents) = split(&newer.documents, &digests(&older.documents));
        let sum = |pieces: &[Piece]| pieces.iter().map(|piece| piece.bytes).sum::<u64>();
        Self {
            bytes: sum(&new) + sum(&documents),
            documents: sum(&documents),
            kept,
            new,
            gone,
        }
    }
}

fn digests(pieces: &[Piece]) -> BTreeSet<&str> {
    pieces.iter().map(|piece| piece.digest.as_str()).collect()
}

/// Those of `pieces` that are among `others`, and those that are not, each once: a registry has a blob once, however
/// often an image lists it.
fn split(pieces: &[Piece], others: &BTreeSet<&str>) -> (Vec<Piece>, Vec<Piece>) {
    let mut seen = BTreeSet::new();
    let once = pieces.iter().filter(|piece| seen.insert(&piece.digest));
    once.cloned()
        .partition(|piece| others.contains(piece.digest.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(layers: &[(&str, u64)], documents: &[(&str, u64)]) -> Parcel {
        let piece = |(digest, bytes): &(&str, u64)| Piece {
            digest: (*digest).to_owned(),
            bytes: *bytes,
            content: String::new(),
        };
        Parcel {
            id: String::new(),
            pieces: layers.iter().map(piece).collect(),
            documents: documents.iter().map(piece).collect(),
            execution: Value::Null,
        }
    }

    #[test]
    fn what_is_there_is_not_sent() {
        let older = pieces(&[("a", 1), ("b", 20), ("c", 300)], &[("m", 7)]);
        let newer = pieces(
            &[("a", 1), ("d", 4000), ("d", 4000), ("c", 300)],
            &[("n", 8)],
        );
        let sent = Sent::new(&older, &newer);
        let names = |pieces: &[Piece]| {
            let names = pieces.iter().map(|piece| piece.digest.clone());
            names.collect::<Vec<_>>().join(" ")
        };
        assert_eq!((sent.bytes, sent.documents), (4008, 8));
        assert_eq!(names(&sent.kept), "a c");
        assert_eq!(names(&sent.new), "d");
        assert_eq!(names(&sent.gone), "b");
    }

    #[test]
    fn the_same_image_costs_nothing() {
        let image = pieces(&[("a", 1)], &[("m", 7)]);
        assert_eq!(Sent::new(&image, &image).bytes, 0);
    }
}
