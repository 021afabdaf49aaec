//! Writes container images from Nix closures.
//!
//! Nix starts the program as the `builder` of a derivation with structured attributes. What comes in is one JSON
//! file: the [spec](spec::Spec) that `mkACI` wrote and the [closure](closure::Closure) that Nix exported. What goes
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
pub mod tree;

use anyhow::{Context, Result};

use crate::face::postprocess::Script;
use crate::face::{aci, oci, postprocess, thin};
use crate::host::interrupt::Interrupt;
use crate::host::log::Log;
use crate::host::output::Output;
use crate::input::attrs::Attrs;
use crate::input::spec::Face;
use crate::pack::packer;
use crate::plan::Plan;

/// Builds the image that Nix asks for: parse, plan, write.
pub fn build() -> Result<()> {
    let attrs = Attrs::load()?;
    plan_and_write(&attrs).with_context(|| format!("image {:?}", attrs.spec.name))
}

fn plan_and_write(attrs: &Attrs) -> Result<()> {
    let mut log = Log::new(&attrs.spec.name);
    log.stage("planning");
    let plan = Plan::new(attrs)?;
    for warning in &plan.warnings {
        log.warning(warning);
    }
    let write = match attrs.spec.face {
        Face::Aci => aci::write,
        Face::Oci => oci::layout::write,
        Face::Manifest => return write_manifest(&plan, attrs),
    };
    log.line(plan.summary(attrs));
    for line in plan.heaviest(attrs) {
        log.line(format!("largest: {line}"));
    }

    log.stage(packer::PACKING);
    let interrupt = Interrupt::listen()?;
    let mut output = Output::create(&attrs.out)?;
    write(&plan, attrs, &mut output, &mut log, &interrupt)?;
    thin::write(&plan, attrs, &mut output)?;
    let script = postprocess::script(&Script {
        face: attrs.spec.face,
        stem: &plan.stem(),
        reference: &oci::mapping::reference(&plan.manifest, attrs.spec.kind),
        store_dir: attrs.closure.store_dir().as_str().into(),
        sign: attrs.spec.sign,
        volumes: &postprocess::volumes(
            &plan.manifest,
            &plan.tree,
            attrs.closure.store_dir().as_str(),
        ),
    });
    output.write("postprocess.sh", &script, 0o755)?;
    interrupt.check()?;
    output.commit()
}

/// Writes `manifest`: the image manifest, byte for byte as the ACI has it. Nothing is packed.
fn write_manifest(plan: &Plan, attrs: &Attrs) -> Result<()> {
    let mut output = Output::create(&attrs.out)?;
    output.write("manifest", &plan.manifest.to_json(), 0o644)?;
    output.commit()
}
