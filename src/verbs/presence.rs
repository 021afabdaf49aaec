//! Presence: whether this machine has the store paths that an image is made of.

use std::fs;
use std::io;

use anyhow::{Result, bail};

use crate::host::log::count;
use crate::input::closure::Closure;

/// How many missing store paths are named.
const NAMED: usize = 10;

/// An error unless each store path is on this machine.
pub(super) fn check(closure: &Closure) -> Result<()> {
    let paths = closure.iter().map(|(path, _)| path.as_str());
    let missing: Vec<&str> = paths
        .filter(|path| {
            let there = fs::symlink_metadata(path);
            there.is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
        })
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let number = missing.len();
    let named = missing[..number.min(NAMED)].join(" ");
    let more = match number.saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    bail!(
        "this machine lacks {} that the image is made of: {named}{more}; nix-store --realise brings them, or nix copy \
         of the recipe from where it was built; what Nix takes for present all the same, nix-store --repair-path",
        count(number as u64, "store path", "store paths"),
    )
}
