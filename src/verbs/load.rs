//! `load`: the image goes into an engine of this machine.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};

use crate::host::log::tell;
use crate::verbs::Call;
use crate::verbs::maker::Maker;
use crate::verbs::save;
use crate::verbs::tools::{self, Tool};

pub(super) const HELP: &str = "\
usage: load [podman|docker|containerd] [-- ARGUMENT…]

Makes the image and loads it into an engine: the one that is named, or the first of the three that is there. podman
takes only the layers that it has not yet. The arguments behind -- go before the engine's own command, such as
--root DIRECTORY for podman, --host SOCKET for docker, --namespace NAME for containerd (its tool is ctr).";

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
        // It takes a directory instead.
        load: &[],
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
    let name = maker.attrs().spec.form.reference.in_full();
    if engine.load.is_empty() {
        let made = maker.make_and_verify()?;
        command
            .args(["pull", "--quiet"])
            .arg(format!("oci:{}", made.directory()))
            .stdout(Stdio::piped());
        let mut child = tools::start(&mut command)?;
        let mut said = String::new();
        if let Some(mut stdout) = child.stdout.take() {
            std::io::Read::read_to_string(&mut stdout, &mut said)
                .context("listening to podman pull")?;
        }
        tools::wait("podman pull", child, maker.interrupt())?;
        let id = said.lines().last().unwrap_or_default();
        ensure!(!id.is_empty(), "podman pull says no image");
        // Of a layout podman takes the content, and not the name.
        let mut command = engine.tool.command(&call.passed)?;
        let child = tools::start(command.args(["tag", id, &name]))?;
        tools::wait("podman tag", child, maker.interrupt())?;
        tell(format_args!("Loaded image: {name}"));
        return Ok(());
    }
    let what = format!("{} {}", engine.tool.program, engine.load.join(" "));
    let mut child = tools::start(command.args(engine.load).stdin(Stdio::piped()))?;
    let given = match child.stdin.take() {
        Some(stdin) => save::archive(&maker, &mut File::from(OwnedFd::from(stdin)), &what),
        None => Ok(()),
    };
    // Why a tool did not take it, the tool has said; why nothing could be given, is told here.
    tools::wait(&what, child, maker.interrupt())?;
    given
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
