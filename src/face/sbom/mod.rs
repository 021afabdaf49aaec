//! The bill of materials: what an image is made of, in the two formats that programs read, CycloneDX and SPDX.
//!
//! It is made from the plan: nothing of the closure is read for it. One image has one bill, to the byte: there is no clock
//! in it, and its serial number follows from the rest.

pub(crate) mod bill;
mod component;
mod cyclonedx;
mod licence;
mod purl;
mod said;
mod serial;
mod spdx;

use anyhow::{Context, Result};
use camino::Utf8Path;
use serde::Serialize;

use crate::face::json::json;
use crate::face::oci::finished::Finished;
use crate::face::sbom::bill::{Bill, Packed};
use crate::host::log::{Log, count, size};
use crate::host::output::Output;
use crate::input::about::Sbom;
use crate::input::attrs::Attrs;
use crate::input::closure::Closure;
use crate::input::facts::Facts;
use crate::plan::Plan;

/// A bill in one format.
pub(crate) struct Document {
    /// Its format, in short.
    pub(crate) format: &'static str,
    /// What registries call it.
    pub(crate) media_type: &'static str,
    pub(crate) text: String,
}

/// The bill of an image in each format. `packed` is what an OCI image came to, where that is known.
pub(crate) fn documents(
    plan: &Plan,
    attrs: &Attrs,
    facts: &[Facts],
    packed: Option<&Packed>,
) -> Result<[Document; 2]> {
    let bill = Bill::new(plan, attrs, facts, packed)?;
    let closure = &attrs.closure;
    let cyclonedx = with_serial(
        closure,
        &mut cyclonedx::Document::new(&bill),
        |document, serial| document.serial_number = serial,
    )?;
    let spdx = with_serial(
        closure,
        &mut spdx::Document::new(&bill),
        |document, serial| {
            document.document_namespace = serial;
        },
    )?;
    Ok([
        Document {
            format: "cdx",
            media_type: "application/vnd.cyclonedx+json",
            text: cyclonedx,
        },
        Document {
            format: "spdx",
            media_type: "application/spdx+json",
            text: spdx,
        },
    ])
}

/// What the file of a bill is called.
pub(crate) fn file_name(stem: &str, format: &str) -> String {
    format!("{stem}.{format}.json")
}

/// Writes the bill in the place of the image.
pub(crate) fn write(sbom: &Sbom, attrs: &Attrs, output: &mut Output, log: &Log) -> Result<()> {
    // What it warns of, the build of the image tells.
    let plan = &Plan::new(attrs)?;
    let packed = sbom.layout.as_deref().map(packed).transpose()?;
    let stem = attrs.spec.image.stem();
    for Document { format, text, .. } in documents(plan, attrs, &sbom.packages, packed.as_ref())? {
        let name = file_name(&stem, format);
        output.write(&name, &text, 0o644)?;
        let paths = plan.contents.all().count() as u64;
        log.line(format!(
            "{name}: {}, {}",
            count(paths, "store path", "store paths"),
            size(text.len() as u64)
        ));
    }
    Ok(())
}

/// What a layout says of the image in it.
fn packed(layout: &Utf8Path) -> Result<Packed> {
    let context = || format!("reading the image {layout}");
    let Finished {
        manifest, layers, ..
    } = Finished::load(layout).with_context(context)?;
    Ok(Packed {
        manifest: manifest.digest,
        layers,
    })
}

/// The document with a serial number that its content gives.
fn with_serial<T: Serialize>(
    closure: &Closure,
    document: &mut T,
    set: impl FnOnce(&mut T, String),
) -> Result<String> {
    let text = serde_json::to_string(document).context("writing a JSON document")?;
    set(document, serial::urn(&text));
    json(closure, document)
}
