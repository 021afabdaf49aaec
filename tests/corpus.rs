//! What the fuzzer once found worth keeping, held against the same promises as then.

#![allow(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

use std::fs;
use std::path::Path;

#[path = "../fuzz/src/lib.rs"]
mod fuzz;

/// Calls a target with each of its seeds, and tells which one broke a promise.
fn replay(target: &str, body: fn(&[u8])) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/seeds")
        .join(target);
    let seeds: Vec<_> = fs::read_dir(&directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert!(!seeds.is_empty());
    for seed in seeds {
        let bytes = fs::read(&seed).unwrap();
        let outcome = std::panic::catch_unwind(|| body(&bytes));
        assert!(outcome.is_ok(), "{} breaks a promise", seed.display());
    }
}

#[test]
fn archive() {
    replay("archive", fuzz::archive);
}

#[test]
fn attrs() {
    replay("attrs", fuzz::attrs);
}

#[test]
fn image() {
    replay("image", fuzz::image);
}

#[test]
fn tree() {
    replay("tree", fuzz::tree);
}
