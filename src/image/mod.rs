//! Image: what a user gets, free of any one form.
//!
//! These types have the shape of the JSON that `mkACI` hands over, and cannot hold a wrong value: each has one gate,
//! through which serde leads too. What the evaluation has passed, passes here. What only one form of images can or
//! cannot say is that [face's](crate::face).

mod annotations;
mod command;
mod dependency;
mod health;
mod isolators;
mod mounts;
mod owner;
pub(crate) mod path;
mod platform;
mod ports;
mod quantity;
mod text;
mod unique;

use std::collections::BTreeMap;

use serde::Deserialize;

pub use annotations::Annotations;
pub use command::{Command, Event, Handler};
pub use dependency::{Dependency, Size, WantedLabels};
pub use health::{HealthCheck, Retries, Span};
pub use isolators::*;
pub use mounts::{Mount, MountPath, Mounts};
pub use owner::{Id, Owner};
pub use path::{ImagePath, InnerPath, LinkTarget};
pub use platform::Platform;
pub use ports::{Port, Protocol};
pub use quantity::Quantity;
pub use text::*;
pub use unique::Unique;

/// An image: what it is called, what it starts, and what that needs. Each member is an argument of `mkACI`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Image {
    /// Its name (argument `acName`).
    pub name: Identifier,
    /// Its version (`acVersion`, `versionAddon`).
    pub version: Version,
    /// What it runs on (`os`, `arch`).
    pub platform: Platform,
    /// Further labels (`acLabels`).
    #[serde(default)]
    pub labels: BTreeMap<LabelName, LabelValue>,
    /// Program and arguments; empty for an image without one, and where `args` name it.
    pub exec: Command,
    /// Further arguments, which whoever runs the image may replace.
    #[serde(default)]
    pub args: Vec<Argument>,
    /// As whom the program runs.
    pub user: Owner,
    /// As which group the program runs.
    pub group: Owner,
    /// Further groups of the program.
    #[serde(default, rename = "supplementaryGIDs")]
    pub supplementary_gids: Unique<Id>,
    /// Where the program starts.
    #[serde(default)]
    pub working_directory: Option<ImagePath>,
    /// The program's environment.
    #[serde(default)]
    pub env: BTreeMap<Variable, Argument>,
    /// The signal that asks the program to end.
    #[serde(default)]
    pub stop_signal: Option<Signal>,
    /// Whether the program still does its work.
    #[serde(default)]
    pub healthcheck: Option<HealthCheck>,
    /// Whether the program wants a terminal.
    #[serde(default)]
    pub terminal: bool,
    /// Where volumes appear (`mounts`, `mountsRo`).
    #[serde(default)]
    pub mounts: Mounts,
    /// Where the program listens.
    #[serde(default)]
    pub ports: BTreeMap<Name, Port>,
    /// The program's rights and limits.
    #[serde(default)]
    pub isolators: Isolators,
    /// Which system calls rkt forbids where the isolators say nothing of it.
    #[serde(default)]
    pub rkt_seccomp: RktSeccomp,
    /// What runs before and after the program.
    #[serde(default)]
    pub event_handlers: BTreeMap<Event, Handler>,
    /// Facts about the image, such as `created`, `homepage`.
    #[serde(default)]
    pub annotations: Annotations,
    /// Free labels of the program.
    #[serde(default)]
    pub user_labels: BTreeMap<String, String>,
    /// Free annotations of the program.
    #[serde(default)]
    pub user_annotations: BTreeMap<String, String>,
    /// Images below this one, lowest first.
    #[serde(default)]
    pub dependencies: Vec<Dependency>,
    /// The only paths that are seen when the image is rendered; all when there are none.
    #[serde(default)]
    pub path_whitelist: Unique<ImagePath>,
}

impl Image {
    /// The program and all its arguments.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        let args = self.args.iter().map(Argument::as_str);
        self.exec.words().chain(args)
    }

    /// The argument that names the program, and the program's path; nothing for an image without one.
    #[must_use]
    pub fn program(&self) -> Option<(&'static str, &str)> {
        let argument = if self.exec.is_empty() { "args" } else { "exec" };
        self.words().next().map(|program| (argument, program))
    }

    /// Whether it stands on an image from elsewhere, of which nothing but a name is known.
    #[must_use]
    pub fn stands_on_unknown(&self) -> bool {
        let mut dependencies = self.dependencies.iter();
        dependencies.any(|dependency| dependency.output.is_none())
    }

    /// `NAME-VERSION`, which the names of all files of the output begin with.
    #[must_use]
    pub fn stem(&self) -> String {
        format!("{}-{}", self.name.last_component(), self.version)
    }
}
