//! The end of the way: counts what is written to the output, and makes the xz stream.

use std::io::{self, Write};
use std::num::NonZeroUsize;

use liblzma::stream::{Action, Check, MtStreamBuilder, Status, Stream};

use crate::input::compression::Compression;

/// Takes members or blocks, in order.
pub(super) struct Sink<W> {
    out: W,
    written: u64,
    xz: Option<Xz>,
}

struct Xz {
    stream: Stream,
    buffer: Vec<u8>,
}

/// Bytes that are collected before they are written.
const BUFFER: usize = 64 << 10;

impl<W: Write> Sink<W> {
    pub(super) fn new(method: Compression, threads: NonZeroUsize, out: W) -> io::Result<Self> {
        let xz = match method {
            Compression::Xz(level) => Some(Xz::new(level, threads)?),
            Compression::Gzip(_) | Compression::Zstd(_) | Compression::None => None,
        };
        Ok(Self {
            out,
            written: 0,
            xz,
        })
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Self { out, written, xz } = self;
        let Some(xz) = xz else {
            out.write_all(bytes)?;
            *written += bytes.len() as u64;
            return Ok(());
        };
        let mut rest = bytes;
        while !rest.is_empty() {
            let before = xz.stream.total_in();
            xz.stream.process_vec(rest, &mut xz.buffer, Action::Run)?;
            let taken = usize::try_from(xz.stream.total_in() - before).unwrap_or(rest.len());
            rest = &rest[taken..];
            xz.drain(out, written)?;
        }
        Ok(())
    }

    /// Writes the end of the stream and flushes; returns the output and how much was written to it.
    pub(super) fn finish(mut self) -> io::Result<(W, u64)> {
        if let Some(xz) = &mut self.xz {
            loop {
                let status = xz.stream.process_vec(&[], &mut xz.buffer, Action::Finish)?;
                xz.drain(&mut self.out, &mut self.written)?;
                if status == Status::StreamEnd {
                    break;
                }
            }
        }
        self.out.flush()?;
        Ok((self.out, self.written))
    }
}

impl Xz {
    fn new(level: u32, threads: NonZeroUsize) -> io::Result<Self> {
        let stream = MtStreamBuilder::new()
            .preset(level)
            .check(Check::Crc64)
            .threads(u32::try_from(threads.get()).unwrap_or(u32::MAX))
            .encoder()?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(BUFFER),
        })
    }

    fn drain(&mut self, out: &mut impl Write, written: &mut u64) -> io::Result<()> {
        out.write_all(&self.buffer)?;
        *written += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }
}
