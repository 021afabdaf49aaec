//! One thread: hash, compress and write a block before the next one is taken.

use std::io::{self, Write};

use sha2::Digest;
use sha2::digest::Output;

use super::block::Block;
use super::method::{Gzip, Kind, Method};
use super::sink::Sink;

/// Does all the work in the caller's thread.
pub(super) struct Serial<W, D> {
    hash: D,
    gzip: Option<(Gzip, Block)>,
    sink: Sink<W>,
}

impl<W: Write, D: Digest> Serial<W, D> {
    pub(super) fn new(method: Method, sink: Sink<W>) -> Self {
        let gzip = match method.0 {
            Kind::Gzip(level) => Some((Gzip::new(level), Block::new())),
            Kind::Xz(_) | Kind::None => None,
        };
        Self {
            hash: D::new(),
            gzip,
            sink,
        }
    }

    /// Takes the content of `block`, which is empty afterwards.
    pub(super) fn push(&mut self, block: &mut Block) -> io::Result<()> {
        self.hash.update(block.as_slice());
        if let Some((gzip, member)) = &mut self.gzip {
            gzip.compress(block, member)?;
            self.sink.write(member.as_slice())?;
        } else {
            self.sink.write(block.as_slice())?;
        }
        block.clear();
        Ok(())
    }

    pub(super) fn finish(self) -> (Output<D>, Sink<W>) {
        (self.hash.finalize(), self.sink)
    }
}
