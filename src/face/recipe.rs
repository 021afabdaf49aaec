//! The recipe face: what an image is made from, and the scripts that make it where it is wanted.
//!
//! Nothing of the closure is read for it, beyond what planning reads. Store paths are verified when the image is made.
//! The store paths are named in the output, so that Nix keeps them as long as the recipe, and brings them with it.

use anyhow::{Context, Result, bail};

use crate::face::{aci, oci, scripts};
use crate::host::interrupt::Interrupt;
use crate::host::log::{Log, count, size};
use crate::host::output::Output;
use crate::input::attrs::Attrs;
use crate::input::form::Face;
use crate::plan::Plan;
use crate::rules::RULES;
use crate::tree::findings::Finding;

/// What the recipe is called in the output.
pub(crate) const NAME: &str = "recipe.json";

/// Writes the recipe and its scripts.
pub(crate) fn write(
    plan: &Plan,
    attrs: &Attrs,
    output: &mut Output,
    log: &mut Log,
    _: &Interrupt,
) -> Result<Vec<Finding>> {
    match attrs.spec.form.face {
        Face::Aci => drop(aci::tell_and_make_manifest(plan, attrs, log)?),
        Face::Oci => oci::check_and_tell(attrs, log)?,
        Face::Manifest | Face::Layers | Face::Foreign | Face::Index => {
            bail!("there is no recipe of this form")
        }
    }
    let recipe = attrs.recipe.as_ref().context("the form is no recipe")?;
    let text = recipe.to_json()?;
    output.write(NAME, &text, 0o644)?;
    scripts::write(&RULES.verbs.recipe, output)?;
    let paths = count(
        attrs.closure.iter().count() as u64,
        "store path",
        "store paths",
    );
    log.line(format!(
        "{}: a recipe of {paths}, {}",
        attrs.spec.image.stem(),
        size(text.len() as u64)
    ));
    Ok(Vec::new())
}
