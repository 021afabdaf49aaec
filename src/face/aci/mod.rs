//! The ACI face: one archive, and figures.

mod figures;

use anyhow::{Context, Result};
use sha2::Sha512;

use crate::face::aci::figures::Report;
use crate::host::interrupt::Interrupt;
use crate::host::log::{Log, count, size};
use crate::host::output::Output;
use crate::host::threads;
use crate::input::attrs::Attrs;
use crate::pack::archive::Archive;
use crate::pack::compress::Compressor;
use crate::pack::packer::Packer;
use crate::pack::reread::{self, Content};
use crate::plan::Plan;

/// Writes `NAME-VERSION.aci` and `NAME-VERSION.json`.
pub fn write(
    plan: &Plan,
    attrs: &Attrs,
    output: &mut Output,
    log: &mut Log,
    interrupt: &Interrupt,
) -> Result<()> {
    let stem = plan.stem();
    let name = format!("{stem}.aci");
    let context = || format!("writing {name}");

    let mut packer = Packer::new(plan, attrs, log, interrupt)?;
    let (unnamed, file) = output.begin()?;
    let compressor = Compressor::<_, Sha512>::new(plan.compression, threads::granted(), file)?;
    let mut archive = Archive::image(compressor, &plan.manifest.to_json()).with_context(context)?;
    packer.root(&mut archive)?;
    let entries = archive.entries();
    let (file, summary) = archive
        .finish()
        .and_then(Compressor::finish)
        .with_context(context)?;
    if attrs.spec.self_check {
        log.stage("checking");
        let (file, image) = (unnamed.path(), Content::Image);
        reread::compare(file, plan, image, summary.uncompressed, interrupt)
            .with_context(|| format!("reading {name} again"))?;
        log.line(format!("{name}: read again and found as planned"));
    }
    output.name(unnamed, file, &name, 0o644)?;

    let report = Report::new(plan, &summary, entries);
    log.line(format!(
        "{name}: {}, {} from {}, {}",
        count(entries, "entry", "entries"),
        size(summary.compressed),
        size(summary.uncompressed),
        report.image_id(),
    ));
    output.write(&format!("{stem}.json"), &report.to_json()?, 0o644)
}
