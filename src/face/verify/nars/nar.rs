//! A NAR that is made to be hashed, text by text.

use std::io::Read;

use anyhow::{Result, ensure};
use sha2::{Digest as _, Sha256};

/// Content is read in pieces of this many bytes.
const PIECE: usize = 256 * 1024;

/// A NAR is made of texts that are filled up to a multiple of so many bytes.
const WORD: usize = 8;

/// A NAR in the making, or made.
#[derive(Default)]
pub(super) struct Nar {
    pub(super) hash: Sha256,
    pub(super) length: u64,
    /// Whether it is a directory without anything in it, such as what a thin image mounts a store path at.
    pub(super) is_empty: bool,
}

impl Nar {
    fn bytes(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.length += bytes.len() as u64;
    }

    /// Fills up after a text of this length.
    fn fill(&mut self, length: u64) {
        let filling = length.wrapping_neg() % WORD as u64;
        let zeros = [0; WORD];
        self.bytes(&zeros[..usize::try_from(filling).unwrap_or_default()]);
    }

    /// Writes a text.
    pub(super) fn text(&mut self, text: &[u8]) {
        let length = text.len() as u64;
        self.bytes(&length.to_le_bytes());
        self.bytes(text);
        self.fill(length);
    }

    /// Writes the content of a file of `size` bytes.
    pub(super) fn content(&mut self, size: u64, content: &mut impl Read) -> Result<()> {
        self.bytes(&size.to_le_bytes());
        let mut piece = vec![0; PIECE.min(usize::try_from(size).unwrap_or(PIECE).max(1))];
        let mut left = size;
        while left > 0 {
            let most = usize::try_from(left).unwrap_or(PIECE).min(piece.len());
            let length = content.read(&mut piece[..most])?;
            ensure!(
                length > 0,
                "it ends in the middle of a file: it is truncated"
            );
            self.bytes(&piece[..length]);
            left -= length as u64;
        }
        self.fill(size);
        Ok(())
    }
}
