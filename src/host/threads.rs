//! How many cores Nix grants.

use std::env;
use std::num::NonZeroUsize;
use std::thread;

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
