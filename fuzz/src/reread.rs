//! Rereading: a finished archive, taken apart by another reader than what wrote it, with the rules that hold for all.

use std::collections::BTreeMap;
use std::io::Read;

use tar::EntryType;

const BLOCK: usize = 512;

/// One entry as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub kind: Kind,
    pub mode: u32,
    pub uid: u64,
    pub gid: u64,
}

/// What an entry is, and its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    Directory,
    Symlink(String),
    File(Vec<u8>),
}

/// The entries of an archive by their paths, checked: none stands twice, none below what is not a directory written
/// before it, none has a component that leads elsewhere, and two zero blocks end it all.
pub fn entries(bytes: &[u8]) -> BTreeMap<String, Found> {
    assert_eq!(bytes.len() % BLOCK, 0, "whole blocks");
    let zeros = bytes
        .rchunks(BLOCK)
        .take_while(|block| block.iter().all(|byte| *byte == 0));
    assert!(zeros.count() >= 2, "two zero blocks at the end");

    let mut found = BTreeMap::new();
    let mut extended = BTreeMap::new();
    let mut reader = tar::Archive::new(bytes);
    let mut end = 0;
    for entry in reader.entries().expect("an archive").raw(true) {
        let mut entry = entry.expect("an entry");
        let header = entry.header();
        assert_eq!(header.mtime().expect("a time"), 1);
        let (kind, mode) = (header.entry_type(), header.mode().expect("a mode"));
        let (uid, gid) = (
            header.uid().expect("an owner"),
            header.gid().expect("a group"),
        );
        let path = text(&header.path_bytes());
        let link = header.link_name_bytes().map(|link| text(&link));
        let mut content = Vec::new();
        entry.read_to_end(&mut content).expect("the content");
        end = usize::try_from(entry.raw_file_position()).expect("a small archive") + content.len();
        if kind == EntryType::XHeader {
            extended = records(&content);
            continue;
        }
        let path = extended.remove("path").unwrap_or(path);
        let link = extended.remove("linkpath").or(link);
        assert!(extended.is_empty(), "no other records");
        let kind = match kind {
            EntryType::Directory => Kind::Directory,
            EntryType::Symlink => Kind::Symlink(link.expect("a target")),
            EntryType::Regular => Kind::File(content),
            other => panic!("{path} is of the kind {other:?}"),
        };
        let path = match kind {
            Kind::Directory => path.strip_suffix('/').expect("a slash").to_owned(),
            _ => path,
        };
        check_place(&path, &found);
        let before = found.insert(
            path.clone(),
            Found {
                kind,
                mode,
                uid,
                gid,
            },
        );
        assert!(before.is_none(), "{path:?} stands twice");
    }
    let end = end.next_multiple_of(BLOCK) + 2 * BLOCK;
    assert_eq!(bytes.len(), end, "nothing but two zero blocks at the end");
    found
}

fn check_place(path: &str, found: &BTreeMap<String, Found>) {
    for name in path.split('/') {
        assert!(!matches!(name, "" | "." | ".."), "{path:?} leads elsewhere");
        assert!(
            !name.contains('\0') && name.len() <= 255,
            "{path:?} cannot be made"
        );
    }
    if let Some((parent, _)) = path.rsplit_once('/') {
        let parent = found.get(parent).map(|found| &found.kind);
        assert_eq!(parent, Some(&Kind::Directory), "{path:?} has no directory");
    }
}

/// The records of an extended header, by the lengths that they begin with.
fn records(mut rest: &[u8]) -> BTreeMap<String, String> {
    let mut records = BTreeMap::new();
    while !rest.is_empty() {
        let blank = rest
            .iter()
            .position(|byte| *byte == b' ')
            .expect("a length");
        let length: usize = text(&rest[..blank]).parse().expect("a length");
        let record = text(&rest[blank + 1..length]);
        let (key, value) = record.split_once('=').expect("a value");
        let value = value.strip_suffix('\n').expect("a line break");
        records.insert(key.to_owned(), value.to_owned());
        rest = &rest[length..];
    }
    records
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}
