//! What is found with the plan: from names of store paths, and from what the author puts into the root.

use std::collections::BTreeSet;

use crate::image::path::is_within;
use crate::input::attrs::Attrs;
use crate::input::concern::Concern;
use crate::input::spec::Spec;
use crate::input::store_path::StorePath;
use crate::tree::contents::Contents;
use crate::tree::findings::{Finding, names, secrets, versions};
use crate::tree::{Entry, Node, Origin, Source, Tree};

const ANYONE_WRITES: u32 = 0o002;
const STICKY: u32 = 0o1000;
const SET_ID: u32 = 0o6000;

/// What is found in an image of `contents`, of whose store paths it brings the `new` ones, and writes the tree `own`.
pub(crate) fn find(
    attrs: &Attrs,
    contents: &Contents,
    new: &BTreeSet<StorePath>,
    own: &Tree,
) -> Vec<Finding> {
    let closure = &attrs.closure;
    let mut found: Vec<Finding> = new
        .iter()
        .filter_map(|path| {
            Some(Finding {
                concern: names::of_store_path(path)?,
                path: path.to_string(),
                about: String::new(),
                number: 0,
                size: closure.nar_size([path]),
            })
        })
        .collect();
    found.extend(versions::of(contents.all(), new, closure));
    found.extend(of_environment(&attrs.spec));
    let store_dir = closure.store_dir().as_str();
    own.visit_all(&mut |path, entry| {
        let note = |(concern, about): (Concern, String)| Finding {
            concern,
            path: path.to_owned(),
            about,
            number: 1,
            size: 0,
        };
        let found_here = [
            of_mode(entry),
            of_text(path, entry),
            of_link(entry, store_dir),
        ];
        found.extend(found_here.into_iter().flatten().map(note));
    });
    found
}

/// What secret a file of the root holds whose content is `content`.
pub(crate) fn secret(path: &str, content: &[u8]) -> Option<Finding> {
    let (_, name) = path.rsplit_once('/').unwrap_or(("", path));
    Some(Finding {
        concern: Concern::Secrets,
        path: path.to_owned(),
        about: secrets::of(name, content)?,
        number: 1,
        size: content.len() as u64,
    })
}

/// Passwords among the variables, which every runtime shows.
fn of_environment(spec: &Spec) -> impl Iterator<Item = Finding> {
    let variables = spec.image.env.iter();
    let secrets =
        variables.filter(|(name, value)| secrets::is_given(name.as_str(), value.as_str()));
    secrets.map(|(name, value)| Finding {
        concern: Concern::Secrets,
        path: format!("env.{}", name.as_str()),
        about: "in the image's description".to_owned(),
        number: 1,
        size: value.as_str().len() as u64,
    })
}

fn of_mode(entry: &Entry) -> Option<(Concern, String)> {
    let mode = entry.attributes.mode;
    let concern = match entry.node {
        Node::File(_) if mode & SET_ID != 0 => Concern::Setuid,
        Node::File(_) if mode & ANYONE_WRITES != 0 => Concern::Writable,
        Node::Directory(_) if mode & (ANYONE_WRITES | STICKY) == ANYONE_WRITES => Concern::Writable,
        _ => return None,
    };
    Some((concern, format!("mode {mode:04o}")))
}

fn of_text(path: &str, entry: &Entry) -> Option<(Concern, String)> {
    let Node::File(Source::Text(text)) = &entry.node else {
        return None;
    };
    let found = secret(path, text.as_bytes())?;
    Some((found.concern, found.about))
}

/// A link that is not into the store. Packages' own are looked at where they are packed.
fn of_link(entry: &Entry, store_dir: &str) -> Option<(Concern, String)> {
    match &entry.node {
        Node::Symlink(target) if entry.origin == Origin::Files || !is_within(target, store_dir) => {
            Some((Concern::Dangling, target.clone()))
        }
        _ => None,
    }
}

/// The words of the expression for `path` of the root, in which `concern` is about it: `files."/etc/key"`.
pub(super) fn argument(spec: &Spec, concern: Concern, path: &str) -> Option<String> {
    let is_of_mode = matches!(concern, Concern::Writable | Concern::Setuid);
    let mut perms = spec.root.perms.iter();
    let perms = perms.rfind(|(key, perms)| {
        let covers = if perms.recursive {
            is_within(path, key.as_str())
        } else {
            path == key.as_str()
        };
        is_of_mode && perms.mode.is_some() && covers
    });
    let mut files = spec.root.files.keys();
    let files = files.rfind(|key| is_within(path, key.as_str()));
    match (perms, files) {
        (Some((key, _)), _) => Some(format!("perms.{:?}", key.as_str())),
        (None, Some(key)) => Some(format!("files.{:?}", key.as_str())),
        (None, None) => None,
    }
}
