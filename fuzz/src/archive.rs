//! The archive: whatever is put in, it is refused, or it is there afterwards and the archive is sound.

use std::collections::BTreeMap;

use nix2aci::pack::archive::{Archive, Body};
use nix2aci::tree::Attributes;

use super::choices::Choices;
use super::reread::{self, Found};

const NAMES: [&str; 14] = [
    "a", "b", "c", "a-b", "rootfs", "manifest", "", ".", "..", "n\0l", "l\nf", "é", "\\", "%2e",
];

/// Entries in any order, as an archive takes or refuses them.
pub fn archive(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let mut expected = BTreeMap::new();
    let is_image = choices.byte().is_multiple_of(2);
    let mut archive = if is_image {
        let manifest = Found {
            kind: reread::Kind::File(b"{}".to_vec()),
            mode: 0o644,
            uid: 0,
            gid: 0,
        };
        expected.insert("manifest".to_owned(), manifest);
        Archive::image(Vec::new(), "{}").expect("an archive")
    } else {
        Archive::layer(Vec::new())
    };
    while choices.are_left() {
        let path = path(&mut choices);
        let attributes = Attributes {
            mode: u32::from(choices.byte()) << choices.below(5),
            uid: u32::from(choices.byte()).pow(4),
            gid: u32::from(choices.byte()).pow(3),
        };
        let target = name(&mut choices);
        let content = vec![choices.byte(); choices.below(256) * choices.below(8)];
        // A file may have grown, shrunk or changed since its size was read.
        let surplus = usize::from(choices.rarely(64));
        let missing = usize::from(choices.rarely(64)).min(content.len());
        let given = [&content[missing..], &vec![0; surplus]].concat();
        let (kind, mut read) = match choices.below(3) {
            0 => (Body::Directory, reread::Kind::Directory),
            1 => (
                Body::Symlink(&target),
                reread::Kind::Symlink(target.clone()),
            ),
            _ => (
                Body::File(content.len() as u64),
                reread::Kind::File(Vec::new()),
            ),
        };
        if archive.entry(&path, kind, attributes).is_err() {
            continue;
        }
        if let reread::Kind::File(taken) = &mut read {
            let (first, second) = given.split_at(choices.below(given.len() + 1));
            for part in [first, second] {
                if archive.content(part).is_ok() {
                    taken.extend(part);
                }
            }
        }
        let inside = path.strip_prefix('/').unwrap_or(&path);
        let path = match (is_image, path.as_str()) {
            (false, "") => continue,
            (false, _) => inside.to_owned(),
            (true, _) => format!("rootfs{path}"),
        };
        let found = Found {
            kind: read,
            mode: attributes.mode,
            uid: attributes.uid.into(),
            gid: attributes.gid.into(),
        };
        assert!(
            expected.insert(path.clone(), found).is_none(),
            "{path:?} was taken twice"
        );
    }
    if let Ok(bytes) = archive.finish() {
        assert_eq!(reread::entries(&bytes), expected);
    }
}

fn path(choices: &mut Choices<'_>) -> String {
    let depth = choices.below(5);
    let mut path = String::new();
    for at in 0..depth {
        if at > 0 || !choices.rarely(16) {
            path.push('/');
        }
        path.push_str(&name(choices));
    }
    path
}

fn name(choices: &mut Choices<'_>) -> String {
    let name = choices.pick(&NAMES);
    if choices.rarely(8) {
        name.repeat(choices.below(300))
    } else {
        name.to_owned()
    }
}
