//! `load`: the image goes into an engine of this machine, which is given what it has not yet.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::process::Stdio;
use std::thread;

use anyhow::{Context, Result, bail};

use crate::face::oci::finished::Finished;
use crate::host::digest::Digest;
use crate::verbs::Call;
use crate::verbs::engine::{self, CONTAINERD, DOCKER, Engine, PODMAN, Reached};
use crate::verbs::made::Made;
use crate::verbs::pieces::Piece;
use crate::verbs::save::{self, is_of_layout};
use crate::verbs::subject::Subject;
use crate::verbs::tools;

pub(super) const HELP: &str = "\
usage: load [podman|docker|containerd] [-- ARGUMENT…]

Loads the image into an engine: the one that is named, or the first of the three that is there. What the engine has of
it is not given again. The arguments behind -- go before the engine's own command, such as --root DIRECTORY for podman,
--host SOCKET for docker, --namespace NAME for containerd, whose tool is ctr.";

pub(super) fn load(call: &Call) -> Result<()> {
    let subject = Subject::open(&call.place, None)?;
    subject.must_be_oci("load")?;
    let subject = subject.of_this_machine()?;
    let reached = Reached {
        engine: Engine::choose(call.words.first().map(String::as_str), &engine::ALL)?,
        passed: &call.passed,
        interrupt: subject.interrupt(),
    };
    // Asked for before the image is made.
    reached.command(&[])?;
    let made = subject.make()?;
    let name = into(&reached, &subject, &made)?;
    writeln!(io::stdout(), "Loaded image: {name}").context("writing to standard output")
}

/// Has the engine have the image, and tells what it calls it.
pub(super) fn into(reached: &Reached<'_>, subject: &Subject, made: &Made) -> Result<String> {
    let finished = Finished::load(&made.directory())?;
    let name = finished.full_name()?.to_owned();
    if has(reached, &finished, &name) {
        return Ok(name);
    }
    if *reached.engine == PODMAN && pull(reached, made, &finished, &name) {
        return Ok(name);
    }
    let there = there(reached, &finished);
    let wanted = |piece: &Piece| is_of_layout(piece) && !there.contains(&piece.digest);
    let first = give(reached, subject, wanted);
    // What an engine has it may throw away meanwhile.
    if !there.is_empty() && first.is_err() {
        give(reached, subject, is_of_layout)?;
    } else {
        first?;
    }
    Ok(name)
}

/// Whether the engine has this very image under its name.
fn has(reached: &Reached<'_>, finished: &Finished, name: &str) -> bool {
    if *reached.engine == CONTAINERD {
        let filter = format!("name=={name}");
        let said = reached.ask(&["images", "ls", &filter]);
        return said.is_some_and(|said| said.contains(&finished.manifest.digest.to_string()));
    }
    let said = reached.ask(&["image", "inspect", "--format", "{{.Id}}", name]);
    said.is_some_and(|id| id.ends_with(&finished.config.digest.hex()))
}

/// Has podman take the layout where it is, and so the layers alone that it has not. It fails for a podman that works
/// elsewhere, as on a Mac.
fn pull(reached: &Reached<'_>, made: &Made, finished: &Finished, name: &str) -> bool {
    let directory = made.directory();
    if !engine::names_an_image(directory.as_std_path()) {
        return false;
    }
    let layout = format!("oci:{directory}");
    let id = finished.config.digest.hex();
    let is_there = reached.ask(&["pull", "--quiet", &layout]).is_some()
        && reached.ask(&["tag", &id, name]).is_some();
    // The name that podman has made of the path.
    let _ = reached.ask(&["untag", &id, &format!("localhost{directory}:latest")]);
    is_there
}

/// The blobs of the image that the engine has already.
fn there(reached: &Reached<'_>, finished: &Finished) -> BTreeSet<Digest> {
    if *reached.engine == CONTAINERD {
        let said = reached
            .ask(&["content", "ls", "--quiet"])
            .unwrap_or_default();
        let known: BTreeSet<&str> = said.lines().collect();
        let layers = finished.layers.iter().map(|layer| layer.descriptor.digest);
        return layers
            .filter(|digest| known.contains(digest.to_string().as_str()))
            .collect();
    }
    if *reached.engine == DOCKER {
        return below_in_docker(reached, finished).unwrap_or_default();
    }
    BTreeSet::new()
}

/// The lowest layers of the image, as many as some image of Docker's has below its own: Docker knows a layer by all that
/// lies below it. Nothing where Docker has its images in containerd's store, which wants an archive whole.
fn below_in_docker(reached: &Reached<'_>, finished: &Finished) -> Option<BTreeSet<Digest>> {
    let store = reached.ask(&["info", "--format", "{{json .DriverStatus}}"])?;
    if store.contains("containerd") {
        return None;
    }
    let images = reached.ask(&["image", "ls", "--quiet", "--no-trunc"])?;
    let mut inspect = vec!["image", "inspect", "--format", "{{json .RootFS.Layers}}"];
    inspect.extend(images.lines());
    let said = reached.ask(&inspect)?;
    let ours: Vec<String> = finished
        .layers
        .iter()
        .map(|layer| layer.diff_id.to_string())
        .collect();
    let same = said.lines().filter_map(|line| {
        let theirs: Vec<String> = serde_json::from_str(line).ok()?;
        Some(
            ours.iter()
                .zip(&theirs)
                .take_while(|(ours, theirs)| ours == theirs)
                .count(),
        )
    });
    let lowest = finished.layers.iter().take(same.max()?);
    Some(lowest.map(|layer| layer.descriptor.digest).collect())
}

/// Gives the engine an archive of the layout, with what of it is `wanted`.
fn give(
    reached: &Reached<'_>,
    subject: &Subject,
    wanted: impl Fn(&Piece) -> bool + Send,
) -> Result<()> {
    let load = reached.engine.load;
    let what = reached.what(load);
    let mut command = reached.command(load)?;
    let mut child = tools::start(command.stdin(Stdio::piped()).stdout(Stdio::null()))?;
    let stdin = child.stdin.take();
    let give = || match stdin {
        Some(stdin) => save::archive(
            subject,
            wanted,
            &mut File::from(OwnedFd::from(stdin)),
            &what,
        ),
        None => Ok(()),
    };
    // An engine that takes nothing is not waited for when this program is asked to end.
    let (given, taken) = thread::scope(|scope| {
        let thread = scope.spawn(give);
        let taken = tools::wait(&what, child, subject.interrupt());
        let given = thread.join();
        (given.unwrap_or_else(|_| bail!("a thread has ended")), taken)
    });
    match given {
        // The tool has said why it took no more.
        Err(error) if is_broken_pipe(&error) => taken.and(Err(error)),
        given => given.and(taken),
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let cause = error.root_cause().downcast_ref::<io::Error>();
    cause.is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}
