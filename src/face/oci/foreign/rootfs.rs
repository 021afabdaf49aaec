//! Root file system: the layers of an image laid over each other as runtimes do (image specification, "Applying
//! Changesets").

use std::io::Read;

use anyhow::{Context, Result, bail, ensure};

use crate::face::oci::foreign::members::{Kind, MOST, Member, Members};
use crate::tree::accounts;
use crate::tree::foreign::origin;
use crate::tree::lookup::{Rootfs, Target};
use crate::tree::{Attributes, Entry, Node, Origin, Source, Tree};

/// What the name of a file begins with that says that another one is gone.
const WHITEOUT: &str = ".wh.";

/// The name that says that all is gone which lower layers have in a directory.
const OPAQUE: &str = ".wh..wh..opq";

/// The root file system so far.
pub(super) struct Layers {
    pub(super) tree: Tree,
    members: usize,
    origin: Origin,
}

/// What a layer adds.
struct Added {
    path: String,
    kind: Kind,
    source: Source,
    attributes: Attributes,
}

impl Layers {
    pub(super) fn new() -> Self {
        Self {
            tree: Tree::default(),
            members: 0,
            origin: origin(),
        }
    }

    /// Lays the next layer over those before it.
    pub(super) fn lay(&mut self, members: &mut Members<'_, impl Read>) -> Result<()> {
        // What is gone is gone from lower layers only, wherever in the archive that is said.
        let mut added = Vec::new();
        while let Some(member) = members.next()? {
            self.members += 1;
            ensure!(
                self.members <= MOST,
                "the image has more than {MOST} files, and that is no image"
            );
            let (parent, name) = match member.path.rsplit_once('/') {
                Some((parent, name)) => (parent, name),
                None => ("", member.path.as_str()),
            };
            if name == OPAQUE {
                self.empty(parent);
            } else if let Some(gone) = name.strip_prefix(WHITEOUT) {
                // Those of other meanings are files of one storage driver.
                if !gone.starts_with(WHITEOUT) {
                    self.remove(parent, gone)?;
                }
            } else {
                added.push(read(member, members)?);
            }
        }
        for added in added {
            self.add(added)?;
        }
        Ok(())
    }

    fn empty(&mut self, directory: &str) {
        if let Some(entry) = self.tree.get_mut(directory)
            && entry.children().is_some()
        {
            *entry = Entry::directory(entry.attributes, entry.origin.clone());
        }
    }

    fn remove(&mut self, parent: &str, name: &str) -> Result<()> {
        ensure!(
            !matches!(name, "" | "." | ".."),
            "{parent:?} has a whiteout of {name:?}"
        );
        let parent = self.real(parent)?;
        self.tree.remove(&parent, name);
        Ok(())
    }

    /// The path of a directory, with the links followed that lower layers have on the way, as runtimes do that write a
    /// layer into what is mounted.
    fn real(&self, directory: &str) -> Result<String> {
        let directory = format!("/{directory}");
        if self.tree.obstacle(&directory).is_none() {
            return Ok(directory);
        }
        let rootfs = Rootfs::new(&self.tree);
        if rootfs.follow(&directory)? != Target::Directory {
            return Ok(directory);
        }
        let end = rootfs.way(&directory)?.last();
        Ok(end.unwrap_or(directory))
    }

    fn add(&mut self, added: Added) -> Result<()> {
        let Added {
            path,
            kind,
            source,
            attributes,
        } = added;
        if path.is_empty() {
            self.tree.root_mut().attributes = attributes;
            return Ok(());
        }
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", &path));
        let at = format!("{}/{name}", self.real(parent)?.trim_end_matches('/'));
        let (node, attributes) = match kind {
            Kind::Directory => match self.tree.get_mut(&at) {
                Some(entry) if entry.children().is_some() => {
                    entry.attributes = attributes;
                    return Ok(());
                }
                _ => (
                    Entry::directory(attributes, self.origin.clone()).node,
                    attributes,
                ),
            },
            Kind::File => (Node::File(source), attributes),
            // Nobody starts a device.
            Kind::Special => {
                let mode = attributes.mode & !0o111;
                (Node::File(source), Attributes { mode, ..attributes })
            }
            Kind::Symlink(target) => (Node::Symlink(target), Attributes::root(0o777)),
            Kind::HardLink(target) => {
                let (parent, name) = target.rsplit_once('/').unwrap_or(("", &target));
                let there = format!("{}/{name}", self.real(parent)?.trim_end_matches('/'));
                match self.tree.get(&there) {
                    Some(entry) if entry.children().is_none() => {
                        (entry.node.clone(), entry.attributes)
                    }
                    _ => bail!("/{path} is a hard link to /{target}, where no file is"),
                }
            }
        };
        let entry = Entry {
            node,
            attributes,
            origin: self.origin.clone(),
        };
        self.tree.replace(&at, entry);
        Ok(())
    }
}

/// Reads a member as far as it is wanted.
fn read(member: Member, members: &mut Members<'_, impl Read>) -> Result<Added> {
    let attributes = member.attributes()?;
    let is_account = accounts::FILES.contains(&format!("/{}", member.path).as_str());
    let source = if member.kind == Kind::File && is_account && member.size <= accounts::LARGEST {
        let mut bytes = Vec::new();
        let content = members.content().read_to_end(&mut bytes);
        content.with_context(|| format!("reading /{}", member.path))?;
        Source::Text(String::from_utf8_lossy(&bytes).into_owned())
    } else {
        Source::Foreign { size: member.size }
    };
    Ok(Added {
        path: member.path,
        kind: member.kind,
        source,
        attributes,
    })
}
