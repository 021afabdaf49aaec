//! Host: what the program shares with the machine that it runs on: files, signals, threads, the build log.

pub(crate) mod cache;
pub(crate) mod digest;
pub mod interrupt;
pub mod log;
pub(crate) mod mention;
pub(crate) mod nearest;
pub(crate) mod output;
pub(crate) mod printable;
pub mod problem;
pub(crate) mod scratch;
pub(crate) mod store;
pub(crate) mod threads;
