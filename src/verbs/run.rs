//! `run`: the image runs here, with all that it needs of the host.

use std::fs;
use std::os::unix::process::CommandExt;

use anyhow::{Context, Result, bail, ensure};
use camino::Utf8Path;

use crate::face::json;
use crate::face::oci::running::{self, ON_HOST, Running};
use crate::verbs::engine::{DOCKER, Engine, PODMAN, Reached};
use crate::verbs::made::Made;
use crate::verbs::subject::Subject;
use crate::verbs::{Call, load, options};

pub(super) const HELP: &str = "\
usage: run [podman|docker] [OPTION…] [-- ARGUMENT…]

Loads the image, unless the engine has it, and runs it with its ports, volumes, terminal and, if it is thin, the store
paths of this machine. Ports below 1024 are 8000 higher on this machine. The container is removed when it ends.

The options are those of podman run or docker run, such as -d, --name NAME, -v SOURCE:/path. A port or a volume among
them takes the place of the image's own. The arguments behind -- take the place of its args.";

pub(super) fn run(call: &Call) -> Result<()> {
    let subject = Subject::open(&call.place, None)?;
    subject.must_be_oci("run")?;
    let subject = subject.of_this_machine()?;
    let is_name = |word: &&String| [PODMAN, DOCKER].iter().any(|engine| engine.name == **word);
    let name = call.words.first().filter(is_name);
    let options = &call.words[usize::from(name.is_some())..];
    // An engine would take it for the image, and run that one.
    if let Some(word) = options.first().filter(|word| !word.starts_with('-')) {
        bail!(
            "{word:?} is no option; the image's own arguments stand behind --, as in run -- {word}"
        );
    }
    let engine = Engine::choose(name.map(String::as_str), &[&PODMAN, &DOCKER])?;
    let reached = Reached {
        engine,
        passed: &[],
        interrupt: subject.interrupt(),
    };
    let made = subject.make()?;
    let mut running: Running = json::read(&made.directory().join(running::FILE))?;
    for path in &running.given {
        ensure!(
            options::give(options, path),
            "the image reads {path} from the host: say where that is, with -v {ON_HOST}:{path}:ro"
        );
    }
    options::replace(&mut running, options);
    let reference = load::into(&reached, &subject, &made)?;
    let mut command = reached.command(&["run", "--rm"])?;
    command.args(arguments(&running, engine));
    command.args(store_paths(&made, engine)?);
    command.args(options).arg(reference).args(&call.passed);
    // Nothing is left to do here, and signals are the engine's from now on.
    drop(made);
    drop(subject);
    Err(command.exec()).with_context(|| format!("starting {}", engine.tool.program))
}

/// What the image says of itself. A terminal it gets where there is one.
fn arguments(running: &Running, engine: &Engine) -> Vec<String> {
    let mut arguments = running.arguments();
    if *engine == PODMAN {
        arguments.extend(running.podman.iter().cloned());
    }
    if !std::io::IsTerminal::is_terminal(&std::io::stdin()) {
        arguments
            .iter_mut()
            .filter(|word| *word == "-it")
            .for_each(|word| "-i".clone_into(word));
    }
    arguments
}

/// The mounts of a thin image, which stand in a list beside it, a word each.
fn store_paths(made: &Made, engine: &Engine) -> Result<Vec<String>> {
    let suffix = format!(".{}-mounts", engine.name);
    let list = made
        .pieces
        .iter()
        .find(|piece| piece.name.ends_with(&suffix));
    let Some(list) = list else {
        return Ok(Vec::new());
    };
    let path = made.path(list);
    let text = fs::read_to_string(&path).with_context(|| format!("reading {path}"))?;
    let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    if let Some(source) = words
        .iter()
        .map(|word| source(word))
        .find(|it| !it.exists())
    {
        bail!(
            "this machine lacks {source}, which the image mounts; {} tells all that is missing",
            made.directory().join("*.check-host")
        );
    }
    Ok(words)
}

/// The store path in a mount of `face/thin/arguments`: up to what ends it, which is in no name.
fn source(mount: &str) -> &Utf8Path {
    let (_, path) = mount.split_at(mount.find('/').unwrap_or(mount.len()));
    Utf8Path::new(path.split([':', ',']).next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mount_has_its_source() {
        for mount in [
            "--volume=/nix/store/0-a?b=c:/nix/store/0-a?b=c:ro",
            "--mount=type=bind,source=/nix/store/0-a?b=c,target=/nix/store/0-a?b=c,readonly",
        ] {
            assert_eq!(source(mount), "/nix/store/0-a?b=c");
        }
    }
}
