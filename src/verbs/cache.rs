//! `cache`: what the cache holds, and that it may go.

use std::io::{self, Write};

use anyhow::{Context, Result};

use crate::host::cache::{Cache, Held};
use crate::host::log::{count, size};
use crate::verbs::Call;

pub(super) const HELP: &str = "\
usage: cache [--empty]

Tells where the cache of blobs is, what it holds and how much it keeps. It lies below XDG_CACHE_HOME, or ~/.cache, and
is safe to lose: what it lacks is made again. NIX2ACI_CACHE_SIZE says how many bytes it keeps, such as 20G; what is used
least recently goes first.

  --empty    throws everything away";

/// The flag that throws everything away.
pub(super) const EMPTY: &str = "--empty";

pub(super) fn cache(call: &Call) -> Result<()> {
    let cache = Cache::open()?;
    let what = |held: Held| {
        format!(
            "{}, {}",
            count(held.blobs, "blob", "blobs"),
            size(held.bytes)
        )
    };
    let (directory, limit) = (cache.directory(), size(cache.limit()));
    let text = if call.has(EMPTY) {
        format!("{directory}: threw away {}", what(cache.empty()?))
    } else {
        format!("{directory}: {} of {limit}", what(cache.held()?))
    };
    writeln!(io::stdout(), "{text}").context("writing to standard output")
}
