//! A component: one thing that an image is made of, in the words of no one format.

use crate::face::sbom::licence::Expression;
use crate::host::digest::Digest;
use crate::input::nar_hash::NarHash;
use crate::rules::RULES;

/// A store path, or an image below of which nothing else is known.
#[derive(Debug)]
pub(super) struct Component<'a> {
    /// What it is called within a document: each once.
    pub(super) key: String,
    pub(super) name: String,
    pub(super) version: Option<String>,
    pub(super) purl: Option<String>,
    pub(super) kind: Kind<'a>,
    /// Which components it refers to, by number.
    pub(super) references: Vec<usize>,
    pub(super) licence: Option<Expression>,
    pub(super) homepage: Option<&'a str>,
    pub(super) description: Option<&'a str>,
    pub(super) cpe: Option<&'a str>,
    /// What its package names as the same, or as its parts: the URL, name and version.
    pub(super) parts: Vec<Part<'a>>,
}

/// A package by its URL.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part<'a> {
    pub(super) purl: &'a str,
    pub(super) name: String,
    pub(super) version: Option<String>,
}

/// What a component is.
#[derive(Debug)]
pub(super) enum Kind<'a> {
    /// A store path.
    StorePath {
        path: &'a str,
        place: Place,
        nar_hash: NarHash,
        nar_size: u64,
        /// The layer that holds it.
        layer: Option<Digest>,
        /// The image below that brings it.
        base: Option<&'a str>,
    },
    /// An image that another tool has made, and the digests by which it is known.
    Image {
        digests: Vec<(&'static str, String)>,
    },
}

/// How a store path is in an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// At its own path.
    Packed,
    /// Brought by the host.
    Mounted,
    /// As single files elsewhere.
    Copied,
}

impl Component<'_> {
    /// What neither format has a member for.
    pub(super) fn properties(&self) -> Vec<(&'static str, String)> {
        match &self.kind {
            Kind::Image { digests } => digests.clone(),
            Kind::StorePath {
                path,
                place,
                nar_hash,
                nar_size,
                layer,
                base,
            } => {
                let place = match place {
                    Place::Packed => "packed",
                    Place::Mounted => "mounted",
                    Place::Copied => "copied",
                };
                let mut properties = vec![
                    ("storePath", (*path).to_owned()),
                    ("narHash", nar_hash.to_string()),
                    ("narSize", nar_size.to_string()),
                    ("place", place.to_owned()),
                ];
                properties.extend(layer.map(|layer| ("layer", layer.to_string())));
                properties.extend(base.map(|base| ("base", base.to_owned())));
                properties
            }
        }
    }

    /// The hash of its content, if there is one that says so much.
    pub(super) fn hash(&self) -> Option<String> {
        match &self.kind {
            Kind::StorePath { nar_hash, .. } => Some(nar_hash.hex()),
            Kind::Image { .. } => None,
        }
    }
}

/// Whether a text is a CPE, of the form 2.3.
pub(super) fn is_cpe(text: &str) -> bool {
    RULES.texts.cpe.check(text).is_ok()
}

/// Whether a text is an address.
pub(super) fn is_address(text: &str) -> bool {
    RULES.texts.address.check(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cpe_has_eleven_parts() {
        for right in [
            "cpe:2.3:a:busybox:busybox:1.36.1:*:*:*:*:*:*:*",
            "cpe:2.3:o:linux:linux_kernel:6.1\\+deb\\:1:-:*:*:*:*:*:*",
        ] {
            assert!(is_cpe(right), "{right}");
        }
        for wrong in [
            "",
            "cpe:/a:busybox:busybox:1.36.1",
            "cpe:2.3:x:busybox:busybox:1.36.1:*:*:*:*:*:*:*",
            "cpe:2.3:a:busybox:busybox:1.36.1:*:*:*:*:*:*",
            "cpe:2.3:a:busy box:busybox:1.36.1:*:*:*:*:*:*:*",
            "cpe:2.3:a:busybox::1.36.1:*:*:*:*:*:*:*",
        ] {
            assert!(!is_cpe(wrong), "{wrong}");
        }
    }
}
