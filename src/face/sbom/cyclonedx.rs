//! CycloneDX 1.6, as JSON (ECMA-424, edition 1).

use serde::Serialize;

use crate::face::oci::document::Digest;
use crate::face::sbom::bill::Bill;
use crate::face::sbom::component::{Component, Kind, Part, Place};
use crate::face::sbom::licence::{Expression, Other};

/// What stands before the names of properties: the program that gives them their meaning.
const NAMESPACE: &str = "nix2aci";

/// What the image itself is called within the document.
const IMAGE: &str = "image";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document<'a> {
    bom_format: &'static str,
    spec_version: &'static str,
    /// Empty until the rest is known.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) serial_number: String,
    version: u8,
    metadata: Metadata<'a>,
    components: Vec<Item<'a>>,
    dependencies: Vec<Edges<'a>>,
    compositions: Vec<Composition<'a>>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    timestamp: &'a str,
    tools: Tools,
    component: Item<'a>,
}

#[derive(Serialize)]
struct Tools {
    components: [Tool; 1],
}

#[derive(Serialize)]
struct Tool {
    #[serde(rename = "type")]
    kind: &'static str,
    name: &'static str,
    version: &'static str,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(rename = "bom-ref", skip_serializing_if = "str::is_empty")]
    key: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hashes: Vec<Hash>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    licenses: Vec<Licence<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cpe: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purl: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    external_references: Vec<Link<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    components: Vec<Item<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    properties: Vec<Property>,
}

#[derive(Serialize)]
struct Hash {
    alg: &'static str,
    content: String,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Licence<'a> {
    License(Named<'a>),
    #[serde(untagged)]
    Expression {
        expression: String,
    },
}

#[derive(Serialize)]
struct Named<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
}

#[derive(Serialize)]
struct Link<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    url: &'a str,
}

#[derive(Serialize)]
struct Property {
    name: String,
    value: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Edges<'a> {
    #[serde(rename = "ref")]
    from: &'a str,
    depends_on: Vec<&'a str>,
}

#[derive(Serialize)]
struct Composition<'a> {
    aggregate: &'static str,
    assemblies: Vec<&'a str>,
}

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
