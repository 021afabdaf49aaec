//! The rules that every image keeps, each checked by other means than the program's own.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::actool::{self, Verdict};
use crate::archive::{Entry, Kind};
use crate::fixture::World;
use crate::image::Image;

/// What the store has at `path`, with the modes of a store: read independently of the program.
fn on_disk(path: &Path, found: &mut BTreeMap<Vec<u8>, (u64, Kind)>) {
    let metadata = fs::symlink_metadata(path).unwrap();
    let value = if metadata.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            on_disk(&entry.unwrap().path(), found);
        }
        (0o555, Kind::Directory)
    } else if metadata.is_file() {
        let executable = metadata.permissions().mode() & 0o100 != 0;
        let mode = if executable { 0o555 } else { 0o444 };
        (mode, Kind::File(fs::read(path).unwrap()))
    } else {
        let target = fs::read_link(path).unwrap();
        (0o777, Kind::Link(target.as_os_str().as_bytes().to_vec()))
    };
    let name = [b"rootfs", path.as_os_str().as_bytes()].concat();
    found.insert(name, value);
}

/// Sees that the image's store holds `paths` as the disk has them, and nothing else.
pub(crate) fn store_is(image: &Image, world: &World, paths: &[&str]) {
    let mut expected = BTreeMap::new();
    for path in paths {
        on_disk(Path::new(path), &mut expected);
    }
    let below = format!("rootfs{}/", world.store());
    let found: BTreeMap<_, _> = image
        .entries
        .iter()
        .filter(|entry| entry.path.starts_with(below.as_bytes()))
        .map(|entry| (entry.path.clone(), (entry.mode, entry.kind.clone())))
        .collect();
    assert_eq!(found, expected);
}

/// The rules of every archive, whatever is in it.
pub(crate) fn keeps_the_rules(entries: &[Entry]) {
    let top = |number: usize| entries.get(number).map(|entry| entry.path.as_slice());
    assert_eq!(
        top(0),
        Some(b"manifest".as_slice()),
        "the manifest comes first"
    );
    assert_eq!(top(1), Some(b"rootfs".as_slice()), "the root comes second");
    assert_eq!(entries[1].kind, Kind::Directory);
    for entry in &entries[2..] {
        assert!(
            entry.path.starts_with(b"rootfs/"),
            "{entry:?} is outside the root"
        );
    }
    let mut before: Vec<Vec<u8>> = Vec::new();
    for entry in entries {
        assert_eq!(entry.mtime, 1, "{entry:?}");
        let names: Vec<Vec<u8>> = entry
            .path
            .split(|byte| *byte == b'/')
            .map(<[u8]>::to_vec)
            .collect();
        assert!(
            names
                .iter()
                .all(|name| ![b"".as_slice(), b".", b".."].contains(&name.as_slice())),
            "{entry:?} has a component that leads nowhere"
        );
        // Compared name by name, this is the order of a walk that goes down first and takes names by their bytes.
        assert!(before < names, "{names:?} comes after {before:?}");
        before = names;
    }
    let directories: Vec<&[u8]> = entries
        .iter()
        .filter(|entry| entry.kind == Kind::Directory)
        .map(|entry| entry.path.as_slice())
        .collect();
    for entry in entries {
        if let Some(slash) = entry.path.iter().rposition(|byte| *byte == b'/') {
            let parent = &entry.path[..slash];
            assert!(directories.contains(&parent), "{entry:?} has no directory");
        }
    }
}

/// Lets the specification's own validator judge the image, where it is installed.
pub(crate) fn actool_accepts(image: &Image) {
    if actool::installed() {
        let (verdict, words) = actool::validate(&image.out.join(&image.aci));
        assert_eq!(verdict, Verdict::Ok, "{words}");
    }
}
