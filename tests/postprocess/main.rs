//! `postprocess.sh` as its user meets it: the script is run by `/bin/sh`, with real gpg and throw-away keys.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panic")]

#[path = "../common/skip.rs"]
mod skip;

mod bench;
mod keyring;

mod at_once;
mod directories;
mod failing;
mod forms;
mod root;
mod signing;
mod stopped;
mod usage;
