//! Turns: parts are begun in their order, by several threads, and the first of those that fail is the one that is told.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::{Builder, scope};

use anyhow::{Result, bail};

use crate::pack::compress::{cannot_start, locked};

/// What of the program's own depth a thread needs that walks a root file system as deep as paths are long.
const STACK: usize = 8 << 20;

/// Who is next, and whether one has failed.
#[derive(Debug)]
pub(super) struct Turns {
    next: AtomicUsize,
    /// The first number of those that failed.
    failed: AtomicUsize,
}

impl Turns {
    /// Does `work` for each number below `count` in so many `threads`, this one among them. What it makes comes in the
    /// order of the numbers.
    pub(super) fn take<T: Send>(
        count: usize,
        threads: usize,
        work: impl Fn(&Turns, usize) -> Result<T> + Sync,
    ) -> Result<Vec<T>> {
        let turns = Self {
            next: AtomicUsize::new(0),
            failed: AtomicUsize::new(usize::MAX),
        };
        let made: Mutex<Vec<(usize, Result<T>)>> = Mutex::default();
        let run = || {
            loop {
                let number = turns.next.fetch_add(1, Ordering::Relaxed);
                if number >= count || turns.check(number).is_err() {
                    return;
                }
                let result = work(&turns, number);
                if result.is_err() {
                    turns.failed.fetch_min(number, Ordering::Relaxed);
                }
                locked(&made).push((number, result));
            }
        };
        scope(|scope| -> Result<()> {
            let mut others = Vec::new();
            for _ in 1..threads.min(count) {
                let thread = Builder::new().name("read".to_owned()).stack_size(STACK);
                let started = thread.spawn_scoped(scope, run);
                others.push(started.map_err(|error| cannot_start(&error))?);
            }
            run();
            Ok(())
        })?;
        let mut made = made.into_inner().unwrap_or_else(PoisonError::into_inner);
        made.sort_by_key(|(number, _)| *number);
        made.into_iter().map(|(_, result)| result).collect()
    }

    /// An error when one before `number` has failed: what is made of this one is not needed.
    pub(super) fn check(&self, number: usize) -> Result<()> {
        if self.failed.load(Ordering::Relaxed) < number {
            bail!("what comes before it has failed");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;

    #[test]
    fn what_is_made_comes_in_order() {
        for threads in [1, 2, 5, 100] {
            let made = Turns::take(40, threads, |_, number| Ok(number)).unwrap();
            assert_eq!(made, (0..40).collect::<Vec<_>>());
        }
        assert!(
            Turns::take(0, 3, |_, number| Ok(number))
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn the_first_failure_is_told_whichever_came_first() {
        let both = Barrier::new(2);
        let failed = Turns::take(9, 2, |turns, number| -> Result<()> {
            assert!(number < 2, "no other is begun");
            both.wait();
            if number == 0 {
                // The other one has failed already.
                while turns.check(2).is_ok() {}
                turns.check(0)?;
            }
            bail!("{number} has failed")
        });
        assert_eq!(failed.unwrap_err().to_string(), "0 has failed");
    }

    #[test]
    fn what_stands_behind_a_failure_ends() {
        let failed = Turns::take(2, 2, |turns, number| -> Result<()> {
            if number == 0 {
                bail!("0 has failed");
            }
            loop {
                turns.check(number)?;
            }
        });
        assert_eq!(failed.unwrap_err().to_string(), "0 has failed");
    }
}
