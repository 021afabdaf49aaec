//! The image manifest as its author and its readers meet it: a table of cases, and any manifest at all.

#![allow(
    clippy::needless_raw_string_hashes,
    reason = "expect-test writes its texts that way"
)]
#![allow(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

#[path = "../common/actool.rs"]
mod actool;
mod agreement;
#[path = "../common/skip.rs"]
mod skip;

mod cases;
mod generate;
mod golden;
mod properties;
mod spec;
