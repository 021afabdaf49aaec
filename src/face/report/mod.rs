//! The report face: what is in an image, why, and how large it is, as a page, as JSON and as text.
//!
//! What the records of the closure and the plan say is told without reading a file. Where files are wanted, those of the
//! store paths are measured, and compared where their sizes are the same.

mod concerns;
mod document;
mod dominators;
mod equal;
mod facts;
mod files;
mod graph;
mod layers;
mod objects;
pub(crate) mod page;
mod text;
mod treemap;

use anyhow::Result;

use crate::face::json::json;
use crate::host::interrupt::Interrupt;
use crate::host::log::{Log, count, size};
use crate::host::output::Output;
use crate::input::about;
use crate::input::attrs::Attrs;
use crate::plan::Plan;

use document::Report;

/// Writes `report.html`, `report.json` and `report.txt`.
pub(crate) fn write(
    attrs: &Attrs,
    wanted: &about::Report,
    output: &mut Output,
    log: &Log,
    interrupt: &Interrupt,
) -> Result<()> {
    // What may not be meant so, the image's own build tells.
    let plan = Plan::new(attrs)?;
    let report = Report::new(&plan, attrs, wanted, log, interrupt)?;
    let facts = json(&attrs.closure, &report)?;
    log.line(format!(
        "report: {}, {} unpacked",
        count(report.totals.store_paths, "store path", "store paths"),
        size(report.totals.bytes)
    ));
    output.write("report.html", &page::of(&report, &facts), 0o644)?;
    output.write("report.txt", &text::of(&report), 0o644)?;
    output.write("report.json", &(facts + "\n"), 0o644)
}
