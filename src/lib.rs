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
use crate::input::spec::{Face, Form};
use crate::pack::packer;
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
    let Form { face, recipe, .. } = attrs.spec.form;
    if matches!(face, Face::Layers | Face::Foreign) {
        return write_layers(attrs, output);
    }
    if face == Face::Index {
        return write_index(attrs, output);
    }
    let mut log = Log::new(attrs.spec.image.name.as_str());
    if let Some(about) = &attrs.about {
        return tell(about, attrs, output, &log);
    }
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
        log.stage(packer::PACKING);
    }
    let interrupt = Interrupt::listen()?;
    let mut output = output()?;
    let mut write = |write: Write| write(&plan, attrs, &mut output, &mut log, &interrupt);
    let found = match face {
        _ if recipe => write(face::recipe::write)?,
        Face::Manifest => write(aci::write_manifest)?,
        Face::Aci => write(aci::write)?,
        Face::Oci => write(oci::layout::write)?,
        Face::Layers | Face::Foreign | Face::Index => Vec::new(),
    };
    for concern in plan.concerns(attrs, found)? {
        log.warning(concern);
    }
    if face != Face::Manifest && !recipe {
        thin::write(&plan, attrs, &mut output)?;
        output.write("postprocess.sh", &postprocess::of(&plan, attrs), 0o755)?;
    }
    interrupt.check()?;
    output.commit()
}

/// Writes what is told about an image instead of the image.
fn tell(
    about: &About,
    attrs: &Attrs,
    output: impl FnOnce() -> Result<Output>,
    log: &Log,
) -> Result<()> {
    let interrupt = Interrupt::listen()?;
    let mut output = output()?;
    match about {
        About::Diff(diff) => face::diff::write(attrs, diff, &mut output, log)?,
        About::Report(report) => {
            face::report::write(attrs, report, &mut output, log, &interrupt)?;
        }
        About::Sbom(sbom) => face::sbom::write(sbom, attrs, &mut output, log)?,
    }
    interrupt.check()?;
    output.commit()
}

/// Writes layers that OCI images share: of packages, or of an image that another tool has made.
fn write_layers(attrs: &Attrs, output: impl FnOnce() -> Result<Output>) -> Result<()> {
    let mut log = Log::new(attrs.spec.image.name.as_str());
    log.stage(packer::PACKING);
    let interrupt = Interrupt::listen()?;
    let mut output = output()?;
    if attrs.spec.form.face == Face::Foreign {
        oci::foreign::write(attrs, &mut output, &log, &interrupt)?;
    } else {
        oci::shared::write(attrs, &mut output, &mut log, &interrupt)?;
    }
    interrupt.check()?;
    output.commit()
}

/// Writes one name for images of several platforms.
fn write_index(attrs: &Attrs, output: impl FnOnce() -> Result<Output>) -> Result<()> {
    let log = Log::new(attrs.spec.image.name.as_str());
    let interrupt = Interrupt::listen()?;
    let mut output = output()?;
    oci::index::write(attrs, &mut output, &log)?;
    output.write("postprocess.sh", &postprocess::of_index(attrs), 0o755)?;
    interrupt.check()?;
    output.commit()
}

/// How a face is written. What comes back was found in what had to be read for it.
type Write = fn(&Plan, &Attrs, &mut Output, &mut Log, &Interrupt) -> Result<Vec<Finding>>;
