//! `load`: the image goes into an engine of this machine.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::process::Stdio;

use anyhow::{Context, Result};

use crate::verbs::Call;
use crate::verbs::maker::Maker;
use crate::verbs::save;
use crate::verbs::tools::{self, Tool};

pub(super) const HELP: &str = "\
usage: load [podman|docker|containerd] [-- ARGUMENT…]

Makes the image and loads it into an engine: the one that is named, or the first of the three that is there. The
arguments behind -- go before the engine's own command, such as --root DIRECTORY for podman, --host SOCKET for docker,
--namespace NAME for containerd, whose tool is ctr.";

/// An engine.
#[derive(Debug, PartialEq, Eq)]
struct Engine {
    name: &'static str,
    tool: Tool,
    /// The command that reads an archive from standard input.
    load: &'static [&'static str],
}

const ENGINES: [Engine; 3] = [
    Engine {
        name: "podman",
        tool: Tool {
            program: "podman",
            package: "podman",
        },
        load: &["load"],
    },
    Engine {
        name: "docker",
        tool: Tool {
            program: "docker",
            package: "docker.io",
        },
        load: &["load"],
    },
    Engine {
        name: "containerd",
        tool: Tool {
            program: "ctr",
            package: "containerd",
        },
        load: &["images", "import", "-"],
    },
];

pub(super) fn load(call: &Call) -> Result<()> {
    let maker = Maker::open(call.recipe.as_str().into(), None)?;
    maker.must_be_oci("load")?;
    let engine = choose(call.words.first().map(String::as_str))?;
    // Asked for before the image is made.
    let mut command = engine.tool.command(&call.passed)?;
    let what = format!("{} {}", engine.tool.program, engine.load.join(" "));
    // What cannot be made troubles no engine. It stays in the cache until it is given.
    let _made = maker.make()?;
    let mut child = tools::start(command.args(engine.load).stdin(Stdio::piped()))?;
    let given = match child.stdin.take() {
        Some(stdin) => save::archive(&maker, &mut File::from(OwnedFd::from(stdin)), &what),
        None => Ok(()),
    };
    let taken = tools::wait(&what, child, maker.interrupt());
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

/// The engine of this name, or the first one that is there.
fn choose(name: Option<&str>) -> Result<&'static Engine> {
    const ALL: &[Engine] = &ENGINES;
    let Some(name) = name else {
        let found = ALL.iter().find(|engine| engine.tool.find().is_some());
        return found.context(
            "neither podman nor docker nor ctr, the tool of containerd, is on PATH: apt-get install podman",
        );
    };
    let found = ALL.iter().find(|engine| engine.name == name);
    found.with_context(|| format!("{name:?} is none of podman, docker and containerd"))
}
