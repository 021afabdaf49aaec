//! The encoder: makes the member of a block.
//!
//! A member is a gzip member or a zstd frame; either may be followed by another. None of them has the hash part of a
//! store path in it as it stands: Nix would take it for a reference. A compressor leaves bytes as they are where it
//! gains nothing, so such a block is cut until no part of it shows one.

use std::io;

use super::block::Block;
use crate::input::compression::Compression;
use crate::input::store_path::{BASE32, HASH_LENGTH};

/// A level as the libraries take it.
fn number(level: u32) -> io::Result<i32> {
    i32::try_from(level).map_err(io::Error::other)
}

/// Compresses block after block.
pub(super) enum Encoder {
    Gzip(libdeflater::Compressor),
    Zstd(Box<zstd::bulk::Compressor<'static>>),
}

impl Encoder {
    /// The encoder of a method; nothing where blocks pass as they are.
    pub(super) fn new(method: Compression) -> io::Result<Option<Self>> {
        Ok(match method {
            Compression::Gzip(level) => {
                let level = libdeflater::CompressionLvl::new(number(level)?);
                let level = level.map_err(|error| io::Error::other(format!("{error:?}")))?;
                Some(Self::Gzip(libdeflater::Compressor::new(level)))
            }
            Compression::Zstd(level) => {
                let compressor = zstd::bulk::Compressor::new(number(level)?)?;
                Some(Self::Zstd(Box::new(compressor)))
            }
            Compression::Xz(_) | Compression::None => None,
        })
    }

    /// Replaces the content of `member` by the compressed content of `block`.
    pub(super) fn compress(&mut self, block: &Block, member: &mut Block) -> io::Result<()> {
        member.replace(|room| self.encode(block.as_slice(), room))?;
        if has_hash_part(member.as_slice()) {
            let mut members = Vec::new();
            self.cut(block.as_slice(), &mut members)?;
            member.hold(&members);
        }
        Ok(())
    }

    /// Appends members of `bytes` in which no hash part stands.
    fn cut(&mut self, bytes: &[u8], members: &mut Vec<u8>) -> io::Result<()> {
        let start = members.len();
        members.resize(start + self.bound(bytes.len()), 0);
        let length = self.encode(bytes, &mut members[start..])?;
        members.truncate(start + length);
        // A frame around less than a hash part cannot make one of it.
        if bytes.len() < HASH_LENGTH || !has_hash_part(&members[start..]) {
            return Ok(());
        }
        members.truncate(start);
        let (before, behind) = bytes.split_at(bytes.len() / 2);
        self.cut(before, members)?;
        self.cut(behind, members)
    }

    fn encode(&mut self, bytes: &[u8], room: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Gzip(gzip) => gzip.gzip_compress(bytes, room).map_err(io::Error::other),
            Self::Zstd(zstd) => zstd.compress_to_buffer(bytes, room),
        }
    }

    /// The most bytes that a member of so many becomes.
    pub(super) fn bound(&mut self, length: usize) -> usize {
        match self {
            Self::Gzip(gzip) => gzip.gzip_compress_bound(length),
            Self::Zstd(_) => zstd::zstd_safe::compress_bound(length),
        }
    }
}

/// Whether Nix could take something in `bytes` for the hash part of a store path: so many of its characters in a row.
fn has_hash_part(bytes: &[u8]) -> bool {
    let mut from = 0;
    while let Some(window) = bytes.get(from..from + HASH_LENGTH) {
        match window.iter().rposition(|byte| !IN_HASH[usize::from(*byte)]) {
            Some(other) => from += other + 1,
            None => return true,
        }
    }
    false
}

/// Which bytes are characters of hash parts.
const IN_HASH: [bool; 256] = {
    let mut table = [false; 256];
    let mut at = 0;
    while at < BASE32.len() {
        table[BASE32.as_bytes()[at] as usize] = true;
        at += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "296cd2xlaw42d40kcvwl4zh79k1n19bf";

    #[test]
    fn hash_parts_are_seen_wherever_they_stand() {
        for (before, behind) in [(0, 0), (1, 0), (31, 5), (32, 1), (100, 100)] {
            let text = format!("{}{HASH}{}", "/".repeat(before), "-".repeat(behind));
            assert!(has_hash_part(text.as_bytes()), "{text}");
            let text = text.replace(HASH, &HASH.replace('w', "e"));
            assert!(!has_hash_part(text.as_bytes()), "{text}");
        }
        assert!(!has_hash_part(&HASH.as_bytes()[1..]));
        assert!(!has_hash_part(b""));
    }
}
