//! Buffers: a **block** of the stream, or the member that it became.

/// Bytes of the uncompressed stream in one block. A change here changes the bytes of every gzip image.
///
/// Each block starts without history, which costs some 1 % at 128 KiB, 0.3 % here and 0.1 % at 1 MiB; memory grows
/// in proportion, time is the same.
pub(crate) const BLOCK: usize = 512 << 10;

/// Raised whenever the same store paths come to other archives or other compressed bytes than before, so that no cache
/// gives those of an older version.
pub(super) const FORMAT: u32 = 1;

/// Bytes in a buffer: a block that does not compress gets a few more in 1000 and the frame of a member.
pub(super) const ROOM: usize = BLOCK + BLOCK / 256 + 64;

/// A buffer that is filled, passed on and used again.
pub(super) struct Block {
    bytes: Box<[u8]>,
    used: usize,
}

impl Block {
    /// An empty one.
    pub(super) fn new() -> Self {
        Self {
            bytes: vec![0; ROOM].into_boxed_slice(),
            used: 0,
        }
    }

    /// Appends as much of `bytes` as the block still takes, and returns how much that was.
    pub(super) fn fill(&mut self, bytes: &[u8]) -> usize {
        let count = bytes.len().min(BLOCK - self.used);
        let end = self.used + count;
        self.bytes[self.used..end].copy_from_slice(&bytes[..count]);
        self.used = end;
        count
    }

    /// Replaces the content by what `write` puts into the buffer; it returns how much that was.
    pub(super) fn replace<E>(
        &mut self,
        write: impl FnOnce(&mut [u8]) -> Result<usize, E>,
    ) -> Result<(), E> {
        self.used = write(&mut self.bytes)?;
        Ok(())
    }

    /// Replaces the content by `bytes`, which may be more than fits otherwise.
    pub(super) fn hold(&mut self, bytes: &[u8]) {
        if self.bytes.len() < bytes.len() {
            self.bytes = vec![0; bytes.len()].into_boxed_slice();
        }
        self.bytes[..bytes.len()].copy_from_slice(bytes);
        self.used = bytes.len();
    }

    pub(super) fn clear(&mut self) {
        self.used = 0;
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.used]
    }

    pub(super) fn is_empty(&self) -> bool {
        self.used == 0
    }

    pub(super) fn is_full(&self) -> bool {
        self.used == BLOCK
    }
}
