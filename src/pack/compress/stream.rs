//! A stream on its way through the pool: hashed block by block, compressed as threads are free, written in order.

use std::any::Any;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use sha2::Digest;
use sha2::digest::Output;

use super::block::Block;
use super::lane::Lane;
use super::locked;
use super::pool::{Tools, Workers};
use super::sink::Sink;

/// The end of a stream that blocks go into.
pub(super) struct Stream<W, D>(Arc<Way<W, D>>, u64);

/// The way that blocks go.
struct Way<W, D> {
    workers: Arc<Workers>,
    hash: Lane<D, Block>,
    out: Lane<Sink<W>, Block>,
    /// What stopped the stream first.
    failure: Mutex<Option<io::Error>>,
}

impl<W: Write + Send + 'static, D: Digest + Send + 'static> Stream<W, D> {
    pub(super) fn new(workers: &Arc<Workers>, sink: Sink<W>) -> Self {
        let way = Way {
            workers: Arc::clone(workers),
            hash: Lane::new(D::new()),
            out: Lane::new(sink),
            failure: Mutex::default(),
        };
        Self(Arc::new(way), 0)
    }

    /// An empty block. Waits while all of them are on their way.
    pub(super) fn block(&self) -> Block {
        self.0.workers.buffers.block()
    }

    /// Sends `block` on its way.
    pub(super) fn push(&mut self, block: Block) -> io::Result<()> {
        let Self(way, count) = self;
        if way.hash.is_closed() {
            return Err(way.failure());
        }
        let (here, number) = (Arc::clone(way), *count);
        *count += 1;
        way.workers.first(move |_| here.hash(number, block));
        Ok(())
    }

    /// Waits until all blocks are written.
    pub(super) fn finish(self) -> io::Result<(Output<D>, Sink<W>)> {
        let Self(way, count) = &self;
        let digest = way.hash.end(*count);
        let sink = way.out.end(*count);
        let both = digest.zip(sink).ok_or_else(|| way.failure());
        both.map(|(digest, sink)| (digest.finalize(), sink))
    }
}

impl<W, D> Drop for Stream<W, D> {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl<W, D> Way<W, D> {
    fn close(&self) {
        self.hash.close();
        self.out.close();
    }

    /// Does a part of the work; a failure stops the stream.
    fn attempt(&self, work: impl FnOnce() -> io::Result<()>) {
        let done = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| {
            let why = panic_text(&*payload);
            Err(io::Error::other(format!(
                "a thread of the compressor panicked: {why}"
            )))
        });
        if let Err(error) = done {
            locked(&self.failure).get_or_insert(error);
            self.close();
        }
    }

    fn failure(&self) -> io::Error {
        let failure = locked(&self.failure).take();
        failure.unwrap_or_else(|| io::Error::other("the compressor has stopped"))
    }
}

impl<W: Write + Send + 'static, D: Digest + Send + 'static> Way<W, D> {
    fn hash(self: &Arc<Self>, number: u64, block: Block) {
        self.attempt(|| {
            self.hash.put(number, block, |hash, number, block| {
                hash.update(block.as_slice());
                let here = Arc::clone(self);
                self.workers
                    .then(move |tools| here.compress(number, block, tools));
                Ok(())
            })
        });
    }

    fn compress(&self, number: u64, mut block: Block, tools: &mut Tools) {
        self.attempt(|| {
            if self.out.is_closed() {
                return Ok(());
            }
            if let Some(encoder) = &mut tools.encoder {
                encoder.compress(&block, &mut tools.spare)?;
                block.exchange(&mut tools.spare);
            }
            let write = |sink: &mut Sink<W>, _, block: Block| sink.write(block.as_slice());
            self.out.put(number, block, write)
        });
    }
}

fn panic_text(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no reason given")
}
