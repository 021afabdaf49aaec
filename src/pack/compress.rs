//! Compression and digest: one pass over the archive, on all the cores that are granted.
//!
//! A **block** is [`BLOCK`](block::BLOCK) bytes of the uncompressed stream; the last one is shorter. Blocks are cut by position alone
//! and compressed independently, so the output depends on the input and the [`Compression`], never on the number of
//! threads, on how the stream was handed over in `write` calls, or on timing.
//!
//! - gzip: one member per block. Members may be strung together (RFC 1952, section 2.2), and every reader takes them
//!   as one file. A header has no time and no name.
//! - zstd: one frame per block, in the same way (RFC 8878, section 3.1).
//! - xz: one stream of many xz blocks, which liblzma compresses in parallel. It needs much memory by nature: see
//!   [`Compression::Xz`].
//! - none: the stream as it is.
//!
//! The digest of the uncompressed stream is made on the way: SHA-512 for the image ID of an App Container Image, SHA-256
//! for a layer of an OCI image. It is serial, so it has a thread of its own:
//!
//! ```text
//! write ─ blocks ─┬─ hash thread                        one
//!                 ├─ workers: block → member            as many as threads
//!                 └─ writer: in order → out             one
//! ```
//!
//! Queues are bounded and buffers go round, so memory does not grow with the stream: gzip stays below 3 MiB for each
//! thread plus 10 MiB; levels above 9 take 6 MiB more for each thread. With one thread everything happens inside
//! `write`, so that one granted core is one busy core.

mod block;
mod decoder;
mod encoder;
mod pipeline;
mod serial;
mod sink;
#[cfg(test)]
mod tests;

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::sync::LazyLock;

use crate::input::compression::Compression;
use block::{BLOCK, Block, FORMAT};
use pipeline::Pipeline;
use serial::Serial;
use sha2::digest::Output;
use sha2::{Digest, Sha512};
use sink::Sink;

/// What decides which bytes a stream comes to, beside the stream and its [`Compression`]: two versions that read the
/// same make the same archives of the same store paths.
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
/// incomplete; dropping the compressor waits for nothing, and its threads end by themselves.
pub(crate) struct Compressor<W, D: Digest = Sha512> {
    engine: Option<Engine<W, D>>,
    block: Block,
    uncompressed: u64,
    failure: Option<(io::ErrorKind, String)>,
}

enum Engine<W, D: Digest> {
    Serial(Box<Serial<W, D>>),
    Parallel(Pipeline<W, D>),
}

impl<W: Write + Send + 'static, D: Digest + Send + 'static> Compressor<W, D> {
    /// A compressor that writes to `out` and keeps `threads` cores busy.
    pub(crate) fn new(method: Compression, threads: NonZeroUsize, out: W) -> io::Result<Self> {
        let sink = Sink::new(method, threads, out)?;
        let engine = if threads.get() == 1 {
            Engine::Serial(Box::new(Serial::new(method, sink)?))
        } else {
            Engine::Parallel(Pipeline::start(method, threads.get(), sink)?)
        };
        Ok(Self {
            engine: Some(engine),
            block: Block::new(),
            uncompressed: 0,
            failure: None,
        })
    }

    /// Compresses what is left, flushes the output and gives it back.
    pub(crate) fn finish(mut self) -> io::Result<(W, Summary<Output<D>>)> {
        // An empty stream still has one member, since no member at all is not a gzip file.
        if self.uncompressed == 0 || !self.block.is_empty() {
            self.push()?;
        }
        let (digest, sink) = match self.engine.take() {
            Some(Engine::Serial(serial)) => serial.finish(),
            Some(Engine::Parallel(mut pipeline)) => pipeline.finish()?,
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

    fn push(&mut self) -> io::Result<()> {
        let pushed = match &mut self.engine {
            Some(Engine::Serial(serial)) => serial.push(&mut self.block),
            Some(Engine::Parallel(pipeline)) => pipeline.push(&mut self.block),
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
        if self.engine.is_none() {
            return Err(self.failed_before());
        }
        if self.block.is_full() {
            self.push()?;
        }
        let taken = self.block.fill(bytes);
        self.uncompressed += taken as u64;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
