//! A hash beside a stream: made by the pool, so that who reads need not make it.

use std::io;
use std::sync::Arc;

use sha2::Digest;

use super::block::{BLOCK, Block};
use super::lane::Lane;
use super::pool::{Pool, Workers};

/// Fewer threads than these have enough to do, and less than so many bytes are hashed before another thread wakes up.
const THREADS: usize = 3;
const BYTES: u64 = 4 * BLOCK as u64;

/// The hash of what goes in, made here or by the pool.
pub(crate) enum Hash<D> {
    /// In the thread that feeds it.
    Here(D),
    /// By the pool.
    Aside(Aside<D>),
}

/// Blocks on their way into a hash.
pub(crate) struct Aside<D> {
    workers: Arc<Workers>,
    lane: Arc<Lane<D, Block>>,
    block: Option<Block>,
    count: u64,
}

impl<D: Digest + Send + 'static> Hash<D> {
    /// The hash of some `bytes`, made by `pool` where that is of use.
    pub(crate) fn new(pool: Option<&Pool>, bytes: u64) -> Self {
        let pool = pool.filter(|pool| pool.threads.get() >= THREADS && bytes >= BYTES);
        match pool.and_then(|pool| pool.workers.as_ref()) {
            None => Self::Here(D::new()),
            Some(workers) => Self::Aside(Aside {
                workers: Arc::clone(workers),
                lane: Arc::new(Lane::new(D::new())),
                block: None,
                count: 0,
            }),
        }
    }

    /// Takes the next bytes.
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Here(hash) => hash.update(bytes),
            Self::Aside(aside) => aside.update(bytes),
        }
    }

    /// The hash with all that was taken in it.
    pub(crate) fn finish(self) -> io::Result<D> {
        match self {
            Self::Here(hash) => Ok(hash),
            Self::Aside(mut aside) => {
                aside.push();
                let hash = aside.lane.end(aside.count);
                hash.ok_or_else(|| io::Error::other("a hash has stopped"))
            }
        }
    }
}

impl<D: Digest + Send + 'static> Aside<D> {
    fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let workers = &self.workers;
            let block = self.block.get_or_insert_with(|| workers.buffers.block());
            bytes = &bytes[block.fill(bytes)..];
            if block.is_full() {
                self.push();
            }
        }
    }

    fn push(&mut self) {
        let Some(block) = self.block.take() else {
            return;
        };
        let (lane, number) = (Arc::clone(&self.lane), self.count);
        self.count += 1;
        self.workers.first(move |_| {
            let hashed = lane.put(number, block, |hash, _, block| {
                hash.update(block.as_slice());
                Ok(())
            });
            if hashed.is_err() {
                lane.close();
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::compression::Compression;
    use sha2::Sha256;
    use std::num::NonZeroUsize;

    #[test]
    fn it_is_the_same_hash_wherever_it_is_made() {
        let bytes: Vec<u8> = (0..=250_u8).cycle().take(9 * BLOCK + 5).collect();
        for threads in [1, 2, 3, 7] {
            let threads = NonZeroUsize::new(threads).unwrap();
            let pool = Pool::start(Compression::None, threads, 1).unwrap();
            for length in [0, 1, BLOCK, BLOCK + 1, bytes.len()] {
                for expected in [0, BYTES] {
                    let mut hash = Hash::<Sha256>::new(Some(&pool), expected);
                    let aside = expected == BYTES && threads.get() >= THREADS;
                    assert_eq!(matches!(hash, Hash::Aside(_)), aside);
                    bytes[..length]
                        .chunks(1000)
                        .for_each(|piece| hash.update(piece));
                    let digest = hash.finish().unwrap().finalize();
                    assert_eq!(digest, Sha256::digest(&bytes[..length]));
                }
            }
        }
    }
}
