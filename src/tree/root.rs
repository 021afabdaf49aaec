//! The root file system: packages, then the user's files, then what programs expect, and last the store.
//!
//! Each yields to those before it, but the user's files have precedence over packages.

use std::mem;

use anyhow::{Result, bail};
use camino::Utf8Path;

use crate::host::problem::Problems;
use crate::host::store::{Followed, Store};
use crate::image::path::is_within;
use crate::input::form::Kind;
use crate::input::spec::Spec;
use crate::tree::below::Below;
use crate::tree::contents::Contents;
use crate::tree::descent::Endless;
use crate::tree::doubles;
use crate::tree::files;
use crate::tree::join;
use crate::tree::lookup::{Rootfs, Target};
use crate::tree::merge::Merge;
use crate::tree::mounts;
use crate::tree::perms;
use crate::tree::skeleton;
use crate::tree::{Attributes, Entry, Node, Origin, Tree};

/// Directories that are filled only when the container runs.
pub(crate) const FILLED_LATER: [&str; 6] = ["/dev", "/proc", "/run", "/sys", "/tmp", "/var"];

/// Lays everything where it belongs, over what is `below`; what must not be is noted in `problems`.
///
/// # Errors
/// When files cannot be read; and the problems found so far, when a package's links have no end, since half a tree says
/// nothing of the rest.
pub(crate) fn file_system(
    spec: &Spec,
    below: &Below,
    store: Store<'_>,
    contents: &Contents,
    problems: &mut Problems,
    warnings: &mut Vec<String>,
) -> Result<Tree> {
    lay(spec, below, store, contents, problems, warnings).map_err(|error| {
        match error.downcast::<Endless>() {
            Ok(endless) => {
                problems.add("packages", endless);
                mem::take(problems).into()
            }
            Err(error) => error,
        }
    })
}

fn lay(
    spec: &Spec,
    below: &Below,
    store: Store<'_>,
    contents: &Contents,
    problems: &mut Problems,
    warnings: &mut Vec<String>,
) -> Result<Tree> {
    let Spec {
        image, root, form, ..
    } = spec;
    let mut merge = Merge::packages(store, below, &root.packages, &root.paths_to_link, problems)?;
    if form.kind == Kind::Static {
        // Nothing else of the closure is there, so a link into it would lead nowhere.
        warn_of_lost_links(&merge.tree, contents, store, warnings)?;
    }
    files::put(&mut merge, store, &root.files, problems)?;
    join::accounts(&mut merge, below, image, root.skeleton.passwd, problems)?;
    skeleton::add(&mut merge, store, contents, spec)?;
    mounts::add(&mut merge, image)?;
    perms::change(&mut merge, store, &root.perms, problems)?;
    doubles::link(&mut merge.tree, below);
    graft(&mut merge, below, store, contents, problems)?;
    check_links_out_of_the_closure(&merge, store, problems)?;
    below.report(&merge.tree, problems);
    mounts::warn(&merge.tree, &image.mounts, &contents.mounted, warnings);
    Ok(merge.tree)
}

/// Puts the store paths, or the places to mount them on, where they are in the store.
fn graft(
    merge: &mut Merge<'_>,
    below: &Below,
    store: Store<'_>,
    contents: &Contents,
    problems: &mut Problems,
) -> Result<()> {
    let store_dir = store.closure().store_dir().as_str();
    merge.make_real(store_dir)?;
    // An image from elsewhere may have been made by Nix too. What it has there stays, and those of its store paths that
    // are ours as well are packed again, above: nothing tells whether they hold what Nix has recorded.
    let is_theirs = |name: &str, child: &Entry| below.has(&format!("{store_dir}/{name}"), child);
    if let Some(children) = merge.tree.get(store_dir).and_then(|entry| entry.children())
        && let Some((_, child)) = children
            .iter()
            .find(|(name, child)| !is_store_path(child) && !is_theirs(name, child))
    {
        problems.add(
            "packages",
            format!(
                "{} brings content for {store_dir}, where only store paths belong",
                child.origin
            ),
        );
        return Ok(());
    }
    let packed = contents.packed.iter();
    let packed = packed.map(|path| Ok((path, Node::Packed(path.clone()))));
    let mounted = contents.mounted.iter().map(|path| {
        let directory = match store.follow(path.as_path())? {
            Followed::Directory(_) => true,
            Followed::File { .. } => false,
            other => bail!(
                "the store path {path} {}, so no runtime can mount it; leave out what refers to it, or build the fat \
                 image",
                other.where_to()
            ),
        };
        let store_path = path.clone();
        Ok((
            path,
            Node::Mounted {
                store_path,
                directory,
            },
        ))
    });
    for graft in packed.chain(mounted) {
        let (path, node) = graft?;
        let entry = Entry {
            node,
            attributes: Attributes::root(0o555),
            origin: Origin::Skeleton,
        };
        if let Err((obstacle, origin)) = merge.put(path.as_str(), entry)? {
            problems.add(
                "packages",
                format!("{origin} brings {obstacle}, which is no directory, and the store has to be below it"),
            );
            return Ok(());
        }
    }
    Ok(())
}

fn is_store_path(entry: &Entry) -> bool {
    matches!(entry.node, Node::Packed(_) | Node::Mounted { .. })
}

/// A link under `/etc` may lead out of the closure only to what the image itself has or gets when it runs; a link that
/// comes back to itself has nothing.
fn check_links_out_of_the_closure(
    merge: &Merge<'_>,
    store: Store<'_>,
    problems: &mut Problems,
) -> Result<()> {
    let rootfs = Rootfs::new(&merge.tree);
    let store_dir = store.closure().store_dir().as_str();
    for (path, target) in &merge.outside {
        let Some(entry) = merge.tree.get(path) else {
            continue;
        };
        let leads = match rootfs.follow(target.as_str())? {
            Target::Directory | Target::File { .. } => true,
            Target::Missing(at) => {
                let mut later = FILLED_LATER.iter();
                later.any(|directory| is_within(&at, directory)) && !is_within(&at, store_dir)
            }
            Target::Loop => false,
        };
        if entry.node == Node::Symlink(target.to_string()) && !leads {
            problems.add(
                "packages",
                format!(
                    "{} has {path}, a link to {target}: that is outside the closure, and nothing of the building \
                     machine goes into an image; give the content with files.{path:?}",
                    entry.origin
                ),
            );
        }
    }
    Ok(())
}

fn warn_of_lost_links(
    tree: &Tree,
    contents: &Contents,
    store: Store<'_>,
    warnings: &mut Vec<String>,
) -> Result<()> {
    tree.visit(&mut |path, entry| {
        if let Node::Symlink(target) = &entry.node
            && let Followed::File { path: real, .. } = store.follow(Utf8Path::new(target))?
            && store
                .owner(real.as_str())
                .is_some_and(|owner| !contents.holds(&owner))
        {
            warnings.push(format!(
                "{path} leads to {real}, which a static image does not hold"
            ));
        }
        Ok(())
    })
}
