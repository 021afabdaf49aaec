//! A strict reader of image archives. What a runtime might stumble over fails the test that reads it.

use std::collections::BTreeMap;
use std::io::Read;

const BLOCK: usize = 512;

/// What an entry of an archive is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Directory,
    File(Vec<u8>),
    Link(Vec<u8>),
}

/// One entry of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// As it stands in the archive, without a slash at its end.
    pub(crate) path: Vec<u8>,
    pub(crate) kind: Kind,
    pub(crate) mode: u64,
    pub(crate) uid: u64,
    pub(crate) gid: u64,
    pub(crate) mtime: u64,
}

/// Decompresses by content, as runtimes do, to the last byte.
pub(crate) fn decompress(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    match bytes {
        [0x1f, 0x8b, ..] => flate2::read::MultiGzDecoder::new(bytes).read_to_end(&mut plain),
        [0xfd, b'7', b'z', ..] => {
            liblzma::read::XzDecoder::new_multi_decoder(bytes).read_to_end(&mut plain)
        }
        [0x28, 0xb5, 0x2f, 0xfd, ..] => zstd::Decoder::new(bytes).unwrap().read_to_end(&mut plain),
        mut bytes => bytes.read_to_end(&mut plain),
    }
    .unwrap();
    plain
}

/// Reads an uncompressed archive: ustar headers and pax records of single entries, then two zero blocks and no more.
pub(crate) fn read(mut bytes: &[u8]) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut records = BTreeMap::new();
    loop {
        let header = take(&mut bytes, BLOCK);
        if header.iter().all(|byte| *byte == 0) {
            assert_eq!(bytes, [0; BLOCK], "two zero blocks and nothing more");
            return entries;
        }
        check(header);
        let size = usize::try_from(number(&header[124..136])).unwrap();
        let content = take(&mut bytes, size).to_vec();
        let padding = take(&mut bytes, size.next_multiple_of(BLOCK) - size);
        assert!(padding.iter().all(|byte| *byte == 0));
        if header[156] == b'x' {
            records = pax(&content);
            continue;
        }
        entries.push(entry(header, content, &std::mem::take(&mut records)));
    }
}

fn entry(header: &[u8], content: Vec<u8>, records: &BTreeMap<Vec<u8>, Vec<u8>>) -> Entry {
    let mut path = match (text(&header[345..500]), text(&header[..100])) {
        ([], name) => name.to_vec(),
        (prefix, name) => [prefix, name].join(&b'/'),
    };
    if let Some(long) = records.get(b"path".as_slice()) {
        path.clone_from(long);
    }
    let link = records.get(b"linkpath".as_slice());
    let link = link.map_or_else(|| text(&header[157..257]).to_vec(), Clone::clone);
    let kind = match header[156] {
        b'0' => Kind::File(content),
        b'2' => Kind::Link(link),
        b'5' => {
            assert_eq!(path.pop(), Some(b'/'), "a directory's name ends so");
            Kind::Directory
        }
        other => panic!("type {:?} is not for every runtime", char::from(other)),
    };
    Entry {
        path,
        kind,
        mode: number(&header[100..108]),
        uid: number(&header[108..116]),
        gid: number(&header[116..124]),
        mtime: number(&header[136..148]),
    }
}

fn check(header: &[u8]) {
    assert_eq!(&header[257..265], b"ustar\x0000", "magic number of POSIX");
    let mut sum = 8 * u64::from(b' ');
    sum += header.iter().map(|byte| u64::from(*byte)).sum::<u64>();
    sum -= header[148..156]
        .iter()
        .map(|byte| u64::from(*byte))
        .sum::<u64>();
    assert_eq!(number(&header[148..156]), sum, "checksum");
    assert!(
        text(&header[265..297]).is_empty(),
        "no user name, which hosts would look up"
    );
    assert!(text(&header[297..329]).is_empty(), "no group name");
}

/// The records of a pax header; only those that a long name needs are right.
fn pax(mut content: &[u8]) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut records = BTreeMap::new();
    while let Some(blank) = content.iter().position(|byte| *byte == b' ') {
        let length: usize = String::from_utf8_lossy(&content[..blank]).parse().unwrap();
        let record = &take(&mut content, length)[blank + 1..];
        let (newline, record) = record.split_last().unwrap();
        assert_eq!(*newline, b'\n');
        let equals = record.iter().position(|byte| *byte == b'=').unwrap();
        let (key, value) = (&record[..equals], &record[equals + 1..]);
        let names = [b"path".as_slice(), b"linkpath"];
        assert!(names.contains(&key), "record {}", key.escape_ascii());
        records.insert(key.to_vec(), value.to_vec());
    }
    records
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> &'a [u8] {
    let (taken, rest) = bytes
        .split_at_checked(length)
        .expect("the archive is whole");
    *bytes = rest;
    taken
}

/// The bytes before the first NUL.
fn text(field: &[u8]) -> &[u8] {
    field.split(|byte| *byte == 0).next().unwrap()
}

/// Octal digits, or base 256 with the first bit set.
fn number(field: &[u8]) -> u64 {
    if field[0] & 0x80 != 0 {
        return field[1..]
            .iter()
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    }
    let digits = String::from_utf8_lossy(text(field));
    u64::from_str_radix(digits.trim(), 8).unwrap()
}
