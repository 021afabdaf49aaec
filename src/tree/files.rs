//! `files`: what the user puts into the image.
//!
//! The user has precedence over packages: a file of the user's replaces a package's file or link, but a whole
//! directory is replaced only by a directory.

use anyhow::Result;
use camino::Utf8Path;

use crate::host::problem::Problems;
use crate::host::store::Store;
use crate::image::ImagePath;
use crate::image::path::{is_within, parent};
use crate::input::spec::FileSpec;
use crate::tree::copy::copy;
use crate::tree::descent::Walk;
use crate::tree::merge::Merge;
use crate::tree::{Attributes, Entry, Node, Origin};

/// Puts the entries of `files` into the tree.
pub fn put<'s>(
    merge: &mut Merge<'_>,
    store: Store<'_>,
    files: impl IntoIterator<Item = (&'s String, &'s FileSpec)>,
    problems: &mut Problems,
) -> Result<()> {
    let mut walk = Walk::default();
    for (path, file) in files {
        let argument = format!("files.{path:?}");
        let mode = mode(path, [file.uid, file.gid], file.mode.as_deref(), store);
        let Some(mode) = problems.check(&argument, mode) else {
            continue;
        };
        let owned = |default| Attributes {
            mode: mode.unwrap_or(default),
            uid: file.uid.unwrap_or(0),
            gid: file.gid.unwrap_or(0),
        };
        let given = (
            &file.text,
            &file.source,
            file.directory.unwrap_or(false),
            &file.symlink,
        );
        let entry = match given {
            (Some(text), None, false, None) => Entry {
                attributes: owned(0o644),
                ..Entry::text(text, Origin::Files)
            },
            (None, Some(source), false, None) => {
                let source = Utf8Path::new(source);
                match copy(source, store, &owned, mode.is_some(), walk.of_another()) {
                    Ok(entry) => entry,
                    Err(error) => {
                        problems.add(format!("{argument}.source"), format!("{error:#}"));
                        continue;
                    }
                }
            }
            (None, None, true, None) => Entry::directory(owned(0o755), Origin::Files),
            (None, None, false, Some(target)) if target.is_empty() || target.contains('\0') => {
                problems.add(
                    format!("{argument}.symlink"),
                    format!("{target:?} leads nowhere"),
                );
                continue;
            }
            (None, None, false, Some(target)) => Entry {
                attributes: Attributes {
                    mode: 0o777,
                    ..owned(0)
                },
                ..Entry::symlink(target, Origin::Files)
            },
            _ => {
                problems.add(
                    argument,
                    "needs exactly one of text, source, directory = true and symlink",
                );
                continue;
            }
        };
        lay(merge, path, entry, &argument, problems)?;
    }
    Ok(())
}

/// Puts `entry` at `path`; directories are merged into what is there.
fn lay(
    merge: &mut Merge<'_>,
    path: &str,
    entry: Entry,
    argument: &str,
    problems: &mut Problems,
) -> Result<()> {
    merge.make_real(parent(path))?;
    let there = merge.tree.get(path);
    // A link is replaced as it stands; only a directory goes into the directory that it leads to.
    let replaces = entry.children().is_none() && there.is_some_and(|e| e.children().is_none());
    let into_directory = !replaces && merge.make_real(path)?;
    if !into_directory {
        if let Err((obstacle, origin)) = merge.put(path, entry)? {
            problems.add(
                argument,
                format!(
                    "cannot go below {obstacle}, which {origin} brings and which is no directory"
                ),
            );
        }
        return Ok(());
    }
    let Node::Directory(children) = entry.node else {
        problems.add(
            argument,
            format!("would replace the whole directory {path}; name a path in it, or leave the directory out with pathsToLink"),
        );
        return Ok(());
    };
    if let Some(there) = merge.tree.get_mut(path) {
        there.attributes = entry.attributes;
        there.origin = entry.origin;
    }
    for (name, child) in children {
        lay(merge, &format!("{path}/{name}"), child, argument, problems)?;
    }
    Ok(())
}

/// Checks a path that the user gives for an entry of the image.
pub(crate) fn image_path(path: &str, store: Store<'_>) -> Result<(), String> {
    let store_dir = store.closure().store_dir().as_str();
    path.parse::<ImagePath>()
        .map_err(|fault| fault.to_string())?;
    if path == "/" {
        return Err("is the root of the image; name what lies below it".into());
    }
    if is_within(path, store_dir) {
        return Err(format!(
            "lies in {store_dir}, whose content is verified and shared; name a path outside it"
        ));
    }
    Ok(())
}

/// The mode that the user gives for `path`, if any; path and owner are checked with it.
pub(crate) fn mode(
    path: &str,
    owner: [Option<u32>; 2],
    mode: Option<&str>,
    store: Store<'_>,
) -> Result<Option<u32>, String> {
    image_path(path, store)?;
    owners(owner)?;
    octal(mode)
}

/// Checks numbers of a user and a group.
fn owners(numbers: [Option<u32>; 2]) -> Result<(), String> {
    if numbers.contains(&Some(u32::MAX)) {
        return Err(format!(
            "uid and gid are at most {}, since {} stands for no change of owner",
            u32::MAX - 1,
            u32::MAX
        ));
    }
    Ok(())
}

/// Reads octal permission bits.
fn octal(mode: Option<&str>) -> Result<Option<u32>, String> {
    let Some(mode) = mode else {
        return Ok(None);
    };
    let digits_only = (3..=4).contains(&mode.len()) && mode.bytes().all(|b| b.is_ascii_digit());
    u32::from_str_radix(mode, 8)
        .ok()
        .filter(|bits| digits_only && *bits <= 0o7777)
        .map(Some)
        .ok_or_else(|| {
            format!("mode {mode:?} is not three or four octal digits; write it as \"0644\"")
        })
}
