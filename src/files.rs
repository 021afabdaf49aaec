//! `files` and `perms`: what the user puts into the image, and what the user changes in it.
//!
//! The user has precedence over packages: a file of the user's replaces a package's file or link, but a whole
//! directory is replaced only by a directory.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use crate::merge::{DEPTH, Merge, TIMES, is_within};
use crate::problem::Problems;
use crate::resolve::Image;
use crate::spec::{FileSpec, Perms};
use crate::store::{self, Followed, Seen, Store};
use crate::store_path::is_clean;
use crate::tree::{Attributes, Entry, Node, Origin, Source};

/// Puts the entries of `files` into the tree.
pub fn put<'s>(
    merge: &mut Merge<'_>,
    store: Store<'_>,
    files: impl IntoIterator<Item = (&'s String, &'s FileSpec)>,
    problems: &mut Problems,
) -> Result<()> {
    for (path, file) in files {
        let argument = format!("files.{path:?}");
        let checked = image_path(path, store).and_then(|()| octal(file.mode.as_deref()));
        let Some(mode) = problems.check(&argument, checked) else {
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
                match copy(source, store, &owned, mode.is_some()) {
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
    let into_directory = merge.make_real(path)?;
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

/// A copy of what is at `source` in the store, links that leave it followed inside the closure.
fn copy(
    source: &Utf8Path,
    store: Store<'_>,
    owned: &impl Fn(u32) -> Attributes,
    has_mode: bool,
) -> Result<Entry> {
    let node_at = |entry| Entry {
        node: entry,
        attributes: owned(0o755),
        origin: Origin::Files,
    };
    match store.follow(source)? {
        Followed::File {
            path,
            executable,
            size,
        } => Ok(Entry {
            attributes: owned(if executable { 0o755 } else { 0o644 }),
            ..node_at(Node::File(Source::Store { path, size }))
        }),
        Followed::Directory(_) if has_mode => anyhow::bail!(
            "{source} is a directory, for whose content one mode cannot be right; set modes with perms"
        ),
        Followed::Directory(directory) => {
            let mut root = node_at(Node::Directory(BTreeMap::new()));
            let mut copy = Copy {
                store,
                owned,
                root: &directory,
                above: Vec::new(),
                copied: BTreeMap::new(),
            };
            copy.directory(&directory, true, &mut root)?;
            Ok(root)
        }
        Followed::Missing(path) => anyhow::bail!("{path} is not there"),
        Followed::Outside(path) => anyhow::bail!(
            "leads to {path}, outside the closure; give a path of the store, or a path literal such as ./file, \
             which Nix copies there"
        ),
        Followed::Loop => anyhow::bail!("{source} is a link that leads to itself"),
    }
}

/// A directory of the store on its way into the tree.
struct Copy<'c, F> {
    store: Store<'c>,
    owned: &'c F,
    /// The directory that was asked for.
    root: &'c Utf8Path,
    /// The directories above the one that is read: a link back to one of them would never end.
    above: Vec<Utf8PathBuf>,
    /// How often each directory was copied.
    copied: BTreeMap<Utf8PathBuf, usize>,
}

impl<F: Fn(u32) -> Attributes> Copy<'_, F> {
    /// Copies what is in `directory`. `in_place` is whether it was reached without a link, so that a relative link in
    /// it leads to the same thing in the copy.
    fn directory(&mut self, directory: &Utf8Path, in_place: bool, into: &mut Entry) -> Result<()> {
        let Node::Directory(children) = &mut into.node else {
            return Ok(());
        };
        ensure!(
            !self.above.iter().any(|above| above == directory),
            "{} has a link that leads back to {directory}, a directory above it; it has no end",
            self.root
        );
        ensure!(
            self.above.len() < DEPTH,
            "{directory} lies {DEPTH} directories deep"
        );
        let times = self.copied.entry(directory.to_owned()).or_default();
        *times += 1;
        ensure!(
            *times <= TIMES,
            "{} has links that lead to {directory} more than {TIMES} times",
            self.root
        );
        self.above.push(directory.to_owned());
        for name in store::list(directory)? {
            let path = directory.join(&name);
            let seen = store::look(&path)?;
            let entry = match &seen {
                Seen::Symlink(target) if in_place && stays_in(&path, target, self.root) => {
                    Entry::symlink(target, Origin::Files)
                }
                _ => match self.store.follow(&path)? {
                    Followed::Directory(real) => {
                        let mut child = Entry::directory((self.owned)(0o755), Origin::Files);
                        let in_place = in_place && seen == Seen::Directory;
                        self.directory(&real, in_place, &mut child)?;
                        child
                    }
                    _ => copy(&path, self.store, self.owned, false)?,
                },
            };
            children.insert(name, entry);
        }
        self.above.pop();
        Ok(())
    }
}

/// Whether a relative link at `path` leads to something in the same tree, so that it can be copied as it is.
fn stays_in(path: &Utf8Path, target: &str, root: &Utf8Path) -> bool {
    let Ok(below) = path.strip_prefix(root) else {
        return false;
    };
    if target.starts_with('/') {
        return false;
    }
    let mut depth = below.components().count().saturating_sub(1);
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." if depth == 0 => return false,
            ".." => depth -= 1,
            _ => depth += 1,
        }
    }
    true
}

