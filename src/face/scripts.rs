//! Scripts: what can be done with an image, as executables beside it that call this program outside of any build.

use std::env;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use anyhow::{Context, Result, anyhow, bail};
use camino::{Utf8Path, Utf8PathBuf};

use crate::face::word;
use crate::host::output::Output;
use crate::rules::{RULES, has};

/// Writes a script for each of `verbs`.
pub(crate) fn write(verbs: &[String], output: &mut Output) -> Result<()> {
    let program = &this_program()?;
    for verb in verbs {
        // What the script is called by leads to what is beside it.
        output.write(verb, &script(program, verb, "\"$0\"", &[]), 0o755)?;
    }
    Ok(())
}

/// This program, where it is now.
fn this_program() -> Result<Utf8PathBuf> {
    let program = env::current_exe().context("asking where this program is")?;
    Utf8PathBuf::from_path_buf(program)
        .map_err(|path| anyhow!("this program is at {}, which is not UTF-8", path.display()))
}

/// The script that has `program` do what `verb` says with an `image`, as the shell reads that, with the programs of some
/// directories before those of `PATH`.
fn script(program: &Utf8Path, verb: &str, image: &str, directories: &[String]) -> String {
    let program = word(program.as_str());
    let path = if directories.is_empty() {
        String::new()
    } else {
        format!("PATH={}${{PATH:+:$PATH}} ", word(&directories.join(":")))
    };
    let image = if has(&RULES.verbs.alone, verb) {
        String::new()
    } else {
        format!("{image} ")
    };
    format!("#!/bin/sh\n{path}exec {program} {verb} {image}\"$@\"\n")
}

/// Writes a package of one script, `bin/VERB`, that does the verb with an image. `words` are the verb, the output of the
/// image, and directories of programs; the output is `$out`.
pub fn write_package(words: &[String]) -> Result<()> {
    let [verb, image, directories @ ..] = words else {
        bail!("script takes a verb, the output of an image, and directories of programs");
    };
    let out = env::var("out").context("out is not set: Nix starts this in a build")?;
    let directory = Utf8Path::new(&out).join("bin");
    let context = || format!("writing {directory}");
    fs::create_dir_all(&directory).with_context(context)?;
    let file = directory.join(verb);
    let script = script(&this_program()?, verb, &word(image), directories);
    fs::write(&file, script).with_context(context)?;
    fs::set_permissions(&file, Permissions::from_mode(0o755)).with_context(context)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_one_command() {
        assert_eq!(
            script("/a b/nix2aci".into(), "save", "\"$0\"", &[]),
            "#!/bin/sh\nexec '/a b/nix2aci' save \"$0\" \"$@\"\n"
        );
        assert_eq!(
            script("/nix2aci".into(), "export-key", "\"$0\"", &[]),
            "#!/bin/sh\nexec /nix2aci export-key \"$@\"\n"
        );
        assert_eq!(
            script(
                "/nix2aci".into(),
                "push",
                "/image",
                &["/a b/bin".into(), "/c/bin".into()]
            ),
            "#!/bin/sh\nPATH='/a b/bin:/c/bin'${PATH:+:$PATH} exec /nix2aci push /image \"$@\"\n"
        );
    }
}
