//! Fitness: what only the finished tree can tell, that is whether the image has what its manifest names.

use anyhow::{Context, Result};

use crate::nearest;
use crate::problem::Problems;
use crate::resolve::{Image, Target};
use crate::spec::Spec;
use crate::tree::{Node, Source, Tree};

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
            && matches!(image.follow(path)?, Target::Missing(_))
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
        }
    }
    Ok(())
}

/// User and group exist.
fn check_accounts(tree: &Tree, spec: &Spec, problems: &mut Problems) -> Result<()> {
    let image = Image::new(tree);
    for (argument, account, file) in [
        ("user", &spec.user, "/etc/passwd"),
        ("group", &spec.group, "/etc/group"),
    ] {
        if account.starts_with('/') {
            if matches!(image.follow(account)?, Target::Missing(_) | Target::Loop) {
                problems.add(
                    argument,
                    format!("{account} is not in the image, so it has no owner"),
                );
            }
        } else if !account.bytes().all(|byte| byte.is_ascii_digit()) && account != "root" {
            let text = account_file(tree, file)?;
            let mut names = text.lines().filter_map(|line| line.split(':').next());
            if !names.clone().any(|name| name == account) {
                let hint = match nearest::nearest(account, &mut names) {
                    Some(found) => format!("did you mean {found:?}?"),
                    None => "add it there, or give a number".to_owned(),
                };
                problems.add(
                    argument,
                    format!("{account:?} is not in the image's {file}; {hint}"),
                );
            }
        }
    }
    Ok(())
}

/// The text of an account file of the image; nothing when there is none.
pub(crate) fn account_file(tree: &Tree, file: &str) -> Result<String> {
    Ok(match tree.get(file).map(|entry| &entry.node) {
        Some(Node::File(Source::Text(text))) => text.clone(),
        Some(Node::File(Source::Store { path, .. })) => {
            let bytes = std::fs::read(path).with_context(|| format!("reading {path}"))?;
            String::from_utf8_lossy(&bytes).into_owned()
        }
        _ => String::new(),
    })
}
