//! Foreign layers: the root file system of an image that another tool has made, as a tree and as what is written of it.
//!
//! Of its files, only the sizes are known, but for those of accounts. Nothing of them is packed again.

use anyhow::{Result, bail};

use crate::input::foreign::{Foreign, Record, What};
use crate::tree::{Attributes, Entry, Node, Origin, Source, Tree};

/// What messages call the image.
pub(crate) const NAME: &str = "the image of fromImage";

/// The priority that packages have by themselves, so that what differs is told, and theirs settles it.
const PRIORITY: i64 = 5;

/// Whose its entries are.
pub(crate) fn origin() -> Origin {
    Origin::Package {
        name: NAME.into(),
        priority: PRIORITY,
    }
}

/// The tree of what is written of an image.
pub(crate) fn tree(foreign: &Foreign) -> Result<Tree> {
    let mut tree = Tree::default();
    let origin = origin();
    for Record {
        path,
        mode,
        uid,
        gid,
        what,
    } in &foreign.entries
    {
        let attributes = Attributes {
            mode: *mode,
            uid: *uid,
            gid: *gid,
        };
        let node = match what {
            What::Directory => Entry::directory(attributes, origin.clone()).node,
            What::File(size) => Node::File(Source::Foreign { size: *size }),
            What::Text(text) => Node::File(Source::Text(text.clone())),
            What::Symlink(target) => Node::Symlink(target.clone()),
        };
        let entry = Entry {
            node,
            attributes,
            origin: origin.clone(),
        };
        if let Err(obstacle) = tree.insert(path, entry) {
            bail!("{NAME} has {path} below {obstacle}, which is no directory");
        }
    }
    Ok(tree)
}

/// What is written of a tree that was read from layers.
pub(crate) fn records(tree: &Tree) -> Vec<Record> {
    let mut records = Vec::new();
    tree.visit_all(&mut |path, entry| {
        let what = match &entry.node {
            Node::Directory(_) => What::Directory,
            Node::File(Source::Text(text)) => What::Text(text.clone()),
            Node::File(Source::Foreign { size } | Source::Store { size, .. }) => What::File(*size),
            Node::Symlink(target) => What::Symlink(target.clone()),
            // Layers are read as they are, so that no store path in them stands for all that it holds.
            Node::Packed(_) | Node::Mounted { .. } => return,
        };
        let Attributes { mode, uid, gid } = entry.attributes;
        records.push(Record {
            path: path.to_owned(),
            mode,
            uid,
            gid,
            what,
        });
    });
    records
}