/// Changes owner and mode of what the tree has.
pub fn change<'s>(
    merge: &mut Merge<'_>,
    store: Store<'_>,
    perms: impl IntoIterator<Item = (&'s String, &'s Perms)>,
    problems: &mut Problems,
) -> Result<()> {
    for (path, wanted) in perms {
        let argument = format!("perms.{path:?}");
        let checked = image_path(path, store).and_then(|()| octal(wanted.mode.as_deref()));
        let Some(mode) = problems.check(&argument, checked) else {
            continue;
        };
        merge.make_real(path)?;
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        merge.make_real(parent)?;
        let Some(entry) = merge.tree.get_mut(path) else {
            let hint = match Image::new(&merge.tree).did_you_mean(path) {
                none if none.is_empty() => {
                    "; a path of the merged root is meant, such as /bin/ping".to_owned()
                }
                hint => hint,
            };
            problems.add(&argument, format!("the image has no such path{hint}"));
            continue;
        };
        if let Some(error) = materialise(entry, store)? {
            problems.add(&argument, error);
            continue;
        }
        apply(entry, wanted, mode, store)?;
    }
    Ok(())
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

fn apply(entry: &mut Entry, wanted: &Perms, mode: Option<u32>, store: Store<'_>) -> Result<()> {
    let attributes = &mut entry.attributes;
    attributes.mode = mode.unwrap_or(attributes.mode);
    attributes.uid = wanted.uid.unwrap_or(attributes.uid);
    attributes.gid = wanted.gid.unwrap_or(attributes.gid);
    if let (Node::Directory(children), Some(true)) = (&mut entry.node, wanted.recursive) {
        for child in children.values_mut() {
            // Below a directory, links that lead to no file of a package stay as they are.
            if materialise(child, store)?.is_none() {
                apply(child, wanted, mode, store)?;
            }
        }
    }
    Ok(())
}

/// Checks a path that the user gives for an entry of the image.
pub(crate) fn image_path(path: &str, store: Store<'_>) -> Result<(), String> {
    let store_dir = store.closure().store_dir().as_str();
    if path.len() < 2 || !path.starts_with('/') || !is_clean(path) || path.contains('\0') {
        return Err(
            "is not an absolute, clean path of the image; write it as \"/etc/app.conf\"".into(),
        );
    }
    if path.split('/').any(|name| name.len() > 255) || path.len() > 4000 {
        return Err("is longer than file systems take (255 bytes a name, 4000 in all)".into());
    }
    if is_within(path, store_dir) {
        return Err(format!(
            "lies in {store_dir}, whose content is verified and shared; name a path outside it"
        ));
    }
    Ok(())
}

/// Reads octal permission bits.
fn octal(mode: Option<&str>) -> Result<Option<u32>, String> {
    let Some(mode) = mode else {
        return Ok(None);
    };
    let digits_only = (3..=5).contains(&mode.len()) && mode.bytes().all(|b| b.is_ascii_digit());
    u32::from_str_radix(mode, 8)
        .ok()
        .filter(|bits| digits_only && *bits <= 0o7777)
        .map(Some)
        .ok_or_else(|| {
            format!("mode {mode:?} is not three or four octal digits; write it as \"0644\"")
        })
}
