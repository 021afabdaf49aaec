//! Foreign: what is known of an image that another tool has made, and that lies lowest (argument `fromImage`).
//!
//! One derivation reads the image and writes this as JSON, so that nothing of it is read again when what lies above
//! changes. The layers themselves are beside it.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result};
use camino::Utf8Path;
use serde::{Deserialize, Serialize};

use crate::image::Owner;

/// What the document is called in the derivation's output.
pub(crate) const DOCUMENT: &str = "image.json";

/// An image from elsewhere.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Foreign {
    /// What engines know it by: the digest of its configuration.
    pub(crate) id: String,
    /// How it is run.
    pub(crate) execution: Execution,
    /// Its root file system, parents first.
    pub(crate) entries: Vec<Record>,
}

/// What its configuration says that an image above can take over (image configuration, `config`).
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Execution {
    /// `USER`, `USER:GROUP`, or nothing for root.
    pub user: String,
    /// `NAME=VALUE`.
    pub env: Vec<String>,
    /// The program and its first arguments.
    pub entrypoint: Vec<String>,
    /// Further arguments, or the program too where there is no entrypoint.
    pub cmd: Vec<String>,
    /// Where the program starts.
    pub working_dir: Option<String>,
    /// `PORT/PROTOCOL`.
    pub exposed_ports: BTreeSet<String>,
    /// Paths that hold data of their own.
    pub volumes: BTreeSet<String>,
    /// What asks its program to end.
    pub stop_signal: Option<String>,
}

/// An entry of its root file system.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    /// Where it is; the root itself is empty.
    pub path: String,
    /// Permissions.
    pub mode: u32,
    /// Numeric owner.
    pub uid: u32,
    /// Numeric group.
    pub gid: u32,
    /// What it is.
    pub what: What,
}

/// What an entry is.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum What {
    /// A directory.
    Directory,
    /// A file, or something that can be opened like one, of so many bytes.
    File(u64),
    /// A file of accounts with its content.
    Text(String),
    /// A link with its target.
    Symlink(String),
}

impl Execution {
    /// The program and all its arguments.
    pub(crate) fn words(&self) -> Vec<&str> {
        let words = self.entrypoint.iter().chain(&self.cmd);
        words.map(String::as_str).collect()
    }
}

impl Foreign {
    /// What the derivation with this output has read.
    pub(crate) fn load(output: &Utf8Path) -> Result<Self> {
        let path = output.join(DOCUMENT);
        let context = || format!("reading {path}");
        let text = fs::read_to_string(&path).with_context(context)?;
        serde_json::from_str(&text).with_context(context)
    }

    /// User and group of its program, where it names them. A user's group is that of its account, unless another one is
    /// named.
    pub(crate) fn owners(&self) -> Result<(Option<Owner>, Option<Owner>)> {
        let text = self.execution.user.as_str();
        if text.is_empty() {
            return Ok((None, None));
        }
        let owner = |name: &str| {
            Owner::try_from(name.to_owned()).with_context(|| {
                format!("fromImage: its program runs as {text:?}; say as whom with user and group")
            })
        };
        let (user, group) = match text.split_once(':') {
            Some((user, group)) => (user, Some(group.to_owned())),
            None => (text, self.group_of(text)),
        };
        let group = group.filter(|group| !group.is_empty());
        Ok((Some(owner(user)?), group.as_deref().map(owner).transpose()?))
    }

    /// The number of the group that the account of `user`, a name or a number, has.
    fn group_of(&self, user: &str) -> Option<String> {
        let mut records = self.entries.iter();
        let text = records.find_map(|record| match &record.what {
            What::Text(text) if record.path == "/etc/passwd" => Some(text),
            _ => None,
        })?;
        let mut lines = text.lines().map(|line| line.split(':'));
        lines.find_map(|mut fields| {
            let (name, number) = (fields.next()?, fields.nth(1)?);
            let group = fields.next()?;
            (name == user || number == user).then(|| group.to_owned())
        })
    }
}
