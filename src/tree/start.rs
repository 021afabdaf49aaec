//! Start: whether the program of an image can, as far as its finished tree tells.

use std::collections::BTreeSet;

use anyhow::Result;

use crate::host::problem::Problems;
use crate::image::path::is_within;
use crate::image::{Image, Owner};
use crate::input::foreign::Execution;
use crate::rules::Machine;
use crate::tree::accounts::Accounts;
use crate::tree::interpreter::Needs;
use crate::tree::lookup::{Rootfs, Target};
use crate::tree::{Node, Tree};

/// Notes what `tree` lacks for the program of `image` to start, which otherwise runs `theirs`, if it has none.
pub(crate) fn check(
    tree: &Tree,
    image: &Image,
    theirs: Option<&Execution>,
    visible: &BTreeSet<String>,
    problems: &mut Problems,
    warnings: &mut Vec<String>,
) -> Result<()> {
    let rootfs = Rootfs::new(tree);
    if image.program().is_none() {
        warnings.push(match theirs.map(Execution::words) {
            Some(words) if !words.is_empty() => {
                format!("exec: is not given, so that what fromImage runs is run: {words:?}")
            }
            _ => "exec: names no program; whoever runs the image has to (rkt run --exec=…)"
                .to_owned(),
        });
    }
    check_programs(tree, image, visible, problems, warnings)?;
    if let Some(directory) = &image.working_directory
        && rootfs.follow(directory.as_str())? != Target::Directory
        && !is_perhaps_below(
            rootfs,
            directory.as_str(),
            "workingDirectory",
            image,
            warnings,
        )?
    {
        let directory = directory.as_str();
        problems.add(
            "workingDirectory",
            format!("{directory} is not a directory of the image; make it with files.{directory:?}.directory = true"),
        );
    }
    check_accounts(tree, image, problems, warnings)?;
    for (at, path) in image.path_whitelist.iter().enumerate() {
        let path = path.as_str();
        let argument = format!("pathWhitelist[{at}]");
        if matches!(rootfs.follow(path)?, Target::Missing(_) | Target::Loop)
            && !is_perhaps_below(rootfs, path, &argument, image, warnings)?
        {
            let hint = rootfs.did_you_mean(path);
            problems.add(argument, format!("{path} is not in the image{hint}"));
        }
    }
    Ok(())
}

/// Whether nothing is at `path` of this image, and something may be in one below that comes from elsewhere; a warning says
/// so.
fn is_perhaps_below(
    rootfs: Rootfs<'_>,
    path: &str,
    argument: &str,
    image: &Image,
    warnings: &mut Vec<String>,
) -> Result<bool> {
    let is_unknown =
        image.stands_on_unknown() && matches!(rootfs.follow(path)?, Target::Missing(_));
    if is_unknown {
        warnings.push(unknown(argument, path));
    }
    Ok(is_unknown)
}

/// What is said of something that this image has not, and one below may have.
fn unknown(argument: &str, what: &str) -> String {
    format!(
        "{argument}: {what} is not in this image, and what an image from elsewhere has below it cannot be checked; an \
         image made by mkACI among the dependencies can"
    )
}

/// The program and the event handlers can be executed.
fn check_programs(
    tree: &Tree,
    image: &Image,
    visible: &BTreeSet<String>,
    problems: &mut Problems,
    warnings: &mut Vec<String>,
) -> Result<()> {
    let rootfs = Rootfs::new(tree);
    let handlers = image.event_handlers.iter().map(|(event, handler)| {
        let argument = format!("eventHandlers.{}", event.name());
        (argument, handler.command().program())
    });
    let program = image.program().into_iter();
    let program = program.map(|(argument, program)| (argument.to_owned(), Some(program)));
    let tests = image.healthcheck.iter().map(|check| {
        let argument = "healthcheck.test".to_owned();
        (argument, check.test.command().program())
    });
    for (argument, program) in program.chain(handlers).chain(tests) {
        let Some(program) = program else {
            continue;
        };
        if is_perhaps_below(rootfs, program, &argument, image, warnings)? {
            continue;
        }
        if let Some(why) = rootfs.why_not_executable(program)? {
            problems.add(argument, why);
        } else if let Some(why) = why_not_started(rootfs, program, &argument, image, warnings)? {
            problems.add(argument, why);
        } else if let Some(why) = why_not_for(rootfs, program, image)? {
            problems.add(argument, why);
        } else if let Some(left_out) = rootfs
            .way(program)?
            .find(|path| is_left_out(path, tree, visible))
        {
            problems.add(
                argument,
                format!(
                    "{left_out} is not among what pathWhitelist names, and runtimes leave out such files; add {program:?} \
                     there, which adds what it leads to"
                ),
            );
        }
    }
    Ok(())
}

