//! `perms`: owners and modes that the user changes in what packages brought.

use std::collections::BTreeMap;

use anyhow::Result;
use camino::Utf8Path;

use crate::host::problem::Problems;
use crate::host::store::{Followed, Store};
use crate::image::{Id, InnerPath};
use crate::input::files::{Mode, Perms};
use crate::tree::foreign;
use crate::tree::lookup::Rootfs;
use crate::tree::merge::Merge;
use crate::tree::{Attributes, Entry, Node, Source};

/// Changes owner and mode of what the tree has.
pub(crate) fn change(
    merge: &mut Merge<'_>,
    store: Store<'_>,
    perms: &BTreeMap<InnerPath, Perms>,
    problems: &mut Problems,
) -> Result<()> {
    for (path, wanted) in perms {
        let path = path.as_str();
        let argument = format!("perms.{path:?}");
        let path = &merge.behind_links_below(path)?;
        merge.make_real(path)?;
        let Some(entry) = merge.tree.get_mut(path) else {
            let hint = match Rootfs::new(&merge.tree).did_you_mean(path) {
                none if none.is_empty() => {
                    "; a path of the merged root is meant, such as /bin/ping".to_owned()
                }
                hint => hint,
            };
            problems.add(&argument, format!("the image has no such path{hint}"));
            continue;
        };
        if let Some(at) = foreign_file(entry, wanted.recursive) {
            problems.add(
                &argument,
                format!(
                    "{path}{at} is a file of {}, whose content is not packed again; give it another with \
                     files.\"{path}{at}\", or change it where that image is made",
                    foreign::NAME
                ),
            );
            continue;
        }
        if let Some(error) = materialise(entry, store)? {
            problems.add(&argument, error);
            continue;
        }
        apply(entry, wanted, store)?;
    }
    Ok(())
}

/// Where, seen from `entry`, a file of an image from elsewhere is: it, or one below it if that is meant too.
fn foreign_file(entry: &Entry, recursive: bool) -> Option<String> {
    match &entry.node {
        Node::File(Source::Foreign { .. }) => Some(String::new()),
        Node::Directory(children) if recursive => children.iter().find_map(|(name, child)| {
            foreign_file(child, true).map(|below| format!("/{name}{below}"))
        }),
        _ => None,
    }
}

/// Makes a package's link to a file a copy of the file, whose owner and mode can be changed.
fn materialise(entry: &mut Entry, store: Store<'_>) -> Result<Option<String>> {
    let Node::Symlink(target) = &entry.node else {
        return Ok(None);
    };
    if let Followed::File {
        path,
        executable,
        size,
    } = store.follow(Utf8Path::new(target))?
    {
        entry.attributes = Attributes::root(if executable { 0o755 } else { 0o644 });
        entry.node = Node::File(Source::Store { path, size });
        return Ok(None);
    }
    Ok(Some(format!(
        "is a link to {target}, and links have no owner or mode of their own that counts; name what it leads to"
    )))
}

fn apply(entry: &mut Entry, wanted: &Perms, store: Store<'_>) -> Result<()> {
    let attributes = &mut entry.attributes;
    attributes.mode = wanted.mode.map_or(attributes.mode, Mode::bits);
    attributes.uid = wanted.uid.map_or(attributes.uid, Id::get);
    attributes.gid = wanted.gid.map_or(attributes.gid, Id::get);
    if let (Node::Directory(children), true) = (&mut entry.node, wanted.recursive) {
        for child in children.values_mut() {
            // Below a directory, links that lead to no file of a package stay as they are.
            if materialise(child, store)?.is_none() {
                apply(child, wanted, store)?;
            }
        }
    }
    Ok(())
}
