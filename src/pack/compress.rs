//! Compression and digest: one pass over the archive, on all the cores that are granted.
//!
//! A **block** is [`BLOCK`](block::BLOCK) bytes of the uncompressed stream; the last one is shorter. Blocks are cut by position alone
//! and compressed independently, so the output depends on the input and the `Compression`, never on the number of
//! threads, on how the stream was handed over in `write` calls, or on timing.
//!
//! - gzip: one member per block. Members may be strung together (RFC 1952, section 2.2), and every reader takes them
//!   as one file. A header has no time and no name.
//! - zstd: one frame per block, in the same way (RFC 8878, section 3.1).
//! - xz: one stream of many xz blocks, which liblzma compresses in parallel. It needs much memory by nature: see
//!   [`Xz`](crate::input::compression::Compression::Xz).
//! - none: the stream as it is.
//!
//! The digest of the uncompressed stream is made on the way: SHA-512 for the image ID of an App Container Image, SHA-256
//! for a layer of an OCI image. It is serial, and so is writing; but any thread of the pool does either when it is time:
//!
//! ```text
//! write ─ blocks ─ hash, in order ─ compress, as threads are free ─ write, in order
//! ```
//!
//! A second hash of what goes in, the NAR hash of a store path, is made in the same way where there are threads for it, so
//! that reading is no more than reading (`aside`).
//!
//! One pool serves all streams, so that the next layer begins while the last one drains. The number of buffers is
//! bounded and they go round, so memory does not grow with the stream or the number of streams: gzip stays below 3 MiB
//! for each thread plus 10 MiB; levels above 9 take 6 MiB more for each thread. With one thread everything happens
//! inside `write`, so that one granted core is one busy core.

mod aside;
mod block;
mod decoder;
mod encoder;
mod lane;
mod pool;
mod serial;
mod sink;
mod stream;
#[cfg(test)]
mod tests;

use std::io::{self, Write};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use sha2::digest::Output;
use sha2::{Digest, Sha512};

pub(crate) use aside::Hash;
use block::{BLOCK, Block, FORMAT};
pub(crate) use pool::{Pool, cannot_start};
use serial::Serial;
use sink::Sink;
use stream::Stream;

/// What decides which bytes a stream comes to, beside the stream and its compression: two versions that read the same
/// make the same archives of the same store paths.
pub(crate) fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        let lock = include_str!("../../Cargo.lock");
        let packages = lock.split("[[package]]").filter(|package| {
            ENCODERS
                .iter()
                .any(|name| package.contains(&format!("name = \"{name}\"\n")))
        });
        packages.fold(
            format!("format {FORMAT}, blocks of {BLOCK}"),
            |all, package| {
                let lines = package.lines().filter(|line| line.starts_with("version"));
                lines.fold(all, |all, line| format!("{all}, {line}"))
            },
        )
    });
    &VERSION
}

/// The packages whose code makes the bytes.
const ENCODERS: [&str; 3] = ["libdeflate-sys", "liblzma-sys", "zstd-sys"];

/// What a complete stream came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Summary<O = Output<Sha512>> {
    /// Digest of the uncompressed stream.
    pub digest: O,
    /// Bytes that were written to the compressor.
    pub uncompressed: u64,
    /// Bytes that the compressor wrote.
    pub compressed: u64,
}

/// Takes the uncompressed stream by [`Write`] and writes the compressed one.
///
/// An error of the output, or of a thread, is returned by the next `write` or by [`finish`](Self::finish), and again
/// by each call after that. `flush` does nothing, since it could only cut blocks. Without `finish` the output is
/// incomplete; dropping the compressor waits for nothing, and the pool does no more for it.
pub(crate) struct Compressor<W: Write, D: Digest = Sha512> {
    engine: Option<Engine<W, D>>,
    block: Option<Block>,
    uncompressed: u64,
    failure: Option<(io::ErrorKind, String)>,
}

enum Engine<W, D> {
    Serial(Box<Serial<W, D>>),
    Parallel(Stream<W, D>),
}

impl<W: Write + Send + 'static, D: Digest + Send + 'static> Engine<W, D> {
    fn block(&self) -> Block {
        match self {
            Self::Serial(_) => Block::new(),
            Self::Parallel(stream) => stream.block(),
        }
    }
}

impl<W: Write + Send + 'static, D: Digest + Send + 'static> Compressor<W, D> {
    /// A compressor that writes to `out` and has `pool` work for it.
    pub(crate) fn new(pool: &Pool, out: W) -> io::Result<Self> {
        let sink = Sink::new(pool.method, pool.threads, out)?;
        let engine = match &pool.workers {
            None => Engine::Serial(Box::new(Serial::new(pool.method, sink)?)),
            Some(workers) => Engine::Parallel(Stream::new(workers, sink)),
        };
        Ok(Self {
            engine: Some(engine),
            block: None,
            uncompressed: 0,
            failure: None,
        })
    }

    /// Compresses what is left, flushes the output and gives it back.
    pub(crate) fn finish(mut self) -> io::Result<(W, Summary<Output<D>>)> {
        // An empty stream still has one member, since no member at all is not a gzip file.
        if self.uncompressed == 0 {
            self.write_some(&[])?;
            self.push()?;
        } else if self.block.as_ref().is_some_and(|block| !block.is_empty()) {
            self.push()?;
        }
        let (digest, sink) = match self.engine.take() {
            Some(Engine::Serial(serial)) => serial.finish(),
            Some(Engine::Parallel(stream)) => stream.finish()?,
            None => return Err(self.failed_before()),
        };
        let (out, compressed) = sink.finish()?;
        let summary = Summary {
            digest,
            uncompressed: self.uncompressed,
            compressed,
        };
        Ok((out, summary))
    }

    /// Puts as much of `bytes` into the block as it takes.
    fn write_some(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(engine) = &self.engine else {
            return Err(self.failed_before());
        };
        let block = self.block.get_or_insert_with(|| engine.block());
        let taken = block.fill(bytes);
        self.uncompressed += taken as u64;
        Ok(taken)
    }

    /// Hands on the block, if there is one.
    fn push(&mut self) -> io::Result<()> {
        let Some(mut block) = self.block.take() else {
            return Ok(());
        };
        let pushed = match &mut self.engine {
            Some(Engine::Serial(serial)) => serial.push(&block).map(|()| {
                block.clear();
                self.block = Some(block);
            }),
            Some(Engine::Parallel(stream)) => stream.push(block),
            None => return Err(self.failed_before()),
        };
        if let Err(error) = &pushed {
            self.failure = Some((error.kind(), error.to_string()));
            self.engine = None;
        }
        pushed
    }

    fn failed_before(&self) -> io::Error {
        match &self.failure {
            Some((kind, message)) => io::Error::new(*kind, message.clone()),
            None => io::Error::other("the compressor has stopped"),
        }
    }
}

impl<W: Write + Send + 'static, D: Digest + Send + 'static> Write for Compressor<W, D> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.block.as_ref().is_some_and(Block::is_full) {
            self.push()?;
        }
        self.write_some(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The content of a mutex, under which nothing panics.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