/// Why the processors that the image is for do not run a program, or the interpreter that it is a script for.
fn why_not_for(rootfs: Rootfs<'_>, program: &str, image: &Image) -> Result<Option<String>> {
    let interpreter = match rootfs.needs(program)? {
        Some(Needs::Script(interpreter)) => Some(interpreter),
        _ => None,
    };
    for path in [program].into_iter().chain(interpreter.as_deref()) {
        if !matches!(rootfs.follow(path)?, Target::File { .. }) {
            continue;
        }
        let Some(machine) = rootfs.machine(path)? else {
            continue;
        };
        let platform = &image.platform;
        if platform.runs(machine) {
            continue;
        }
        let archs: Vec<&str> = platform.archs_of(machine).collect();
        let (what, mend) = if archs.is_empty() {
            let Machine(number, bits, order) = machine;
            let what = format!("machine {number}, {bits} bits, {order:?} endian");
            (what.to_lowercase(), String::new())
        } else {
            let write: Vec<String> = archs
                .iter()
                .map(|arch| format!("arch = {arch:?}"))
                .collect();
            let mend = format!("write {}, or ", write.join(" or "));
            (archs.join(" or "), mend)
        };
        return Ok(Some(format!(
            "{path} is a program for {what}, and the image is for {platform}; {mend}take the program for {}",
            platform.arch()
        )));
    }
    Ok(None)
}

/// Whether nothing is at `path` when the image is rendered. What is mounted there does not depend on that.
fn is_left_out(path: &str, tree: &Tree, visible: &BTreeSet<String>) -> bool {
    let obstacle = tree.obstacle(path).map(|(_, entry)| &entry.node);
    !visible.is_empty()
        && !visible.contains(path)
        && !matches!(obstacle, Some(Node::Mounted { .. }))
}

/// Why a file that may be executed cannot be started, with the mend: what it needs for that is not in the image.
fn why_not_started(
    rootfs: Rootfs<'_>,
    program: &str,
    argument: &str,
    image: &Image,
    warnings: &mut Vec<String>,
) -> Result<Option<String>> {
    let (needed, what, mend) = match rootfs.needs(program)? {
        Some(Needs::Script(interpreter)) => (
            interpreter,
            "is a script for",
            "add the package that brings it, or name it by its store path, as in #!${pkgs.bash}/bin/sh",
        ),
        Some(Needs::Linker(linker)) => (
            linker,
            "was linked for",
            "link it statically, take a program that Nix has built, or give it the linker of a package with patchelf",
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
    if mounts.any(|path| is_within(&needed, path))
        || is_perhaps_below(rootfs, &needed, argument, image, warnings)?
    {
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
fn check_accounts(
    tree: &Tree,
    image: &Image,
    problems: &mut Problems,
    warnings: &mut Vec<String>,
) -> Result<()> {
    let rootfs = Rootfs::new(tree);
    for (argument, owner, accounts) in [
        ("user", &image.user, Accounts::Passwd),
        ("group", &image.group, Accounts::Group),
    ] {
        match owner {
            Owner::Id(_) => {}
            Owner::Path(path) => {
                if is_perhaps_below(rootfs, path.as_str(), argument, image, warnings)? {
                    continue;
                }
                if let Some(why) = rootfs.why_without_owner(path.as_str())? {
                    problems.add(argument, why);
                }
            }
            Owner::Name(name) if name == "root" => {}
            Owner::Name(name) if image.stands_on_unknown() && !accounts.has(tree, name) => {
                warnings.push(unknown(argument, name));
            }
            Owner::Name(name) => {
                problems.check(argument, accounts.number_in(tree, name));
            }
        }
    }
    Ok(())
}
