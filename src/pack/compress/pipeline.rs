//! Several threads: hashing, compression and writing overlap, block by block.
//!
//! Each thread ends when the queue that feeds it is closed, so dropping a [`Pipeline`] ends them all. A thread that
//! fails closes its own queue, which the producer sees at the next block; the cause is what the thread returned.

use std::io::{self, Write};
use std::mem;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::{Builder, JoinHandle};

use sha2::Digest;
use sha2::digest::Output;

use super::block::Block;
use super::encoder::Encoder;
use super::sink::Sink;
use crate::input::compression::Compression;

/// The producer's end.
pub(super) struct Pipeline<W, D: Digest> {
    running: Option<Running<W, D>>,
    spare: Receiver<Block>,
}

struct Running<W, D: Digest> {
    hash: SyncSender<Arc<Block>>,
    jobs: Option<Sender<Job>>,
    pieces: SyncSender<Piece>,
    hasher: JoinHandle<Output<D>>,
    workers: Vec<JoinHandle<()>>,
    writer: JoinHandle<io::Result<Sink<W>>>,
}

/// A block to compress into `member`.
struct Job {
    block: Arc<Block>,
    member: Block,
    done: SyncSender<io::Result<Block>>,
}

/// What comes next in the output.
enum Piece {
    Plain(Arc<Block>),
    Member(Receiver<io::Result<Block>>),
}

impl<W: Write + Send + 'static, D: Digest + Send + 'static> Pipeline<W, D> {
    pub(super) fn start(method: Compression, threads: usize, sink: Sink<W>) -> io::Result<Self> {
        // Enough that no worker waits for a block while the producer, the hash or the output is held up for a moment.
        let depth = 2 * threads + 4;
        let (spent, spare) = channel();

        let (hash, blocks) = sync_channel(depth);
        let hasher = {
            let spent = spent.clone();
            spawn("hash", move || run_hash::<D>(&blocks, &spent))?
        };

        let mut encoders = Vec::new();
        for _ in 0..threads {
            encoders.extend(Encoder::new(method)?);
        }
        let (jobs, workers) = if encoders.is_empty() {
            (None, Vec::new())
        } else {
            let (jobs, queue) = channel();
            let workers = start_workers(encoders, queue, &spent)?;
            (Some(jobs), workers)
        };

        let (pieces, order) = sync_channel(depth);
        let writer = spawn("write", move || run_writer(&order, sink, &spent))?;

        Ok(Self {
            running: Some(Running {
                hash,
                jobs,
                pieces,
                hasher,
                workers,
                writer,
            }),
            spare,
        })
    }

    /// Takes the content of `block`, which is empty afterwards. Waits while the queues are full.
    pub(super) fn push(&mut self, block: &mut Block) -> io::Result<()> {
        let full = mem::replace(block, self.spare());
        if self.feed(Arc::new(full)).is_some() {
            return Ok(());
        }
        Err(match self.finish() {
            Err(cause) => cause,
            Ok(_) => stopped(),
        })
    }

    /// Waits for all the threads; the first cause among them is the error.
    pub(super) fn finish(&mut self) -> io::Result<(Output<D>, Sink<W>)> {
        let Running {
            hash,
            jobs,
            pieces,
            hasher,
            workers,
            writer,
        } = self.running.take().ok_or_else(stopped)?;
        drop((hash, jobs, pieces));
        // A worker's panic comes before the writer's error, which is only that the worker is gone.
        workers.into_iter().try_for_each(join)?;
        let digest = join(hasher)?;
        let sink = join(writer)??;
        Ok((digest, sink))
    }

    /// Hands `block` to every thread that needs it; `None` when one of them is gone.
    fn feed(&self, block: Arc<Block>) -> Option<()> {
        let running = self.running.as_ref()?;
        running.hash.send(Arc::clone(&block)).ok()?;
        let Some(jobs) = &running.jobs else {
            return running.pieces.send(Piece::Plain(block)).ok();
        };
        // The place in the output is taken first, and this is where the producer waits.
        let (done, member) = sync_channel(1);
        running.pieces.send(Piece::Member(member)).ok()?;
        let job = Job {
            block,
            member: self.spare(),
            done,
        };
        jobs.send(job).ok()
    }

    fn spare(&self) -> Block {
        self.spare.try_recv().unwrap_or_else(|_| Block::new())
    }
}

fn start_workers(
    encoders: Vec<Encoder>,
    queue: Receiver<Job>,
    spent: &Sender<Block>,
) -> io::Result<Vec<JoinHandle<()>>> {
    let queue = Arc::new(Mutex::new(queue));
    encoders
        .into_iter()
        .map(|encoder| {
            let (queue, spent) = (Arc::clone(&queue), spent.clone());
            spawn("compress", move || {
                run_worker(&queue, encoder, &spent);
            })
        })
        .collect()
}

fn run_hash<D: Digest>(blocks: &Receiver<Arc<Block>>, spent: &Sender<Block>) -> Output<D> {
    let mut hash = D::new();
    for block in blocks {
        hash.update(block.as_slice());
        give_back(block, spent);
    }
    hash.finalize()
}

fn run_worker(queue: &Mutex<Receiver<Job>>, mut encoder: Encoder, spent: &Sender<Block>) {
    // The lock is held while waiting, and free while compressing.
    let next = || queue.lock().ok()?.recv().ok();
    while let Some(Job {
        block,
        mut member,
        done,
    }) = next()
    {
        let result = encoder.compress(&block, &mut member);
        give_back(block, spent);
        // When the writer is gone, nobody needs the member.
        let _ = done.send(result.map(|()| member));
    }
}

fn run_writer<W: Write>(
    order: &Receiver<Piece>,
    mut sink: Sink<W>,
    spent: &Sender<Block>,
) -> io::Result<Sink<W>> {
    for piece in order {
        match piece {
            Piece::Plain(block) => {
                sink.write(block.as_slice())?;
                give_back(block, spent);
            }
            Piece::Member(member) => {
                let member = member.recv().map_err(|_| stopped())??;
                sink.write(member.as_slice())?;
                give_back(Arc::new(member), spent);
            }
        }
    }
    Ok(sink)
}

/// Returns the buffer to the producer, unless another thread still reads it and will do so.
fn give_back(block: Arc<Block>, spent: &Sender<Block>) {
    if let Some(mut block) = Arc::into_inner(block) {
        block.clear();
        // When the producer is gone, nobody needs the buffer.
        let _ = spent.send(block);
    }
}

fn spawn<T: Send + 'static>(
    name: &str,
    run: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<T>> {
    let started = Builder::new().name(name.to_owned()).spawn(run);
    started.map_err(|error| {
        let advice = "give Nix fewer cores, as in --cores 2";
        io::Error::new(
            error.kind(),
            format!("starting the {name} thread: {error}; {advice}"),
        )
    })
}

fn join<T>(thread: JoinHandle<T>) -> io::Result<T> {
    let name = thread.thread().name().unwrap_or_default().to_owned();
    thread.join().map_err(|payload| {
        let why = panic_text(&*payload);
        io::Error::other(format!("the {name} thread panicked: {why}"))
    })
}

fn panic_text(payload: &(dyn std::any::Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no reason given")
}

fn stopped() -> io::Error {
    io::Error::other("a thread of the compressor stopped")
}
