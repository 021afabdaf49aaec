//! Buffers: a **block** of the stream, or the member that it became.

use std::mem;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use super::locked;

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

/// A buffer that is filled, passed on and used again: it goes back by itself to where it came from.
pub(super) struct Block {
    bytes: Box<[u8]>,
    used: usize,
    home: Option<Arc<Buffers>>,
}

impl Block {
    /// An empty one that belongs to whoever makes it.
    pub(super) fn new() -> Self {
        Self {
            bytes: vec![0; ROOM].into_boxed_slice(),
            used: 0,
            home: None,
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

    /// Exchanges the content with that of `other`.
    pub(super) fn exchange(&mut self, other: &mut Self) {
        mem::swap(&mut self.bytes, &mut other.bytes);
        mem::swap(&mut self.used, &mut other.used);
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

impl Drop for Block {
    fn drop(&mut self) {
        if let Some(home) = self.home.take() {
            home.take_back(mem::take(&mut self.bytes));
        }
    }
}

/// A bounded number of buffers that go round.
pub(super) struct Buffers {
    stock: Mutex<Stock>,
    filled: Condvar,
}

struct Stock {
    free: Vec<Box<[u8]>>,
    /// How many more may be made.
    more: usize,
}

impl Buffers {
    /// At most so many, each made when it is needed first.
    pub(super) fn new(most: usize) -> Arc<Self> {
        let stock = Mutex::new(Stock {
            free: Vec::new(),
            more: most,
        });
        let filled = Condvar::new();
        Arc::new(Self { stock, filled })
    }

    /// An empty block. Waits until there is one.
    pub(super) fn block(self: &Arc<Self>) -> Block {
        let out = |stock: &mut Stock| stock.free.is_empty() && stock.more == 0;
        let stock = self.filled.wait_while(locked(&self.stock), out);
        let mut stock = stock.unwrap_or_else(PoisonError::into_inner);
        let bytes = stock.free.pop().unwrap_or_else(|| {
            stock.more -= 1;
            vec![0; ROOM].into_boxed_slice()
        });
        Block {
            bytes,
            used: 0,
            home: Some(Arc::clone(self)),
        }
    }

    fn take_back(&self, bytes: Box<[u8]>) {
        locked(&self.stock).free.push(bytes);
        self.filled.notify_one();
    }
}
