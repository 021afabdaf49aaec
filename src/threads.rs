//! How many cores Nix grants.

use std::env;
use std::num::NonZeroUsize;
use std::thread;

/// `NIX_BUILD_CORES`, where 0 (or nothing readable) means all cores of the machine.
#[must_use]
pub fn granted() -> NonZeroUsize {
    let asked = env::var("NIX_BUILD_CORES").ok();
    asked
        .and_then(|cores| cores.parse().ok())
        .and_then(NonZeroUsize::new)
        .or_else(|| thread::available_parallelism().ok())
        .unwrap_or(NonZeroUsize::MIN)
}
