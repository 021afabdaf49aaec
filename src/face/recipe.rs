//! The recipe face: what an image is made from, and the scripts that make it where it is wanted.
//!
//! Nothing of the closure is read for it, beyond what planning reads. Store paths are verified when the image is made.
//! The store paths are named in the output, so that Nix keeps them as long as the recipe, and brings them with it.

use std::env;

use anyhow::{Context, Result, bail};
use camino::Utf8Path;

use crate::face::word;
use crate::face::{aci, oci};
use crate::host::interrupt::Interrupt;
use crate::host::log::{Log, count, size};
use crate::host::output::Output;
use crate::input::attrs::Attrs;
use crate::input::spec::Face;
use crate::plan::Plan;
use crate::tree::findings::Finding;

/// What the recipe is called in the output.
const NAME: &str = "recipe.json";

/// What can be done with a recipe: verbs of the program, and scripts of the output.
pub(crate) const VERBS: [&str; 4] = ["save", "load", "push", "cache"];

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
        Face::Manifest | Face::Layers | Face::Foreign => bail!("there is no recipe of this form"),
    }
    let recipe = attrs.recipe.as_ref().context("the form is no recipe")?;
    let text = recipe.to_json()?;
    output.write(NAME, &text, 0o644)?;
    let program = env::current_exe().context("asking where this program is")?;
    let program = Utf8Path::from_path(&program).context("this program is at no UTF-8 path")?;
    for verb in VERBS {
        let script = script(program, verb, &attrs.out.join(NAME));
        output.write(verb, &script, 0o755)?;
    }
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

/// The script that has `program` do what `verb` says.
fn script(program: &Utf8Path, verb: &str, recipe: &Utf8Path) -> String {
    let (program, recipe) = (word(program.as_str()), word(recipe.as_str()));
    format!("#!/bin/sh\nexec {program} {verb} {recipe} \"$@\"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_one_command() {
        assert_eq!(
            script("/a b/nix2aci".into(), "save", "/store/r/recipe.json".into()),
            "#!/bin/sh\nexec '/a b/nix2aci' save /store/r/recipe.json \"$@\"\n"
        );
    }
}
