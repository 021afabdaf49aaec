//! Scripts: what can be done with an image, as executables beside it that call this program outside of any build.

use std::env;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use anyhow::{Context, Result, bail};
use camino::Utf8Path;

use crate::face::word;
use crate::host::output::Output;
use crate::rules::{RULES, has};

/// Writes a script for each of `verbs`.
pub(crate) fn write(verbs: &[String], output: &mut Output) -> Result<()> {
    let program = env::current_exe().context("asking where this program is")?;
    let program = Utf8Path::from_path(&program).context("this program is at no UTF-8 path")?;
    for verb in verbs {
        output.write(verb, &script(program, verb), 0o755)?;
    }
    Ok(())
}

/// The script that has `program` do what `verb` says with what is beside the script.
fn script(program: &Utf8Path, verb: &str) -> String {
    let program = word(program.as_str());
    let image = if has(&RULES.verbs.alone, verb) {
        ""
    } else {
        "\"$0\" "
    };
    format!("#!/bin/sh\nexec {program} {verb} {image}\"$@\"\n")
}

/// Writes a package of one script, `bin/VERB`, that calls the script of an image with programs of some packages before
/// those of `PATH`. `words` are the verb, the image's script, and directories of programs; the output is `$out`.
pub fn write_package(words: &[String]) -> Result<()> {
    let [verb, target, directories @ ..] = words else {
        bail!("script takes a verb, the script of an image, and directories of programs");
    };
    let out = env::var("out").context("out is not set: Nix starts this in a build")?;
    let directory = Utf8Path::new(&out).join("bin");
    let context = || format!("writing {directory}");
    fs::create_dir_all(&directory).with_context(context)?;
    let file = directory.join(verb);
    fs::write(&file, with_programs(target, directories)).with_context(context)?;
    fs::set_permissions(&file, Permissions::from_mode(0o755)).with_context(context)
}

fn with_programs(target: &str, directories: &[String]) -> String {
    let target = word(target);
    if directories.is_empty() {
        return format!("#!/bin/sh\nexec {target} \"$@\"\n");
    }
    let directories = word(&directories.join(":"));
    format!("#!/bin/sh\nPATH={directories}${{PATH:+:$PATH}} exec {target} \"$@\"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_one_command() {
        assert_eq!(
            script("/a b/nix2aci".into(), "save"),
            "#!/bin/sh\nexec '/a b/nix2aci' save \"$0\" \"$@\"\n"
        );
        assert_eq!(
            script("/nix2aci".into(), "export-key"),
            "#!/bin/sh\nexec /nix2aci export-key \"$@\"\n"
        );
        assert_eq!(
            with_programs("/i/push", &["/a b/bin".into(), "/c/bin".into()]),
            "#!/bin/sh\nPATH='/a b/bin:/c/bin'${PATH:+:$PATH} exec /i/push \"$@\"\n"
        );
        assert_eq!(
            with_programs("/i/push", &[]),
            "#!/bin/sh\nexec /i/push \"$@\"\n"
        );
    }
}
