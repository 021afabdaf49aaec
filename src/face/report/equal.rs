//! Equal content: files that several store paths have, and that weigh more than once.

use std::collections::BTreeMap;
use std::fs::File as Opened;
use std::io::{self, Read};
use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::files::{self, File, Inside};
use crate::host::interrupt::Interrupt;

/// So many groups are told, those that waste most.
const TOLD: usize = 100;

/// So many contents of a group are told, the largest.
const CONTENTS: usize = 5;

/// So much of each file is compared first.
const BEGINNING: u64 = 4096;

/// Content that is in several store paths.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Equal {
    /// What the copies weigh without the first of each.
    pub(super) wasted: u64,
    /// How many contents are in several store paths.
    pub(super) contents: u64,
    /// By store paths that have the same, those first that waste most.
    pub(super) groups: Vec<Group>,
}

/// Store paths that have content in common.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Group {
    pub(super) store_paths: Vec<usize>,
    pub(super) wasted: u64,
    pub(super) contents: u64,
    /// The largest of the contents.
    pub(super) largest: Vec<Content>,
}

/// One content.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Content {
    pub(super) bytes: u64,
    /// A file of each store path.
    pub(super) files: Vec<String>,
    /// How many files have it.
    pub(super) copies: u64,
}

/// A file, and the number of its store path.
type Owned<'a> = (usize, &'a File);

/// Finds the content that several of `inside` have. Files whose size no other one has are not read.
pub(super) fn find(
    inside: &[(usize, Inside)],
    shown: impl Fn(usize, &Path) -> String,
    interrupt: &Interrupt,
) -> Result<Equal> {
    let mut by_size: BTreeMap<u64, Vec<Owned<'_>>> = BTreeMap::new();
    for (store_path, inside) in inside {
        let files = inside.files.iter().filter(|file| file.bytes > 0);
        for file in files {
            let alike = by_size.entry(file.bytes).or_default();
            alike.push((*store_path, file));
        }
    }
    // Most files of one size differ in their first bytes.
    let alike = parted(by_size.into_values().collect(), BEGINNING, interrupt)?;
    let equal = parted(alike, u64::MAX, interrupt)?;
    Ok(grouped(equal, shown))
}

/// Parts groups of files of one size by the first so many bytes. What no other store path has is left out.
fn parted<'a>(
    mut groups: Vec<Vec<Owned<'a>>>,
    bytes: u64,
    interrupt: &Interrupt,
) -> Result<Vec<Vec<Owned<'a>>>> {
    let is_shared = |files: &Vec<Owned<'_>>| files.iter().any(|(owner, _)| *owner != files[0].0);
    groups.retain(is_shared);
    let mut parted = Vec::new();
    let mut linked: Vec<(usize, Vec<Owned<'a>>)> = Vec::new();
    for (number, files) in groups.into_iter().enumerate() {
        let is_known = bytes > BEGINNING && files[0].1.bytes <= BEGINNING;
        let mut by_inode: BTreeMap<(u64, u64), Vec<Owned<'a>>> = BTreeMap::new();
        for (owner, file) in &files {
            by_inode.entry(file.inode).or_default().push((*owner, file));
        }
        // Links to one file have one content.
        if is_known || by_inode.len() == 1 {
            parted.push(files);
        } else {
            linked.extend(by_inode.into_values().map(|files| (number, files)));
        }
    }
    let hashes = files::in_parallel(linked.len(), |number| {
        interrupt.check()?;
        hash(&linked[number].1[0].1.path, bytes)
    })?;
    let mut by_content: BTreeMap<(usize, [u8; 32]), Vec<Owned<'a>>> = BTreeMap::new();
    for (hash, (number, files)) in hashes.into_iter().zip(linked) {
        by_content.entry((number, hash)).or_default().extend(files);
    }
    parted.extend(by_content.into_values().filter(is_shared));
    Ok(parted)
}

/// The hash of the first so many bytes of a file.
fn hash(path: &Path, bytes: u64) -> Result<[u8; 32]> {
    let mut hash = Sha256::new();
    Opened::open(path)
        .and_then(|file| io::copy(&mut file.take(bytes), &mut hash))
        .with_context(|| format!("reading {}", path.display()))?;
    Ok(hash.finalize().into())
}

