//! Facts: what an image is called, runs, listens on and has for people, as a report tells it.

use anyhow::{Context, Result};
use serde::Serialize;
use serde_json::Value;

use super::graph::Graph;
use crate::face::aci;
use crate::face::oci::{self, inherit, mapping};
use crate::host::log::Log;
use crate::image::{Owner, Protocol};
use crate::input::attrs::Attrs;
use crate::input::form::{Face, Kind};
use crate::plan::Plan;
use crate::tree::accounts::{self, Accounts};
use crate::tree::lookup::Rootfs;

/// What an image is.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Facts {
    pub(super) name: String,
    pub(super) version: String,
    /// `aci` or `oci`.
    pub(super) form: &'static str,
    /// `fat`, `thin` or `static`.
    pub(super) kind: &'static str,
    pub(super) os: String,
    pub(super) arch: String,
    /// The program and its arguments.
    pub(super) runs: Vec<String>,
    pub(super) user: String,
    pub(super) group: String,
    #[serde(rename = "supplementaryGIDs")]
    pub(super) supplementary_gids: Vec<u32>,
    pub(super) ports: Vec<Port>,
    pub(super) mounts: Vec<Mount>,
    /// The images that it stands on, lowest first.
    pub(super) stands_on: Vec<String>,
}

/// Where the program listens.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Port {
    pub(super) name: String,
    pub(super) protocol: Protocol,
    pub(super) first: u16,
    pub(super) last: u16,
    pub(super) socket_activated: bool,
}

/// Where a volume appears.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Mount {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) read_only: bool,
}

/// A line of `/etc/passwd`.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Account {
    pub(super) name: String,
    pub(super) uid: u32,
    pub(super) gid: u32,
    pub(super) home: String,
    pub(super) shell: String,
}

/// A program that users of the image can start by its name.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Program {
    pub(super) path: String,
    /// The file that it is, links followed.
    pub(super) file: String,
    /// The number of the store path in which the file is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) store_path: Option<usize>,
}

impl Facts {
    pub(super) fn new(attrs: &Attrs) -> Self {
        let image = &attrs.spec.image;
        let owner = |owner: &Owner| match owner {
            Owner::Id(id) => id.get().to_string(),
            Owner::Name(name) => name.clone(),
            Owner::Path(path) => path.to_string(),
        };
        let ports = image.ports.iter().map(|(name, port)| Port {
            name: name.to_string(),
            protocol: port.protocol,
            first: *port.range.start(),
            last: *port.range.end(),
            socket_activated: port.socket_activated,
        });
        let mounts = image.mounts.iter().map(|(name, mount)| Mount {
            name: name.to_string(),
            path: mount.path.to_string(),
            read_only: mount.read_only,
        });
        let below = attrs.below.iter().map(|base| base.spec.image.stem());
        let unknown = image.dependencies.iter();
        let unknown = unknown.filter(|dependency| dependency.output.is_none());
        let theirs = attrs.foreign.as_ref().map(|_| "fromImage".to_owned());
        let runs = image.words().map(str::to_owned).collect::<Vec<_>>();
        let inherited = attrs.inherited().filter(|_| runs.is_empty());
        let inherited = inherited.map(|theirs| theirs.words().into_iter().map(str::to_owned));
        Self {
            name: image.name.to_string(),
            version: image.version.to_string(),
            form: form(attrs.spec.form.face).name(),
            kind: match attrs.spec.form.kind {
                Kind::Fat => "fat",
                Kind::Thin => "thin",
                Kind::Static => "static",
            },
            os: image.platform.os().to_owned(),
            arch: image.platform.arch().to_owned(),
            runs: inherited.map_or(runs, Iterator::collect),
            user: owner(&image.user),
            group: owner(&image.group),
            supplementary_gids: image.supplementary_gids.iter().map(|id| id.get()).collect(),
            ports: ports.collect(),
            mounts: mounts.collect(),
            stands_on: theirs
                .into_iter()
                .chain(unknown.map(|dependency| dependency.image_name.to_string()))
                .chain(below)
                .collect(),
        }
    }
}

/// The form of which something is told; a manifest is that of an App Container Image.
pub(super) fn form(face: Face) -> Face {
    match face {
        Face::Oci => Face::Oci,
        Face::Aci | Face::Manifest | Face::Layers | Face::Foreign | Face::Index => Face::Aci,
    }
}

/// What runtimes read of the image: its manifest, or the part of an OCI image's configuration that says how it is run.
pub(super) fn manifest(plan: &Plan, attrs: &Attrs, log: &Log) -> Result<Value> {
    if form(attrs.spec.form.face) == Face::Aci {
        let text = aci::tell_and_make_manifest(plan, attrs, log)?;
        return serde_json::from_str(&text).context("reading the image manifest again");
    }
    oci::check_and_tell(attrs, log)?;
    let store_dir = attrs.closure.store_dir().as_str();
    let mut config = mapping::execution(&attrs.spec.image, &plan.tree, store_dir);
    if let Some(theirs) = attrs.inherited() {
        inherit::add(&mut config, theirs);
    }
    serde_json::to_value(&config).context("writing the configuration")
}

/// The accounts of the image, as far as its `/etc/passwd` can be read.
pub(super) fn accounts(plan: &Plan) -> Vec<Account> {
    let entry = plan.tree.get(Accounts::Passwd.path());
    let text = entry.map(accounts::text).and_then(Result::ok);
    let text = text.unwrap_or_default();
    text.lines().filter_map(account).collect()
}

fn account(line: &str) -> Option<Account> {
    let fields: Vec<&str> = line.split(':').collect();
    let [name, _, uid, gid, _, home, shell] = fields[..] else {
        return None;
    };
    Some(Account {
        name: name.to_owned(),
        uid: uid.parse().ok()?,
        gid: gid.parse().ok()?,
        home: home.to_owned(),
        shell: shell.to_owned(),
    })
}

/// The programs in the directories where programs are looked for.
pub(super) fn programs(plan: &Plan, attrs: &Attrs, graph: &Graph<'_>) -> Result<Vec<Program>> {
    let root = Rootfs::new(&plan.tree);
    let mut programs = Vec::new();
    for path in root.programs("")? {
        let file = root.way(&path)?.last().unwrap_or_else(|| path.clone());
        let owner = attrs.closure.store_dir().split(&file);
        let store_path = owner.and_then(|(owner, _)| graph.paths.binary_search(&&owner).ok());
        programs.push(Program {
            path,
            file,
            store_path,
        });
    }
    Ok(programs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_no_account_is_none() {
        assert_eq!(
            account("web:x:33:44::/srv:/bin/sh"),
            Some(Account {
                name: "web".to_owned(),
                uid: 33,
                gid: 44,
                home: "/srv".to_owned(),
                shell: "/bin/sh".to_owned(),
            })
        );
        for line in [
            "",
            "web",
            "web:x:a:44::/srv:/bin/sh",
            "web:x:33:44::/srv:/bin/sh:",
        ] {
            assert_eq!(account(line), None, "{line}");
        }
    }
}
