//! Packing: a plan becomes a stream of bytes, and every store path that goes in is compared with what Nix recorded.

pub mod archive;
pub(crate) mod compress;
mod copies;
pub mod packer;
pub mod part;
mod reader;
pub mod reread;
mod turns;
mod unfit;
pub(crate) mod verify;
