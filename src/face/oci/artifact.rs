//! Artifacts: what is said of an image beside it, as manifests that name it as their subject (image specification 1.1,
//! "Guidelines for Artifact Usage"). Registries tell of them who asks for the image's referrers.
//!
//! They have a layout of their own within the one of the image, which lists the image and what refers to it, over the
//! same blobs: an index of several manifests is one that engines do not take without a tag.

use std::collections::BTreeMap;

use anyhow::Result;

use crate::face::json::json;
use crate::face::oci::document::{
    ARTIFACTS, Descriptor, INDEX, INDEX_FILE, Index, LAYOUT_FILE, LAYOUT_TEXT, MANIFEST, Manifest,
    REF_NAME,
};
use crate::face::oci::{blob, mapping};
use crate::face::sbom;
use crate::face::sbom::bill::Packed;
use crate::host::output::Output;
use crate::input::attrs::Attrs;
use crate::input::facts::Facts;
use crate::plan::Plan;

/// Media type of an object without members, which stands where an artifact has no configuration.
const EMPTY: &str = "application/vnd.oci.empty.v1+json";

/// What a file is called.
const TITLE: &str = "org.opencontainers.image.title";

/// Writes the bill of materials of an image as artifacts. `image` is its entry in the index.
pub(crate) fn write(
    plan: &Plan,
    attrs: &Attrs,
    facts: &[Facts],
    packed: &Packed,
    image: &Descriptor,
    output: &mut Output,
) -> Result<()> {
    let closure = &attrs.closure;
    let subject = Descriptor {
        platform: None,
        annotations: BTreeMap::new(),
        ..image.clone()
    };
    let config = blob::write_text(output, EMPTY, "{}")?;
    let mut manifests = vec![image.clone()];
    let annotations = &attrs.spec.image.annotations;
    let created = annotations.get("created").unwrap_or(mapping::EPOCH);
    let stem = attrs.spec.image.stem();
    for document in sbom::documents(plan, attrs, facts, Some(packed))? {
        let sbom::Document {
            format,
            media_type,
            text,
        } = document;
        let mut layer = blob::write_text(output, media_type, &text)?;
        let title = sbom::file_name(&stem, format);
        layer.annotations.insert(TITLE.to_owned(), title);
        let manifest = Manifest {
            schema_version: 2,
            media_type: MANIFEST,
            artifact_type: Some(media_type),
            config: config.clone(),
            layers: vec![layer],
            subject: Some(subject.clone()),
            annotations: BTreeMap::from([(mapping::CREATED.to_owned(), created.to_owned())]),
        };
        let mut manifest = blob::write(output, closure, MANIFEST, &manifest)?;
        manifest.artifact_type = Some(media_type.to_owned());
        let name = format!("{}.{format}", attrs.spec.form.reference.tag());
        manifest.annotations.insert(REF_NAME.to_owned(), name);
        manifests.push(manifest);
    }
    let index = Index {
        schema_version: 2,
        media_type: INDEX,
        manifests,
        annotations: BTreeMap::new(),
    };
    let within = |name: &str| format!("{ARTIFACTS}/{name}");
    output.write(&within(LAYOUT_FILE), LAYOUT_TEXT, 0o644)?;
    output.write(&within(INDEX_FILE), &json(closure, &index)?, 0o644)?;
    output.link(&within("blobs"), "../blobs".into());
    Ok(())
}
