//! Fitness: what only the finished tree can tell, that is whether the image has what its manifest names.

use anyhow::Result;

use crate::host::problem::Problems;
use crate::image::path::is_within;
use crate::input::spec::Spec;
use crate::tree::Tree;
use crate::tree::accounts::Accounts;
use crate::tree::interpreter::Needs;
use crate::tree::lookup::{Image, Target};

/// Notes what the image of `tree` lacks for the program to start as `spec` says.
pub fn check(tree: &Tree, spec: &Spec, problems: &mut Problems) -> Result<()> {
    let image = Image::new(tree);
    check_programs(image, spec, problems)?;
    if let Some(directory) = &spec.working_directory
        && directory.starts_with('/')
        && image.follow(directory)? != Target::Directory
    {
        problems.add(
            "workingDirectory",
            format!("{directory} is not a directory of the image; make it with files.{directory:?}.directory = true"),
        );
    }
    check_accounts(tree, spec, problems)?;
    for (at, path) in spec.path_whitelist.iter().enumerate() {
        if spec.dependencies.is_empty()
            && path.starts_with('/')
            && matches!(image.follow(path)?, Target::Missing(_) | Target::Loop)
        {
            let hint = image.did_you_mean(path);
            problems.add(
                format!("pathWhitelist[{at}]"),
                format!("{path} is not in the image{hint}"),
            );
        }
    }
    Ok(())
}

/// The program and the event handlers can be executed.
fn check_programs(image: Image<'_>, spec: &Spec, problems: &mut Problems) -> Result<()> {
    let programs = spec
        .exec
        .first()
        .map(|program| ("exec".to_owned(), program));
    let handlers = spec.event_handlers.iter().filter_map(|(name, arguments)| {
        arguments
            .first()
            .map(|program| (format!("eventHandlers.{name}"), program))
    });
    for (argument, program) in programs.into_iter().chain(handlers) {
        if !program.starts_with('/') {
            let rule = "is not absolute, so each runtime would search it elsewhere";
            problems.add(
                argument,
                format!("{program:?} {rule}; write \"/bin/{program}\""),
            );
        } else if let Some(why) = image.why_not_executable(program)? {
            problems.add(argument, why);
        } else if let Some(why) = why_not_started(image, program, spec)? {
            problems.add(argument, why);
        } else if let Some(left_out) = image.way(program)?.find(|path| is_left_out(path, spec)) {
            let leads = if left_out == *program {
                String::new()
            } else {
                format!("{program} leads to ")
            };
            problems.add(
                argument,
                format!(
                    "{leads}{left_out}, which pathWhitelist does not name, and runtimes leave out such files; add it \
                     there, with all that it needs, or give no pathWhitelist"
                ),
            );
        }
    }
    Ok(())
}

fn is_left_out(path: &str, spec: &Spec) -> bool {
    !spec.path_whitelist.is_empty() && !spec.path_whitelist.iter().any(|named| named == path)
}

/// Why a file that may be executed cannot be started, with the mend: what it needs for that is not in the image.
fn why_not_started(image: Image<'_>, program: &str, spec: &Spec) -> Result<Option<String>> {
    let (needed, what, mend) = match image.needs(program)? {
        Some(Needs::Script(interpreter)) => (
            interpreter,
            "is a script for",
            "add the package that brings it, or name it by its store path, as in #!${pkgs.bash}/bin/sh",
        ),
        Some(Needs::Linker(linker)) => (
            linker,
            "was linked for",
            "take a program that Nix has built, or give it the linker of a package with patchelf",
        ),
        Some(Needs::Nothing) => return Ok(None),
        None => {
            return Ok(Some(format!(
                "{program} is a text that is no script; begin it with a line such as #!/bin/sh"
            )));
        }
    };
    // What is not here may come when it runs.
    let mut mounts = spec.mounts.values().chain(spec.mounts_ro.values());
    if mounts.any(|mount| is_within(&needed, mount)) || !spec.dependencies.is_empty() {
        return Ok(None);
    }
    let fault = match image.follow(&needed)? {
        _ if !needed.starts_with('/') => "which is no absolute path",
        Target::File { executable: true } => return Ok(None),
        Target::File { executable: false } => "which may not be executed",
        Target::Directory => "which is a directory",
        Target::Missing(_) | Target::Loop => "which is not in the image",
    };
    Ok(Some(format!(
        "{program} {what} {needed:?}, {fault}; {mend}"
    )))
}

/// User and group exist.
fn check_accounts(tree: &Tree, spec: &Spec, problems: &mut Problems) -> Result<()> {
    let image = Image::new(tree);
    for (argument, account, accounts) in [
        ("user", &spec.user, Accounts::Passwd),
        ("group", &spec.group, Accounts::Group),
    ] {
        if account.starts_with('/') {
            if let Some(why) = image.why_without_owner(account)? {
                problems.add(argument, why);
            }
        } else if !account.bytes().all(|byte| byte.is_ascii_digit()) && account != "root" {
            problems.check(argument, accounts.number_in(tree, account));
        }
    }
    Ok(())
}
