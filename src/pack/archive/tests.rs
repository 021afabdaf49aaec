use std::collections::BTreeMap;
use std::io::Read;

use proptest::prelude::*;
use tar::{EntryType, Header};

use super::*;

const ROOT: Attributes = Attributes::root(0o644);

fn begun() -> Archive<Vec<u8>> {
    let mut archive = Archive::image(Vec::new(), "{}").unwrap();
    archive.entry("", Body::Directory, ROOT).unwrap();
    archive
}

fn refused(archive: &mut Archive<Vec<u8>>, path: &str) -> String {
    let result = archive.header(path, Body::Directory, ROOT);
    result.unwrap_err().to_string()
}

#[test]
fn what_would_break_an_invariant_is_refused() {
    let mut archive = begun();
    archive.entry("/b", Body::Symlink("x"), ROOT).unwrap();
    for (path, why) in [
        ("rootfs/b", "twice"),
        ("rootfs/a", "out of order"),
        ("rootfs/b/c", "before its directory"),
        ("rootfs/x/y", "before its directory"),
        ("rootfs", "neither"),
        ("rootfsX", "neither"),
        ("manifest", "neither"),
        ("rootfs/c/..", "before its directory"),
        ("rootfs/b/..", "before its directory"),
        ("rootfs//c", "before its directory"),
        ("/rootfs/c", "before its directory"),
        ("rootfs/c/", "before its directory"),
        ("", "leads nowhere"),
    ] {
        let message = refused(&mut archive, path);
        assert!(message.contains(why), "{path}: {message}");
    }
}

#[test]
fn what_no_file_system_can_hold_is_refused() {
    let mut archive = begun();
    let long = "l".repeat(256);
    for (path, kind) in [
        ("/a\0b", Body::Directory),
        (&*format!("/{long}"), Body::File(0)),
        ("/a", Body::Symlink("")),
        ("/a", Body::Symlink("b\0c")),
        ("/a", Body::Symlink(&"t".repeat(4096))),
    ] {
        let refused = archive.entry(path, kind, ROOT).unwrap_err().to_string();
        assert!(!refused.contains('\0'), "{refused:?}");
    }
    archive.entry("/a", Body::Symlink("b"), ROOT).unwrap();
}

#[test]
fn the_root_of_a_layer_is_a_directory_and_ends_no_file() {
    let mut layer = Archive::layer(Vec::new());
    layer.entry("", Body::Directory, ROOT).unwrap();
    layer.entry("/a", Body::File(1), ROOT).unwrap();
    for kind in [Body::File(1), Body::Directory] {
        let refused = layer.entry("", kind, ROOT).unwrap_err();
        assert!(refused.to_string().contains("shrank"), "{refused}");
    }
    layer.content(b"1").unwrap();
    let refused = layer.entry("", Body::File(1), ROOT).unwrap_err();
    assert!(refused.to_string().contains("leads nowhere"), "{refused}");
}

#[test]
fn a_file_has_the_size_that_its_header_says() {
    let mut archive = begun();
    archive.entry("/a", Body::File(3), ROOT).unwrap();
    assert!(
        archive
            .content(b"1234")
            .unwrap_err()
            .to_string()
            .contains("grew")
    );
    archive.content(b"12").unwrap();
    assert!(refused(&mut archive, "rootfs/b").contains("shrank"));
    assert!(archive.finish().unwrap_err().to_string().contains("shrank"));
}

#[test]
fn the_stream_ends_with_two_zero_blocks_and_nothing_more() {
    let bytes = begun().finish().unwrap();
    assert_eq!(bytes.len(), 512 * 5);
    assert!(bytes[512 * 3..].iter().all(|byte| *byte == 0));
}

#[test]
fn numbers_that_octal_digits_cannot_hold_are_kept() {
    let mut archive = begun();
    let attributes = Attributes {
        mode: 0o4755,
        uid: 3_000_000_000,
        gid: 4_000_000,
    };
    archive
        .entry("/a", Body::File(9 << 30), attributes)
        .unwrap();
    let header = Header::from_byte_slice(&archive.out[512 * 3..512 * 4]);
    assert_eq!(header.size().unwrap(), 9 << 30);
    assert_eq!(header.uid().unwrap(), 3_000_000_000);
    assert_eq!(header.gid().unwrap(), 4_000_000);
    assert_eq!(header.mode().unwrap(), 0o4755);
}

proptest! {
    /// Whatever the names and targets, a reader gets them back. (The reader of this crate ends a pax value at its
    /// first newline, so long targets come without.)
    #[test]
    fn names_and_targets_survive(
        names in prop::collection::btree_map("[^/\0]{1,80}([é\t \\\\]{1,60})?", "[^\0\n]{1,300}|[^\0]{1,25}", 1..8),
        depth in 0_usize..6,
    ) {
        let mut archive = begun();
        let mut directory = String::new();
        for level in 0..depth {
            directory = format!("{directory}/{}{level}", "d".repeat(40));
            archive.entry(&directory, Body::Directory, ROOT).unwrap();
        }
        let names: BTreeMap<_, _> = names
            .into_iter()
            .filter(|(name, _)| name != "." && name != ".." && !name.contains('\n'))
            .collect();
        for (name, target) in &names {
            archive.entry(&format!("{directory}/{name}"), Body::Symlink(target), ROOT).unwrap();
        }
        let bytes = archive.finish().unwrap();
        let mut reader = tar::Archive::new(bytes.as_slice());
        let read: BTreeMap<_, _> = reader.entries().unwrap().map(Result::unwrap)
            .filter(|entry| entry.header().entry_type() == EntryType::Symlink)
            .map(|entry| {
                let path = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
                let target = entry.link_name_bytes().unwrap().into_owned();
                (path, String::from_utf8(target).unwrap())
            })
            .collect();
        let expected: BTreeMap<_, _> = names.into_iter()
            .map(|(name, target)| (format!("rootfs{directory}/{name}"), target))
            .collect();
        prop_assert_eq!(read, expected);
    }
}

#[test]
fn contents_are_padded_to_blocks() {
    let mut archive = begun();
    for (name, size) in [("a", 0), ("b", 1), ("c", 511), ("d", 512), ("e", 513)] {
        let content = vec![b'x'; size];
        archive
            .entry(&format!("/{name}"), Body::File(size as u64), ROOT)
            .unwrap();
        archive.content(&content).unwrap();
    }
    let bytes = archive.finish().unwrap();
    let mut sizes = Vec::new();
    for entry in tar::Archive::new(bytes.as_slice()).entries().unwrap() {
        let mut content = Vec::new();
        sizes.push(entry.unwrap().read_to_end(&mut content).unwrap());
    }
    assert_eq!(sizes, [2, 0, 0, 1, 511, 512, 513]);
}
