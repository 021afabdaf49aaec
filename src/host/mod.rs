//! Host: what the program shares with the machine that it runs on: files, signals, threads, the build log.

pub mod interrupt;
pub mod log;
pub mod nearest;
pub mod output;
mod printable;
pub mod problem;
pub mod store;
pub mod threads;
