//! App: what a runtime starts, as whom and with what around it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use super::command::Command;
use super::draft::{AppDraft, At, List, Pair};
use super::environment::Environment;
use super::event_handler::EventHandler;
use super::findings::Findings;
use super::image_path::ImagePath;
use super::isolator::Isolator;
use super::mount_point::MountPoint;
use super::number::whole;
use super::owner::{Id, LAST_ID, Owner};
use super::port::Port;

/// The section `app` of a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct App {
    #[serde(skip_serializing_if = "Command::is_empty")]
    exec: Command,
    user: Owner,
    group: Owner,
    #[serde(rename = "supplementaryGIDs", skip_serializing_if = "Vec::is_empty")]
    supplementary_gids: Vec<Id>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    event_handlers: Vec<EventHandler>,
    #[serde(skip_serializing_if = "Option::is_none")]
    working_directory: Option<ImagePath>,
    #[serde(skip_serializing_if = "Environment::is_empty")]
    environment: Environment,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    mount_points: Vec<MountPoint>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ports: Vec<Port>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    isolators: Vec<Isolator>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    user_annotations: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    user_labels: BTreeMap<String, String>,
}

impl App {
    /// The argument list of the program; empty when the user of the image has to name one.
    #[must_use]
    pub fn exec(&self) -> &[String] {
        self.exec.arguments()
    }

    /// As whom the program runs.
    #[must_use]
    pub fn user(&self) -> &Owner {
        &self.user
    }

    /// As which group the program runs.
    #[must_use]
    pub fn group(&self) -> &Owner {
        &self.group
    }

    /// Further groups of the program.
    #[must_use]
    pub fn supplementary_gids(&self) -> &[Id] {
        &self.supplementary_gids
    }

    /// What runs before and after the program.
    #[must_use]
    pub fn event_handlers(&self) -> &[EventHandler] {
        &self.event_handlers
    }

    /// Where the program starts; `/` when nothing was said.
    #[must_use]
    pub fn working_directory(&self) -> Option<&ImagePath> {
        self.working_directory.as_ref()
    }

    /// The program's environment.
    #[must_use]
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// Where volumes appear.
    #[must_use]
    pub fn mount_points(&self) -> &[MountPoint] {
        &self.mount_points
    }

    /// Where the program listens.
    #[must_use]
    pub fn ports(&self) -> &[Port] {
        &self.ports
    }

    /// The limits of the program.
    #[must_use]
    pub fn isolators(&self) -> &[Isolator] {
        &self.isolators
    }

    /// Free annotations.
    #[must_use]
    pub fn user_annotations(&self) -> &BTreeMap<String, String> {
        &self.user_annotations
    }

    /// Free labels.
    #[must_use]
    pub fn user_labels(&self) -> &BTreeMap<String, String> {
        &self.user_labels
    }

    /// None only when something that every app needs was refused.
    pub(super) fn check(
        draft: AppDraft,
        store_mounts: Vec<MountPoint>,
        findings: &mut Findings<'_>,
    ) -> Option<Self> {
        let exec = check_exec(draft.exec, findings);
        let user = check_owner(draft.user, findings);
        let group = check_owner(draft.group, findings);
        let supplementary_gids = check_gids(draft.supplementary_gids, findings);
        let event_handlers = EventHandler::check(draft.event_handlers, findings);
        let working_directory = draft
            .working_directory
            .and_then(|at| findings.check(&at.place, at.value.parse()));
        let environment = Environment::check(draft.environment, findings);
        let mount_points = MountPoint::check(draft.mount_points, store_mounts, findings);
        let ports = Port::check(draft.ports, findings);
        let isolators = Isolator::check(draft.isolators, findings);
        Some(Self {
            exec: exec?,
            user: user?,
            group: group?,
            supplementary_gids,
            event_handlers,
            working_directory,
            environment,
            mount_points,
            ports,
            isolators,
            user_annotations: free(draft.user_annotations),
            user_labels: free(draft.user_labels),
        })
    }
}

fn check_exec(exec: List<String>, findings: &mut Findings<'_>) -> Option<Command> {
    match exec.value.first() {
        None => findings.warn(
            &exec.place,
            "names no program; whoever runs the image has to (rkt run --exec=…)",
        ),
        Some(program) if !program.value.is_empty() && !program.value.starts_with('/') => {
            let name = &program.value;
            findings.warn(
                &program.place,
                format_args!("{name} is looked for by the runtime; an absolute path says which program is meant"),
            );
        }
        Some(_) => {}
    }
    Command::check(exec.value, findings)
}

fn check_owner(owner: Option<At<String>>, findings: &mut Findings<'_>) -> Option<Owner> {
    owner.and_then(|at| findings.check(&at.place, at.value.parse()))
}

fn check_gids(gids: Vec<At<Value>>, findings: &mut Findings<'_>) -> Vec<Id> {
    let mut seen = BTreeSet::new();
    let mut checked = Vec::new();
    for At { place, value } in gids {
        let number = findings.check(&place, whole(&value, "a group id", 0, LAST_ID));
        let Some(id) = number.and_then(Id::new) else {
            continue;
        };
        if !seen.insert(id) {
            findings.problem(&place, format_args!("the group id {value} is given twice"));
        }
        checked.push(id);
    }
    checked
}

fn free(pairs: Vec<Pair>) -> BTreeMap<String, String> {
    pairs
        .into_iter()
        .map(|Pair { name, value }| (name.value, value.value))
        .collect()
}
