//! SPDX 2.3, as JSON (ISO/IEC 5962, later version).

#![expect(
    clippy::struct_field_names,
    reason = "members are called as the specification calls them"
)]

use std::collections::BTreeMap;

use serde::Serialize;

use crate::face::sbom::bill::Bill;
use crate::face::sbom::component::{Component, Kind, Place, is_address};
use crate::face::sbom::licence::{Expression, Other};

/// What is not known, and what nobody has looked for.
const NOASSERTION: &str = "NOASSERTION";

const DOCUMENT: &str = "SPDXRef-DOCUMENT";

/// What the image itself is called within the document.
const IMAGE: &str = "SPDXRef-image";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document<'a> {
    spdx_version: &'static str,
    data_license: &'static str,
    #[serde(rename = "SPDXID")]
    id: &'static str,
    name: String,
    /// Empty until the rest is known.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) document_namespace: String,
    creation_info: CreationInfo<'a>,
    packages: Vec<Package<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    has_extracted_licensing_infos: Vec<Extracted<'a>>,
    relationships: Vec<Relationship>,
}

#[derive(Serialize)]
struct CreationInfo<'a> {
    created: &'a str,
    creators: [&'static str; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Package<'a> {
    #[serde(rename = "SPDXID")]
    id: String,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_info: Option<&'a str>,
    download_location: &'static str,
    files_analyzed: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    checksums: Vec<Checksum>,
    #[serde(skip_serializing_if = "Option::is_none")]
    homepage: Option<&'a str>,
    license_concluded: &'static str,
    license_declared: String,
    copyright_text: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<&'a str>,
    comment: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    primary_package_purpose: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    external_refs: Vec<External>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Checksum {
    algorithm: &'static str,
    checksum_value: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct External {
    reference_category: &'static str,
    reference_type: &'static str,
    reference_locator: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Extracted<'a> {
    license_id: String,
    name: &'a str,
    extracted_text: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    see_alsos: Vec<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Relationship {
    spdx_element_id: String,
    relationship_type: &'static str,
    related_spdx_element: String,
}

impl<'a> Document<'a> {
    pub(super) fn new(bill: &'a Bill<'a>) -> Self {
        let ids: Vec<String> = bill.components.iter().map(id).collect();
        let mut relationships = vec![relationship(DOCUMENT, "DESCRIBES", IMAGE)];
        let mut described: BTreeMap<String, &Other> = BTreeMap::new();
        for (component, id) in bill.components.iter().zip(&ids) {
            let has = match component.kind {
                Kind::StorePath {
                    place: Place::Mounted,
                    ..
                } => "DEPENDS_ON",
                _ => "CONTAINS",
            };
            relationships.push(relationship(IMAGE, has, id));
            let others = component.licence.as_ref().map(Expression::others);
            for other in others.into_iter().flatten() {
                described.entry(other.reference()).or_insert(other);
            }
        }
        for (component, id) in bill.components.iter().zip(&ids) {
            let references = component.references.iter();
            relationships.extend(references.map(|to| relationship(id, "DEPENDS_ON", &ids[*to])));
        }
        let packages = bill.components.iter().zip(&ids);
        let packages = packages.map(|(component, id)| package(component, id.clone()));
        Self {
            spdx_version: "SPDX-2.3",
            data_license: "CC0-1.0",
            id: DOCUMENT,
            name: bill.attrs.spec.image.stem(),
            document_namespace: String::new(),
            creation_info: CreationInfo {
                created: &bill.time,
                creators: [concat!("Tool: nix2aci-", env!("CARGO_PKG_VERSION"))],
            },
            packages: [image(bill)].into_iter().chain(packages).collect(),
            has_extracted_licensing_infos: described.into_iter().map(extracted).collect(),
            relationships,
        }
    }
}

/// The identifier of a component: letters, digits, dots and dashes. Keys begin with a hash, so that they stay apart.
fn id(component: &Component<'_>) -> String {
    let is_fit = |c: char| c.is_ascii_alphanumeric() || ".-".contains(c);
    let fit = component
        .key
        .chars()
        .map(|c| if is_fit(c) { c } else { '-' });
    format!("SPDXRef-{}", fit.collect::<String>())
}

fn relationship(from: &str, kind: &'static str, to: &str) -> Relationship {
    Relationship {
        spdx_element_id: from.to_owned(),
        relationship_type: kind,
        related_spdx_element: to.to_owned(),
    }
}

/// The image itself.
fn image<'a>(bill: &'a Bill<'a>) -> Package<'a> {
    let image = &bill.attrs.spec.image;
    let digest = bill.manifest.map(|digest| digest.hex());
    Package {
        id: IMAGE.to_owned(),
        name: image.name.as_str(),
        version_info: Some(image.version.as_str()),
        download_location: NOASSERTION,
        files_analyzed: false,
        checksums: digest.map(sha256).into_iter().collect(),
        homepage: image.annotations.get("homepage"),
        license_concluded: NOASSERTION,
        license_declared: NOASSERTION.to_owned(),
        copyright_text: NOASSERTION,
        summary: None,
        comment: comment(bill.properties()),
        primary_package_purpose: Some("CONTAINER"),
        external_refs: bill.purl().map(purl).into_iter().collect(),
    }
}

fn package<'a>(component: &'a Component<'a>, id: String) -> Package<'a> {
    let purls = component.purl.clone().into_iter();
    let parts = component.parts.iter().map(|part| part.purl.to_owned());
    let mut external_refs: Vec<External> = purls.chain(parts).map(purl).collect();
    external_refs.extend(component.cpe.map(|cpe| External {
        reference_category: "SECURITY",
        reference_type: "cpe23Type",
        reference_locator: cpe.to_owned(),
    }));
    let licence = component.licence.as_ref().map(Expression::text);
    Package {
        id,
        name: &component.name,
        version_info: component.version.as_deref(),
        download_location: NOASSERTION,
        files_analyzed: false,
        checksums: component.hash().map(sha256).into_iter().collect(),
        homepage: component.homepage,
        license_concluded: NOASSERTION,
        license_declared: licence.unwrap_or_else(|| NOASSERTION.to_owned()),
        copyright_text: NOASSERTION,
        summary: component.description,
        comment: comment(component.properties()),
        primary_package_purpose: match component.kind {
            Kind::Image { .. } => Some("CONTAINER"),
            Kind::StorePath { .. } => None,
        },
        external_refs,
    }
}

fn extracted((license_id, other): (String, &Other)) -> Extracted<'_> {
    let url = other.url.as_deref().filter(|url| is_address(url));
    Extracted {
        license_id,
        name: &other.name,
        extracted_text: format!("The package says of its licence: {}", other.name),
        see_alsos: url.into_iter().collect(),
    }
}

fn sha256(checksum_value: String) -> Checksum {
    Checksum {
        algorithm: "SHA256",
        checksum_value,
    }
}

fn purl(reference_locator: String) -> External {
    External {
        reference_category: "PACKAGE-MANAGER",
        reference_type: "purl",
        reference_locator,
    }
}

/// Properties, a line each: the format has no member for them.
fn comment(properties: Vec<(&'static str, String)>) -> String {
    let lines = properties.into_iter();
    let lines: Vec<String> = lines
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    lines.join("\n")
}
