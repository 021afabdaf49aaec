//! The ACI face: one archive, and figures.

mod figures;
mod limits;
pub(crate) mod manifest;

use anyhow::{Context, Result};
use sha2::Sha512;

use crate::face::aci::figures::Figures;
use crate::face::thin;
use crate::host::interrupt::Interrupt;
use crate::host::log::{Log, count, size};
use crate::host::output::Output;
use crate::input::attrs::Attrs;
use crate::input::spec::Spec;
use crate::pack::packer::{Named, Packed, Packer, Part};
use crate::plan::Plan;

/// The image manifest of `plan`. Lines for the build log about what rkt makes of it go to `log`.
///
/// # Errors
/// What an App Container Image cannot be.
pub(crate) fn manifest(plan: &Plan, attrs: &Attrs, log: &mut Log) -> Result<String> {
    let image = &attrs.spec.image;
    limits::check(image)?;
    for warning in limits::warnings(image) {
        log.warning(warning);
    }
    let store = thin::mount_points(&plan.contents.mounted)?;
    Ok(manifest::json(image, &store))
}

/// Writes `manifest`: the image manifest alone, byte for byte as the image has it.
pub(crate) fn write_manifest(
    plan: &Plan,
    attrs: &Attrs,
    output: &mut Output,
    log: &mut Log,
    _: &Interrupt,
) -> Result<()> {
    output.write("manifest", &manifest(plan, attrs, log)?, 0o644)
}

/// Writes `NAME-VERSION.aci` and `NAME-VERSION.json`.
pub(crate) fn write(
    plan: &Plan,
    attrs: &Attrs,
    output: &mut Output,
    log: &mut Log,
    interrupt: &Interrupt,
) -> Result<()> {
    let Spec { image, form, .. } = &attrs.spec;
    let stem = image.stem();
    let name = format!("{stem}.aci");

    let manifest = manifest(plan, attrs, log)?;
    let Packed {
        summary, entries, ..
    } = Packer::new(plan, attrs, log, interrupt)?
        .pack::<Sha512>(Part::Image(&manifest), output, &Named::As(&name))
        .with_context(|| format!("writing {name}"))?;
    if form.self_check {
        log.line(format!("{name}: read again and found as planned"));
    }
    let figures = Figures::new(image, plan, &summary, entries);
    log.line(format!(
        "{name}: {}, {} from {}, {}",
        count(entries, "entry", "entries"),
        size(summary.compressed),
        size(summary.uncompressed),
        figures.image_id(),
    ));
    output.write(&format!("{stem}.json"), &figures.to_json()?, 0o644)
}
