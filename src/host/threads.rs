//! Threads: how many cores Nix grants, and work that is shared among them.

use std::collections::HashMap;
use std::env;
use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use anyhow::{Context, Result};

/// More threads than this for each core of the machine gain nothing, and each takes memory.
const PER_CORE: usize = 4;

/// More threads than this have nothing to do: the hash of the stream is serial.
const MOST: usize = 64;

/// `NIX_BUILD_CORES`, where 0 (or nothing readable) means all cores of the machine; within what makes sense.
#[must_use]
pub(crate) fn granted() -> NonZeroUsize {
    let cores = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let asked = env::var("NIX_BUILD_CORES").ok();
    let asked = asked.and_then(|cores| cores.parse().ok());
    choose(asked.and_then(NonZeroUsize::new), cores)
}

/// How many archives are read at once, where each has to be read by one thread: enough that the threads have something
/// to do while an archive ends, and that reading is no limit.
#[must_use]
pub(crate) fn readers(threads: NonZeroUsize) -> usize {
    match threads.get() {
        1 => 1,
        threads => threads / 2 + 1,
    }
}

fn choose(asked: Option<NonZeroUsize>, cores: NonZeroUsize) -> NonZeroUsize {
    let most = cores.get().saturating_mul(PER_CORE).min(MOST);
    let most = NonZeroUsize::new(most).unwrap_or(NonZeroUsize::MIN);
    asked.unwrap_or(cores).min(most)
}

/// Does `work` for each of `number` items on all cores that are granted, and `then` in their order, in this thread.
pub(crate) fn ahead<T: Send>(
    number: usize,
    work: impl Fn(usize) -> Result<T> + Sync,
    mut then: impl FnMut(usize, T) -> Result<()>,
) -> Result<()> {
    let next = AtomicUsize::new(0);
    let (done, results) = mpsc::channel();
    let done = Mutex::new(done);
    thread::scope(|scope| {
        for _ in 0..granted().get().min(number) {
            let Ok(done) = done.lock().map(|done| done.clone()) else {
                continue;
            };
            let (next, work) = (&next, &work);
            scope.spawn(move || {
                loop {
                    let item = next.fetch_add(1, Ordering::Relaxed);
                    if item >= number || done.send((item, work(item))).is_err() {
                        break;
                    }
                }
            });
        }
        // What is done out of order waits here.
        let mut early = HashMap::new();
        let mut all = || {
            for item in 0..number {
                let result = loop {
                    if let Some(result) = early.remove(&item) {
                        break result;
                    }
                    let (done, result) = results.recv().context("a thread has ended")?;
                    early.insert(done, result);
                };
                then(item, result?)?;
            }
            Ok(())
        };
        let outcome = all();
        // Whoever still works need not go on.
        next.store(number, Ordering::Relaxed);
        outcome
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_granted_makes_sense() {
        let number = |number| NonZeroUsize::new(number).unwrap();
        for (asked, cores, granted) in [
            (None, 2, 2),
            (Some(1), 2, 1),
            (Some(7), 2, 7),
            (Some(5000), 2, 8),
            (Some(usize::MAX), 500, 64),
            (None, 500, 64),
        ] {
            let found = choose(asked.map(number), number(cores));
            assert_eq!(found.get(), granted, "{asked:?} of {cores}");
        }
    }

    #[test]
    fn one_core_reads_one_archive_and_more_read_more() {
        for (threads, wanted) in [(1, 1), (2, 2), (3, 2), (8, 5), (64, 33)] {
            assert_eq!(readers(NonZeroUsize::new(threads).unwrap()), wanted);
        }
    }
}
