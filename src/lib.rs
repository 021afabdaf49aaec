//! Writes container images from Nix closures.
//!
//! Nix starts the program as the `builder` of a derivation with structured attributes. What comes in is one JSON
//! file: the [spec](input::spec::Spec) that `mkACI` wrote and the [closure](input::closure::Closure) that Nix
//! exported. What goes
//! out is a directory: an App Container Image with its figures, or the layout of an OCI image; `postprocess.sh`; and
//! for a thin image what the host's runtimes need to mount its store paths.
//!
//! Promises: the same input gives the same bytes; each store path that goes in is what Nix recorded; nothing comes
//! from outside the closure; the image is complete or not there at all.

pub mod face;
pub mod host;
pub mod image;
pub mod input;
pub mod pack;
pub mod plan;
mod rules;
pub mod tree;
pub mod verbs;

use anyhow::{Context, Result};

use crate::face::{aci, oci, postprocess, thin};
use crate::host::interrupt::Interrupt;
use crate::host::log::Log;
use crate::host::output::Output;
use crate::input::about::About;
use crate::input::attrs::Attrs;
use crate::input::form::{Face, Form};
use crate::pack::part;
use crate::plan::Plan;
use crate::tree::findings::Finding;

/// Builds what Nix asks for: parse, plan, write.
pub fn build() -> Result<()> {
    let attrs = Attrs::load()?;
    make(&attrs, || {
        Output::create(&attrs.out, attrs.packed.as_deref())
    })
}

/// Makes what `attrs` asks for: plan, write.
pub(crate) fn make(attrs: &Attrs, output: impl FnOnce() -> Result<Output>) -> Result<()> {
    plan_and_write(attrs, output)
        .with_context(|| format!("image {:?}", attrs.spec.image.name.as_str()))
}

fn plan_and_write(attrs: &Attrs, output: impl FnOnce() -> Result<Output>) -> Result<()> {
    let mut log = Log::new(attrs.spec.image.name.as_str());
    match (&attrs.about, writer(&attrs.spec.form)) {
        (Some(about), _) => whole(output, |output, interrupt| {
            tell(about, attrs, output, &log, interrupt)
        }),
        (None, Some(write)) => write_image(write, attrs, output, &mut log),
        (None, None) => whole(output, |output, interrupt| {
            write_parts(attrs, output, &mut log, interrupt)
        }),
    }
}

/// How a face is written. What comes back was found in what had to be read for it.
type Write = fn(&Plan, &Attrs, &mut Output, &mut Log, &Interrupt) -> Result<Vec<Finding>>;

/// How an image of this form is written; nothing for what is no image.
fn writer(form: &Form) -> Option<Write> {
    match form.face {
        Face::Aci | Face::Oci if form.recipe => Some(face::recipe::write),
        Face::Aci => Some(aci::write),
        Face::Oci => Some(oci::layout::write),
        Face::Manifest => Some(aci::write_manifest),
        Face::Layers | Face::Foreign | Face::Index => None,
    }
}

fn write_image(
    write: Write,
    attrs: &Attrs,
    output: impl FnOnce() -> Result<Output>,
    log: &mut Log,
) -> Result<()> {
    let Form { face, recipe, .. } = attrs.spec.form;
    log.stage("planning");
    let plan = Plan::new(attrs)?;
    for warning in &plan.warnings {
        log.warning(warning);
    }
    if face != Face::Manifest {
        log.line(plan.summary(attrs));
        for line in plan.heaviest(attrs) {
            log.line(format!("largest: {line}"));
        }
        log.stage(part::PACKING);
    }
    whole(output, |output, interrupt| {
        let found = write(&plan, attrs, output, log, interrupt)?;
        for concern in plan.concerns(attrs, found)? {
            log.warning(concern);
        }
        if face == Face::Manifest || recipe {
            return Ok(());
        }
        thin::write(&plan, attrs, output)?;
        output.write("postprocess.sh", &postprocess::of(&plan, attrs), 0o755)
    })
}

/// Writes what is told about an image instead of the image.
fn tell(
    about: &About,
    attrs: &Attrs,
    output: &mut Output,
    log: &Log,
    interrupt: &Interrupt,
) -> Result<()> {
    match about {
        About::Diff(diff) => face::diff::write(attrs, diff, output, log),
        About::Report(report) => face::report::write(attrs, report, output, log, interrupt),
        About::Sbom(sbom) => face::sbom::write(sbom, attrs, output, log),
    }
}

/// Writes what images are made of or stand in: layers of packages, those of an image that another tool has made, one name
/// for images of several platforms.
fn write_parts(
    attrs: &Attrs,
    output: &mut Output,
    log: &mut Log,
    interrupt: &Interrupt,
) -> Result<()> {
    match attrs.spec.form.face {
        Face::Index => {
            oci::index::write(attrs, output, log)?;
            output.write("postprocess.sh", &postprocess::of_index(attrs), 0o755)
        }
        Face::Foreign => oci::foreign::write(attrs, output, log, interrupt),
        _ => {
            log.stage(part::PACKING);
            oci::shared::write(attrs, output, log, interrupt)
        }
    }
}

/// Has an output written, which is there when all of it is.
fn whole(
    output: impl FnOnce() -> Result<Output>,
    write: impl FnOnce(&mut Output, &Interrupt) -> Result<()>,
) -> Result<()> {
    let interrupt = Interrupt::listen()?;
    let mut output = output()?;
    write(&mut output, &interrupt)?;
    interrupt.check()?;
    output.commit()
}
