//! Event handler: a program that runs before or after the image's own.

use serde::Serialize;

use super::command::Command;
use super::draft::HandlerDraft;
use super::findings::Findings;
use super::image_path::ImagePath;
use super::invalid::{Invalid, shown};
use crate::host::nearest::did_you_mean;

/// When a handler runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// Before the program; its failure keeps the program from starting.
    PreStart,
    /// After the program.
    PostStop,
}

impl std::str::FromStr for Event {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "pre-start" => Ok(Self::PreStart),
            "post-stop" => Ok(Self::PostStop),
            _ => Err(Invalid::new(format!(
                "{} is no event; handlers are for \"pre-start\" and \"post-stop\"{}",
                shown(text),
                did_you_mean(text, ["pre-start", "post-stop"])
            ))),
        }
    }
}

/// An event and an argument list that begins with an absolute path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EventHandler {
    name: Event,
    exec: Command,
}

impl EventHandler {
    /// The argument list, never empty.
    #[must_use]
    pub fn exec(&self) -> &[String] {
        self.exec.arguments()
    }

    pub(super) fn check(drafts: Vec<HandlerDraft>, findings: &mut Findings<'_>) -> Vec<Self> {
        let mut handlers: Vec<Self> = Vec::new();
        for HandlerDraft { name, exec } in drafts {
            let event: Option<Event> = findings.check(&name.place, name.value.parse());
            if event.is_some_and(|event| handlers.iter().any(|handler| handler.name == event)) {
                findings.problem(
                    &name.place,
                    format_args!("{} has a handler already", name.value),
                );
            }
            let command = if let Some(program) = exec.value.first() {
                let program = findings.check(&program.place, check_program(&program.value));
                Command::check(exec.value, findings).filter(|_| program.is_some())
            } else {
                findings.problem(
                    &exec.place,
                    "is empty, which crashes rkt; name a program or leave the handler out",
                );
                None
            };
            if let (Some(name), Some(exec)) = (event, command) {
                handlers.push(Self { name, exec });
            }
        }
        handlers.sort_by_key(|handler| handler.name);
        handlers
    }
}

/// Nothing is searched for a handler's program, as rkt does for the image's own.
fn check_program(program: &str) -> Result<ImagePath, Invalid> {
    if program.starts_with('/') {
        program.parse()
    } else {
        Err(Invalid::new(format!(
            "{} is not absolute; write the program's whole path in the image",
            shown(program)
        )))
    }
}
