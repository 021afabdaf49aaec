//! One thread: hash, compress and write a block before the next one is taken.

use std::io::{self, Write};

use sha2::Digest;
use sha2::digest::Output;

use super::block::Block;
use super::encoder::Encoder;
use super::sink::Sink;
use crate::input::compression::Compression;

/// Does all the work in the caller's thread.
pub(super) struct Serial<W, D> {
    hash: D,
    encoder: Option<(Encoder, Block)>,
    sink: Sink<W>,
}

impl<W: Write, D: Digest> Serial<W, D> {
    pub(super) fn new(method: Compression, sink: Sink<W>) -> io::Result<Self> {
        let encoder = Encoder::new(method)?;
        Ok(Self {
            hash: D::new(),
            encoder: encoder.map(|encoder| (encoder, Block::new())),
            sink,
        })
    }

    /// Hashes, compresses and writes the content of `block`.
    pub(super) fn push(&mut self, block: &Block) -> io::Result<()> {
        self.hash.update(block.as_slice());
        if let Some((encoder, member)) = &mut self.encoder {
            encoder.compress(block, member)?;
            self.sink.write(member.as_slice())?;
        } else {
            self.sink.write(block.as_slice())?;
        }
        Ok(())
    }

    pub(super) fn finish(self) -> (Output<D>, Sink<W>) {
        (self.hash.finalize(), self.sink)
    }
}
