//! Archives that are changed in every way, against what another program makes of the same store paths.

use std::fs;
use std::io::Read;
use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;
use crate::face::oci::foreign::members::Members;
use crate::host::interrupt::Interrupt;
use sha2::{Digest as _, Sha256};
use tar::{EntryType, Header};

/// A member of an archive: its path in the store, what it is, and content or target.
type Made<'a> = (&'a str, EntryType, u32, &'a str);

const FILE: EntryType = EntryType::Regular;
const DIRECTORY: EntryType = EntryType::Directory;
const LINK: EntryType = EntryType::Symlink;

const TREE: [Made<'_>; 9] = [
    ("x-tree", DIRECTORY, 0o555, ""),
    ("x-tree/a", DIRECTORY, 0o555, ""),
    ("x-tree/a/program", FILE, 0o555, "#!/bin/sh\n"),
    ("x-tree/a/text", FILE, 0o444, "8 bytes."),
    ("x-tree/a-b", FILE, 0o444, ""),
    ("x-tree/a.b", LINK, 0o777, "a/text"),
    ("x-tree/b", DIRECTORY, 0o555, ""),
    ("y-file", FILE, 0o555, "seventeen bytes.."),
    ("z-link", LINK, 0o777, "/nix/store/y-file"),
];

/// What differs between what is in an archive of `members` and what is recorded of [`TREE`].
fn differ(members: &[Made<'_>]) -> Vec<String> {
    let mut archive = tar::Builder::new(Vec::new());
    for (path, kind, mode, content) in members {
        let mut header = Header::new_ustar();
        header.set_entry_type(*kind);
        header.set_mode(*mode);
        header.set_uid(0);
        header.set_gid(0);
        let path = format!("nix/store/{path}");
        if *kind == LINK {
            header.set_size(0);
            archive.append_link(&mut header, path, content).unwrap();
        } else {
            header.set_size(content.len() as u64);
            archive
                .append_data(&mut header, path, content.as_bytes())
                .unwrap();
        }
    }
    let archive = archive.into_inner().unwrap();
    let interrupt = Interrupt::listen().unwrap();
    let mut members = Members::new(&archive[..], &interrupt);
    let mut nars = Nars::new("", None);
    while let Some(member) = members.next().unwrap() {
        nars.take(&member, members.content()).unwrap();
    }
    nars.compare(&recorded(), false).unwrap()
}

/// What another program makes of the same store paths.
fn recorded() -> Vec<Recorded> {
    let temporary = tempfile::tempdir().unwrap();
    for (path, kind, mode, content) in TREE {
        let path = temporary.path().join(path);
        match kind {
            DIRECTORY => fs::create_dir(path).unwrap(),
            LINK => symlink(content, path).unwrap(),
            _ => {
                fs::write(&path, content).unwrap();
                fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            }
        }
    }
    ["x-tree", "y-file", "z-link"]
        .map(|name| {
            let mut nar = Vec::new();
            let mut encoder = nix_nar::Encoder::new(temporary.path().join(name)).unwrap();
            encoder.read_to_end(&mut nar).unwrap();
            Recorded {
                path: format!("/nix/store/{name}"),
                nar_hash: NarHash::from(Sha256::new_with_prefix(&nar)).to_string(),
                nar_size: nar.len() as u64,
            }
        })
        .into()
}

#[test]
fn a_nar_is_what_another_program_makes() {
    assert_eq!(differ(&TREE), [""; 0]);
}

#[test]
fn whatever_is_changed_is_told() {
    let with = |at: usize, member: Made<'static>| {
        let mut members = TREE;
        members[at] = member;
        members
    };
    for member in [
        ("x-tree/a/text", FILE, 0o444, "8 bytes!"),
        ("x-tree/a/text", FILE, 0o555, "8 bytes."),
        ("x-tree/a/text", LINK, 0o777, "8 bytes."),
        ("x-tree/a/txt", FILE, 0o444, "8 bytes."),
    ] {
        let told = differ(&with(3, member));
        assert!(
            told[0].starts_with("/nix/store/x-tree was changed"),
            "{told:?}"
        );
        assert_eq!(told.len(), 1);
    }
    for (at, member, expected) in [
        (
            8,
            ("z-link", LINK, 0o777, "/nix/store/y"),
            "z-link was changed",
        ),
        (
            7,
            ("y-file", FILE, 0o444, "seventeen bytes.."),
            "y-file was changed",
        ),
        (5, ("x-tree/0", LINK, 0o777, "a"), "not in the order"),
        (5, ("x-tree/c/d", LINK, 0o777, "a"), "not in the order"),
        (
            5,
            ("x-tree/c", EntryType::Fifo, 0o644, ""),
            "neither file nor",
        ),
    ] {
        let told = differ(&with(at, member));
        assert!(told.len() == 1 && told[0].contains(expected), "{told:?}");
    }
}

#[test]
fn what_is_added_or_left_out_is_told() {
    assert_eq!(differ(&TREE[..8]), ["/nix/store/z-link is not in it"]);
    let with = |member| [&TREE[..], &[member]].concat();
    assert_eq!(
        differ(&with(("zz-more", FILE, 0o444, ""))),
        ["zz-more is in it, and was not when it was built"]
    );
    // As thin images have them.
    assert_eq!(differ(&with(("zz-mount", DIRECTORY, 0o555, ""))), [""; 0]);
    for member in [
        ("x-tree/later", FILE, 0o444, ""),
        ("y-file/below", FILE, 0o444, ""),
    ] {
        let told = differ(&with(member));
        assert!(told[0].ends_with(": something was added to it"), "{told:?}");
    }
}

#[test]
fn what_is_in_several_layers_is_the_same_in_each() {
    let with = |more: &[Made<'static>]| differ(&[&TREE[..], more].concat());
    assert_eq!(with(&TREE), [""; 0]);
    assert_eq!(with(&[("x-tree", DIRECTORY, 0o555, "")]), [""; 0]);
    for more in [
        &[("y-file", FILE, 0o444, "seventeen bytes..")][..],
        &[
            ("x-tree", DIRECTORY, 0o555, ""),
            ("x-tree/a-b", FILE, 0o444, ""),
        ],
    ] {
        let told = with(more);
        assert!(
            told.len() == 1 && told[0].contains("was changed"),
            "{told:?}"
        );
    }
    assert_eq!(
        with(&[(".wh.y-file", FILE, 0o444, "")]),
        ["/nix/store/y-file is not in it"]
    );
    assert_eq!(with(&[(".wh..wh..opq", FILE, 0o444, "")]).len(), 3);
    let again = [&[(".wh..wh..opq", FILE, 0o444, "")], &TREE[..]].concat();
    assert_eq!(with(&again), [""; 0]);
}
