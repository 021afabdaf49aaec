//! CycloneDX 1.6, as JSON (ECMA-424, edition 1).

mod document;

use crate::face::sbom::bill::Bill;
use crate::face::sbom::component::{Component, Kind, Part, Place};
use crate::face::sbom::licence::{Expression, Other};
use crate::host::digest::Digest;

pub(super) use document::Document;
use document::{
    Composition, Edges, Hash, Item, Licence, Link, Metadata, Named, Property, Tool, Tools,
};

/// What stands before the names of properties: the program that gives them their meaning.
const NAMESPACE: &str = "nix2aci";

/// What the image itself is called within the document.
const IMAGE: &str = "image";

impl<'a> Document<'a> {
    pub(super) fn new(bill: &'a Bill<'a>) -> Self {
        let keys = |numbers: &[usize]| {
            let keys = numbers
                .iter()
                .map(|number| bill.components[*number].key.as_str());
            keys.collect()
        };
        let edges = bill.components.iter().map(|component| Edges {
            from: &component.key,
            depends_on: keys(&component.references),
        });
        let own = Edges {
            from: IMAGE,
            depends_on: keys(&bill.roots),
        };
        let is_unknown = |component: &&Component<'_>| matches!(component.kind, Kind::Image { .. });
        let unknown = bill.components.iter().filter(is_unknown);
        let unknown: Vec<&str> = unknown.map(|component| component.key.as_str()).collect();
        let mut compositions = vec![Composition {
            aggregate: if bill.is_complete() {
                "complete"
            } else {
                "incomplete"
            },
            assemblies: vec![IMAGE],
        }];
        if !unknown.is_empty() {
            compositions.push(Composition {
                aggregate: "unknown",
                assemblies: unknown,
            });
        }
        Self {
            bom_format: "CycloneDX",
            spec_version: "1.6",
            serial_number: String::new(),
            version: 1,
            metadata: Metadata {
                timestamp: &bill.time,
                tools: Tools {
                    components: [Tool {
                        kind: "application",
                        name: "nix2aci",
                        version: env!("CARGO_PKG_VERSION"),
                    }],
                },
                component: image(bill),
            },
            components: bill.components.iter().map(item).collect(),
            dependencies: [own].into_iter().chain(edges).collect(),
            compositions,
        }
    }
}

/// The image itself.
fn image<'a>(bill: &'a Bill<'a>) -> Item<'a> {
    let image = &bill.attrs.spec.image;
    let hash = bill.manifest.as_ref().map(Digest::hex);
    let link = |kind, name| {
        let url = image.annotations.get(name)?;
        Some(Link { kind, url })
    };
    let links = [
        link("website", "homepage"),
        link("documentation", "documentation"),
    ];
    Item {
        kind: "container",
        key: IMAGE,
        name: image.name.as_str(),
        version: Some(image.version.as_str()),
        hashes: hash.map(sha256).into_iter().collect(),
        purl: bill.purl(),
        external_references: links.into_iter().flatten().collect(),
        properties: properties(bill.properties()),
        ..Item::default()
    }
}

fn item<'a>(component: &'a Component<'a>) -> Item<'a> {
    let homepage = component.homepage.map(|url| Link {
        kind: "website",
        url,
    });
    Item {
        kind: match &component.kind {
            Kind::Image { .. } => "container",
            Kind::StorePath {
                place: Place::Copied,
                ..
            } => "file",
            // What the specification takes where nothing closer is known.
            Kind::StorePath { .. } => "application",
        },
        key: &component.key,
        name: &component.name,
        version: component.version.as_deref(),
        description: component.description,
        hashes: component.hash().map(sha256).into_iter().collect(),
        licenses: component.licence.as_ref().map(licences).unwrap_or_default(),
        cpe: component.cpe,
        purl: component.purl.clone(),
        external_references: homepage.into_iter().collect(),
        components: component.parts.iter().map(part).collect(),
        properties: properties(component.properties()),
    }
}

fn part<'a>(part: &'a Part<'a>) -> Item<'a> {
    Item {
        kind: "application",
        name: &part.name,
        version: part.version.as_deref(),
        purl: Some(part.purl.to_owned()),
        ..Item::default()
    }
}

/// A list of licences, all of which count, or one expression: a document has either.
fn licences(expression: &Expression) -> Vec<Licence<'_>> {
    let all = expression.all();
    let named = all.iter().map(|expression| match expression {
        Expression::Id(id) => Some(Licence::License(Named {
            id: Some(id),
            name: None,
            url: None,
        })),
        Expression::Other(Other { name, url }) => Some(Licence::License(Named {
            id: None,
            name: Some(name),
            url: url.as_deref(),
        })),
        Expression::Text(_) | Expression::All(_) | Expression::Any(_) => None,
    });
    named.collect::<Option<_>>().unwrap_or_else(|| {
        vec![Licence::Expression {
            expression: expression.text(),
        }]
    })
}

fn sha256(content: String) -> Hash {
    Hash {
        alg: "SHA-256",
        content,
    }
}

fn properties(properties: Vec<(&'static str, String)>) -> Vec<Property> {
    let properties = properties.into_iter();
    properties
        .map(|(name, value)| Property {
            name: format!("{NAMESPACE}:{name}"),
            value,
        })
        .collect()
}
