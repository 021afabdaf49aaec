//! Command: a program and its arguments, and the programs that run before and after it.

use serde::{Deserialize, Serialize};

use super::text::Argument;
use crate::rules::{Fault, broken};

/// An argument list whose first word is the absolute path of a program. It may be empty where the user of the image
/// names the program.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Argument>")]
pub struct Command(Vec<Argument>);

impl Command {
    /// The program's path.
    #[must_use]
    pub fn program(&self) -> Option<&str> {
        self.0.first().map(Argument::as_str)
    }

    /// The program and its arguments.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(Argument::as_str)
    }

    /// True when there is nothing to run.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl TryFrom<Vec<Argument>> for Command {
    type Error = Fault;

    fn try_from(words: Vec<Argument>) -> Result<Self, Fault> {
        match words.first() {
            Some(program) if !program.as_str().starts_with('/') => Err(broken(
                program.as_str(),
                "is not the absolute path of a program",
            )),
            _ => Ok(Self(words)),
        }
    }
}

/// When a handler runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// Before the program; its failure keeps the program from starting.
    PreStart,
    /// After the program.
    PostStop,
}

impl Event {
    /// The word that specs and manifests have for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PreStart => "pre-start",
            Self::PostStop => "post-stop",
        }
    }
}

/// What an event runs: never nothing, since that crashes rkt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Command")]
pub struct Handler(Command);

impl Handler {
    /// The program and its arguments.
    #[must_use]
    pub fn command(&self) -> &Command {
        &self.0
    }
}

impl TryFrom<Command> for Handler {
    type Error = Fault;

    fn try_from(command: Command) -> Result<Self, Fault> {
        if command.is_empty() {
            Err(Fault::new("an event handler names no program"))
        } else {
            Ok(Self(command))
        }
    }
}