/// What is told of files that are equal within each of `contents`.
fn grouped(contents: Vec<Vec<Owned<'_>>>, shown: impl Fn(usize, &Path) -> String) -> Equal {
    let mut equal = Equal::default();
    let mut groups: BTreeMap<Vec<usize>, Group> = BTreeMap::new();
    for mut files in contents {
        let bytes = files[0].1.bytes;
        files.sort_by(|(one, a), (other, b)| (one, &a.path).cmp(&(other, &b.path)));
        let copies = files.len() as u64;
        files.dedup_by_key(|(store_path, _)| *store_path);
        let store_paths: Vec<usize> = files.iter().map(|(store_path, _)| *store_path).collect();
        let wasted = bytes.saturating_mul(copies - 1);
        equal.wasted = equal.wasted.saturating_add(wasted);
        equal.contents += 1;
        let group = groups.entry(store_paths).or_insert_with_key(|paths| Group {
            store_paths: paths.clone(),
            wasted: 0,
            contents: 0,
            largest: Vec::new(),
        });
        group.wasted = group.wasted.saturating_add(wasted);
        group.contents += 1;
        let names = files.iter().map(|(owner, file)| shown(*owner, &file.path));
        group.largest.push(Content {
            bytes,
            files: names.collect(),
            copies,
        });
    }
    equal.groups = groups.into_values().collect();
    equal
        .groups
        .sort_by(|a, b| (b.wasted, &a.store_paths).cmp(&(a.wasted, &b.store_paths)));
    equal.groups.truncate(TOLD);
    for group in &mut equal.groups {
        group
            .largest
            .sort_by(|a, b| (b.bytes, &a.files).cmp(&(a.bytes, &b.files)));
        group.largest.truncate(CONTENTS);
    }
    equal
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn what_several_store_paths_have_is_wasted_but_for_once() {
        let temporary = tempfile::tempdir().unwrap();
        let at = |path: &str| temporary.path().join(path);
        for name in ["a", "b", "c"] {
            fs::create_dir(at(name)).unwrap();
        }
        for (path, text) in [
            ("a/x", "12345"),
            ("b/y", "12345"),
            ("b/z", "12345"),
            // Of the same size only.
            ("c/other", "54321"),
            // Twice in one store path alone, and empty.
            ("c/1", "own own"),
            ("c/2", "own own"),
            ("a/empty", ""),
            ("c/empty", ""),
        ] {
            fs::write(at(path), text).unwrap();
        }
        // What is larger than a beginning is compared to its end.
        for (path, end) in [
            ("a/long", "1"),
            ("b/long", "2"),
            ("b/whole", "3"),
            ("c/whole", "3"),
        ] {
            fs::write(at(path), "x".repeat(5000) + end).unwrap();
        }
        fs::hard_link(at("c/other"), at("a/linked")).unwrap();
        let interrupt = Interrupt::listen().unwrap();
        let tops = [at("a"), at("b"), at("c")];
        let tops: Vec<&Path> = tops.iter().map(AsRef::as_ref).collect();
        let inside = files::walk(&tops, &interrupt).unwrap();
        let inside: Vec<_> = inside.into_iter().enumerate().collect();
        let shown = |owner: usize, path: &Path| {
            files::shown(path.strip_prefix(tops[owner]).unwrap().as_os_str())
        };
        let group = |store_paths: [usize; 2], bytes, copies, names: [&str; 2]| Group {
            store_paths: store_paths.to_vec(),
            wasted: bytes * (copies - 1),
            contents: 1,
            largest: vec![Content {
                bytes,
                files: names.map(str::to_owned).to_vec(),
                copies,
            }],
        };
        assert_eq!(
            find(&inside, shown, &interrupt).unwrap(),
            Equal {
                wasted: 5016,
                contents: 3,
                groups: vec![
                    group([1, 2], 5001, 2, ["whole", "whole"]),
                    group([0, 1], 5, 3, ["x", "y"]),
                    group([0, 2], 5, 2, ["linked", "other"]),
                ],
            }
        );
    }
}
