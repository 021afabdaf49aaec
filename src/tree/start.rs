//! Start: whether the program of an image can, as far as its finished tree tells.

use anyhow::Result;

use crate::host::problem::Problems;
use crate::image::path::is_within;
use crate::image::{Image, Owner};
use crate::tree::Tree;
use crate::tree::accounts::Accounts;
use crate::tree::interpreter::Needs;
use crate::tree::lookup::{Rootfs, Target};

/// Notes what `tree` lacks for the program of `image` to start.
pub fn check(
    tree: &Tree,
    image: &Image,
    problems: &mut Problems,
    warnings: &mut Vec<String>,
) -> Result<()> {
    let rootfs = Rootfs::new(tree);
    if image.exec.is_empty() {
        warnings.push(
            "exec: names no program; whoever runs the image has to (rkt run --exec=…)".to_owned(),
        );
    }
    check_programs(rootfs, image, problems)?;
    if let Some(directory) = &image.working_directory
        && rootfs.follow(directory.as_str())? != Target::Directory
    {
        let directory = directory.as_str();
        problems.add(
            "workingDirectory",
            format!("{directory} is not a directory of the image; make it with files.{directory:?}.directory = true"),
        );
    }
    check_accounts(tree, image, problems)?;
    for (at, path) in image.path_whitelist.iter().enumerate() {
        let path = path.as_str();
        if image.dependencies.is_empty()
            && matches!(rootfs.follow(path)?, Target::Missing(_) | Target::Loop)
        {
            let hint = rootfs.did_you_mean(path);
            problems.add(
                format!("pathWhitelist[{at}]"),
                format!("{path} is not in the image{hint}"),
            );
        }
    }
    Ok(())
}

/// The program and the event handlers can be executed.
fn check_programs(rootfs: Rootfs<'_>, image: &Image, problems: &mut Problems) -> Result<()> {
    let handlers = image.event_handlers.iter().map(|(event, handler)| {
        let argument = format!("eventHandlers.{}", event.name());
        (argument, handler.command())
    });
    let commands = [("exec".to_owned(), &image.exec)]
        .into_iter()
        .chain(handlers);
    for (argument, command) in commands {
        let Some(program) = command.program() else {
            continue;
        };
        if let Some(why) = rootfs.why_not_executable(program)? {
            problems.add(argument, why);
        } else if let Some(why) = why_not_started(rootfs, program, image)? {
            problems.add(argument, why);
        } else if let Some(left_out) = rootfs.way(program)?.find(|path| is_left_out(path, image)) {
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

fn is_left_out(path: &str, image: &Image) -> bool {
    let whitelist = &image.path_whitelist;
    !whitelist.is_empty() && !whitelist.iter().any(|named| named.as_str() == path)
}

/// Why a file that may be executed cannot be started, with the mend: what it needs for that is not in the image.
fn why_not_started(rootfs: Rootfs<'_>, program: &str, image: &Image) -> Result<Option<String>> {
    let (needed, what, mend) = match rootfs.needs(program)? {
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
    let mut mounts = image.mounts.iter().map(|(_, mount)| mount.path.as_str());
    if mounts.any(|path| is_within(&needed, path)) || !image.dependencies.is_empty() {
        return Ok(None);
    }
    let fault = match rootfs.follow(&needed)? {
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
fn check_accounts(tree: &Tree, image: &Image, problems: &mut Problems) -> Result<()> {
    let rootfs = Rootfs::new(tree);
    for (argument, owner, accounts) in [
        ("user", &image.user, Accounts::Passwd),
        ("group", &image.group, Accounts::Group),
    ] {
        match owner {
            Owner::Id(_) => {}
            Owner::Path(path) => {
                if let Some(why) = rootfs.why_without_owner(path.as_str())? {
                    problems.add(argument, why);
                }
            }
            Owner::Name(name) if name == "root" => {}
            Owner::Name(name) => {
                problems.check(argument, accounts.number_in(tree, name));
            }
        }
    }
    Ok(())
}
