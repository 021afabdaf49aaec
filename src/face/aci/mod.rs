//! The ACI face: one archive, and figures.

mod figures;
mod limits;
mod manifest;

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use sha2::Sha512;

use crate::face::aci::figures::Figures;
use crate::face::thin;
use crate::host::interrupt::Interrupt;
use crate::host::log::{Log, count, size};
use crate::host::output::Output;
use crate::image::Image;
use crate::input::attrs::Attrs;
use crate::input::spec::Spec;
use crate::input::store_path::StorePath;
use crate::pack::packer::{Named, Packed, Packer};
use crate::pack::part::Part;
use crate::plan::Plan;
use crate::tree::findings::Finding;

pub use limits::warnings;

/// The image manifest of `image`, with a mount point for each of the `mounted` store paths, and with the paths that are
/// `visible`, where not all of them are.
///
/// # Errors
/// What an App Container Image cannot be.
pub fn manifest(
    image: &Image,
    mounted: &BTreeSet<StorePath>,
    visible: &BTreeSet<String>,
) -> Result<String> {
    limits::check(image)?;
    Ok(manifest::json(
        image,
        &thin::mount_points(mounted)?,
        visible,
    ))
}

/// Tells what may not be meant so, and makes the image manifest.
pub(crate) fn tell_and_make_manifest(plan: &Plan, attrs: &Attrs, log: &Log) -> Result<String> {
    let mut image = attrs.spec.image.clone();
    for warning in warnings(&image, &plan.tree) {
        log.warning(warning);
    }
    for dependency in &mut image.dependencies {
        figures::complete(dependency, &attrs.below)?;
    }
    manifest(&image, &plan.contents.mounted, &plan.visible)
}

/// Writes `manifest`: the image manifest alone, byte for byte as the image has it.
pub(crate) fn write_manifest(
    plan: &Plan,
    attrs: &Attrs,
    output: &mut Output,
    log: &mut Log,
    _: &Interrupt,
) -> Result<Vec<Finding>> {
    let manifest = tell_and_make_manifest(plan, attrs, log)?;
    output.write("manifest", &manifest, 0o644)?;
    Ok(Vec::new())
}

/// Writes `NAME-VERSION.aci` and `NAME-VERSION.json`.
pub(crate) fn write(
    plan: &Plan,
    attrs: &Attrs,
    output: &mut Output,
    log: &mut Log,
    interrupt: &Interrupt,
) -> Result<Vec<Finding>> {
    let Spec { image, form, .. } = &attrs.spec;
    let stem = image.stem();
    let name = format!("{stem}.aci");

    let manifest = tell_and_make_manifest(plan, attrs, log)?;
    let packer = Packer::new(plan, attrs, log, interrupt)?;
    let Packed {
        summary, entries, ..
    } = packer
        .pack::<Sha512>(Part::Image(&manifest), output, &Named::As(&name))
        .with_context(|| format!("writing {name}"))?;
    let found = packer.take_found();
    plan.check_size(attrs, summary.compressed)?;
    if form.self_check {
        log.line(format!("{name}: read again and found as planned"));
    }
    let figures = Figures::new(attrs, plan, &summary, entries);
    log.line(format!(
        "{name}: {}, {} from {}, {}",
        count(entries, "entry", "entries"),
        size(summary.compressed),
        size(summary.uncompressed),
        figures.image_id(),
    ));
    output.write(
        &format!("{stem}.json"),
        &figures.to_json(&attrs.closure)?,
        0o644,
    )?;
    Ok(found)
}
