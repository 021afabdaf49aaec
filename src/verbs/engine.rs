//! Engines: what runs containers on this machine, and what each is told.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::host::interrupt::Interrupt;
use crate::verbs::tools::{self, Tool};

/// An engine.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Engine {
    /// What users call it.
    pub(super) name: &'static str,
    /// What it is commanded by.
    pub(super) tool: Tool,
    /// The command that reads an archive of an image from standard input.
    pub(super) load: &'static [&'static str],
}

pub(super) const PODMAN: Engine = Engine {
    name: "podman",
    tool: Tool {
        program: "podman",
        packages: ["podman", "podman"],
    },
    load: &["load", "--quiet"],
};

pub(super) const DOCKER: Engine = Engine {
    name: "docker",
    tool: Tool {
        program: "docker",
        packages: ["docker.io", "docker"],
    },
    load: &["load", "--quiet"],
};

pub(super) const CONTAINERD: Engine = Engine {
    name: "containerd",
    tool: Tool {
        program: "ctr",
        packages: ["containerd", "containerd"],
    },
    load: &["images", "import", "-"],
};

/// Those that are looked for, in this order.
pub(super) const ALL: [&Engine; 3] = [&PODMAN, &DOCKER, &CONTAINERD];

impl Engine {
    /// The one of this name among `known`, or the first one that is there.
    pub(super) fn choose(
        name: Option<&str>,
        known: &'static [&'static Self],
    ) -> Result<&'static Self> {
        let Some(name) = name else {
            let found = known.iter().find(|engine| engine.tool.find().is_some());
            return found.copied().with_context(|| {
                let tools: Vec<&str> = known.iter().map(|engine| engine.tool.program).collect();
                format!(
                    "none of {} is on PATH: apt-get install podman",
                    tools.join(", ")
                )
            });
        };
        let found = known.iter().find(|engine| engine.name == name);
        found.copied().with_context(|| {
            let names: Vec<&str> = known.iter().map(|engine| engine.name).collect();
            format!("{name:?} is none of {}", names.join(", "))
        })
    }
}

/// An engine with what is passed on to its tool, before any command.
pub(super) struct Reached<'a> {
    /// Which one it is.
    pub(super) engine: &'static Engine,
    /// Arguments such as `--host SOCKET`.
    pub(super) passed: &'a [String],
    /// What asks this program to end.
    pub(super) interrupt: &'a Interrupt,
}

impl Reached<'_> {
    /// The tool with these arguments.
    pub(super) fn command(&self, arguments: &[&str]) -> Result<Command> {
        let mut command = self.engine.tool.command(self.passed)?;
        command.args(arguments);
        Ok(command)
    }

    /// What the tool says to these arguments; nothing when it fails.
    pub(super) fn ask(&self, arguments: &[&str]) -> Option<String> {
        let mut command = self.command(arguments).ok()?;
        let said = tools::ask(&mut command, "", self.interrupt).ok()?;
        (said.code == Some(0)).then(|| said.output.trim().to_owned())
    }

    /// What the tool is called for messages, with its command.
    pub(super) fn what(&self, arguments: &[&str]) -> String {
        let words = arguments.iter().filter(|word| !word.starts_with('-'));
        let words: Vec<&str> = [self.engine.tool.program]
            .into_iter()
            .chain(words.copied())
            .collect();
        words.join(" ")
    }
}

/// Whether podman takes `path` as the place of a layout: it makes a name of an image of it.
pub(super) fn names_an_image(path: &Path) -> bool {
    let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
    let parts = OsString::from(path).into_encoded_bytes();
    let mut parts = parts.split(|byte| *byte == b'/').skip(1);
    parts.all(|part| {
        let ends = [part.first(), part.last()];
        let ends_well = ends.into_iter().all(|end| end.is_some_and(|c| plain(*c)));
        ends_well
            && part.iter().all(|c| plain(*c) || b"._-".contains(c))
            && !part.windows(2).any(|two| two.iter().all(|c| !plain(*c)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_is_found_by_its_name() {
        const KNOWN: &[&Engine] = &ALL;
        let found = Engine::choose(Some("containerd"), KNOWN).unwrap();
        assert_eq!(found.tool.program, "ctr");
        let error = Engine::choose(Some("rkt"), KNOWN).unwrap_err();
        assert_eq!(
            error.to_string(),
            "\"rkt\" is none of podman, docker, containerd"
        );
    }

    #[test]
    fn podman_makes_a_name_of_a_path() {
        for (path, is_name) in [
            ("/nix/store/0a1b-redis-oci", true),
            ("/home/me/image.oci", true),
            ("/home/Me/image.oci", false),
            ("/home/me/.cache/image", false),
            ("/home/me/a..b", false),
            ("/home/me/b-", false),
        ] {
            assert_eq!(names_an_image(Path::new(path)), is_name, "{path}");
        }
    }
}
