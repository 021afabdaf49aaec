//! Headers: ustar's, and pax records where a name or a target does not fit into its fields.

use tar::{EntryType, Header};

use crate::pack::archive::Body;
use crate::tree::Attributes;

/// Every entry's time, in seconds since 1970: what Nix gives to every file of a store.
const MTIME: u64 = 1;

/// What an extended header is called; readers do not look at it.
const NAME_OF_EXTENDED: &[u8] = b"pax_header";

/// The header of an entry at `path` of an archive, and the pax records that have to stand before it.
pub(super) fn of(path: &str, kind: Body<'_>, attributes: Attributes) -> (Header, Vec<u8>) {
    let (entry_type, slash, target, size) = match kind {
        Body::Directory => (EntryType::Directory, "/", "", 0),
        Body::Symlink(target) => (EntryType::Symlink, "", target, 0),
        Body::File(size) => (EntryType::Regular, "", "", size),
    };
    let mut header = blank(entry_type, attributes, size);
    let mut records = Vec::new();
    set_name(&mut header, &format!("{path}{slash}"), &mut records);
    set_link(&mut header, target, &mut records);
    header.set_cksum();
    (header, records)
}

/// The header of the pax `records` of the entry that follows.
pub(super) fn of_records(records: &[u8]) -> Header {
    let mut header = blank(
        EntryType::XHeader,
        Attributes::root(0o644),
        records.len() as u64,
    );
    header.as_mut_bytes()[..NAME_OF_EXTENDED.len()].copy_from_slice(NAME_OF_EXTENDED);
    header.set_cksum();
    header
}

/// A header without a name.
fn blank(entry_type: EntryType, attributes: Attributes, size: u64) -> Header {
    let mut header = Header::new_ustar();
    header.set_entry_type(entry_type);
    header.set_mode(attributes.mode);
    header.set_uid(attributes.uid.into());
    header.set_gid(attributes.gid.into());
    header.set_mtime(MTIME);
    header.set_size(size);
    header
}

/// Puts `path` into the name fields, or a part of it there and all of it into a pax record.
fn set_name(header: &mut Header, path: &str, long: &mut Vec<u8>) {
    let (prefix, name) = split_name(path).unwrap_or_else(|| {
        long.extend(record("path", path));
        ("", truncated(path, 100))
    });
    if let Some(fields) = header.as_ustar_mut() {
        fields.name[..name.len()].copy_from_slice(name.as_bytes());
        fields.prefix[..prefix.len()].copy_from_slice(prefix.as_bytes());
    }
}

fn set_link(header: &mut Header, target: &str, long: &mut Vec<u8>) {
    if target.len() > 100 {
        long.extend(record("linkpath", target));
    }
    let short = truncated(target, 100);
    if let Some(fields) = header.as_ustar_mut() {
        fields.linkname[..short.len()].copy_from_slice(short.as_bytes());
    }
}

/// Splits a path at the first slash that leaves at most 155 bytes before and 100 behind it.
fn split_name(path: &str) -> Option<(&str, &str)> {
    if path.len() <= 100 {
        return Some(("", path));
    }
    let mut slashes = path.match_indices('/').map(|(at, _)| at);
    let at = slashes.find(|at| path.len() - at - 1 <= 100)?;
    (at <= 155 && at + 1 < path.len()).then(|| (&path[..at], &path[at + 1..]))
}

/// As much of `text` as `length` bytes hold, whole characters only.
fn truncated(text: &str, length: usize) -> &str {
    let mut end = text.len().min(length);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// A pax record, `LENGTH KEY=VALUE\n`, whose length counts its own digits.
fn record(key: &str, value: &str) -> Vec<u8> {
    let rest = key.len() + value.len() + 3;
    let mut length = rest;
    while rest + length.to_string().len() != length {
        length = rest + length.to_string().len();
    }
    format!("{length} {key}={value}\n").into_bytes()
}
