//! The pool: threads that compress and hash for all the streams there are.

use std::collections::VecDeque;
use std::io;
use std::num::NonZeroUsize;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::Builder;

use super::block::{Block, Buffers};
use super::encoder::Encoder;
use super::locked;
use crate::input::compression::Compression;

/// Where streams are compressed, by one method. With one thread there is no pool: each stream is compressed where it is
/// written.
pub(crate) struct Pool {
    pub(super) method: Compression,
    pub(super) threads: NonZeroUsize,
    pub(super) workers: Option<Arc<Workers>>,
}

/// What a worker works with.
pub(super) struct Tools {
    /// Nothing where blocks pass as they are.
    pub(super) encoder: Option<Encoder>,
    /// For the member in the making.
    pub(super) spare: Block,
}

/// A piece of work. It must not panic.
type Job = Box<dyn FnOnce(&mut Tools) + Send>;

/// The workers, as those see them who have work for them. They end when nobody does.
pub(super) struct Workers {
    pub(super) buffers: Arc<Buffers>,
    waiting: Arc<Waiting>,
}

/// The work that no worker has taken yet.
#[derive(Default)]
struct Waiting {
    queues: Mutex<Queues>,
    filled: Condvar,
}

#[derive(Default)]
struct Queues {
    /// What a stream can do in one thread at a time, and so must not wait.
    first: VecDeque<Job>,
    rest: VecDeque<Job>,
    closed: bool,
}

impl Pool {
    /// So many `threads` for streams that so many others, the `readers`, write at once.
    pub(crate) fn start(
        method: Compression,
        threads: NonZeroUsize,
        readers: usize,
    ) -> io::Result<Self> {
        let mut pool = Self {
            method,
            threads,
            workers: None,
        };
        if threads.get() == 1 {
            return Ok(pool);
        }
        let waiting = Arc::<Waiting>::default();
        // Enough that no worker waits for a block while a reader, a hash or an output is held up for a moment.
        let buffers = Buffers::new(2 * threads.get() + readers + 4);
        pool.workers = Some(Arc::new(Workers {
            buffers,
            waiting: Arc::clone(&waiting),
        }));
        for _ in 0..threads.get() {
            let waiting = Arc::clone(&waiting);
            let mut tools = Tools {
                encoder: Encoder::new(method)?,
                spare: Block::new(),
            };
            let started = Builder::new().name("compress".to_owned()).spawn(move || {
                while let Some(job) = waiting.next() {
                    job(&mut tools);
                }
            });
            started.map_err(|error| cannot_start(&error))?;
        }
        Ok(pool)
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        locked(&self.waiting.queues).closed = true;
        self.waiting.filled.notify_all();
    }
}

impl Workers {
    /// Has `job` done before all that can be done at once.
    pub(super) fn first(&self, job: impl FnOnce(&mut Tools) + Send + 'static) {
        locked(&self.waiting.queues).first.push_back(Box::new(job));
        self.waiting.filled.notify_one();
    }

    /// Has `job` done in its turn.
    pub(super) fn then(&self, job: impl FnOnce(&mut Tools) + Send + 'static) {
        locked(&self.waiting.queues).rest.push_back(Box::new(job));
        self.waiting.filled.notify_one();
    }
}

impl Waiting {
    /// The next job; nothing when no more can come. Waits for it.
    fn next(&self) -> Option<Job> {
        let idle = |queues: &mut Queues| {
            !queues.closed && queues.first.is_empty() && queues.rest.is_empty()
        };
        let waited = self.filled.wait_while(locked(&self.queues), idle);
        let mut queues = waited.unwrap_or_else(PoisonError::into_inner);
        let first = queues.first.pop_front();
        first.or_else(|| queues.rest.pop_front())
    }
}

/// Why a thread does not start, with the mend.
pub(crate) fn cannot_start(error: &io::Error) -> io::Error {
    let advice = "give Nix fewer cores, as in --cores 2";
    io::Error::new(
        error.kind(),
        format!("starting a thread: {error}; {advice}"),
    )
}
