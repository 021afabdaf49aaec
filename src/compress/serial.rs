//! One thread: hash, compress and write a block before the next one is taken.

use std::io::{self, Write};

use sha2::{Digest, Sha512};

use super::block::Block;
use super::method::{Gzip, Kind, Method};
use super::sink::Sink;

/// Does all the work in the caller's thread.
pub(super) struct Serial<W> {
    hash: Sha512,
    gzip: Option<(Gzip, Block)>,
    sink: Sink<W>,
}

impl<W: Write> Serial<W> {
    pub(super) fn new(method: Method, sink: Sink<W>) -> Self {
        let gzip = match method.0 {
            Kind::Gzip(level) => Some((Gzip::new(level), Block::new())),
            Kind::Xz(_) | Kind::None => None,
        };
        Self {
            hash: Sha512::new(),
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

    pub(super) fn finish(self) -> ([u8; 64], Sink<W>) {
        (self.hash.finalize().into(), self.sink)
    }
}
