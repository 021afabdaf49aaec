//! Input: what Nix hands over, read strictly: the spec, and the closure with what Nix recorded of it.

pub mod about;
pub mod attrs;
pub mod below;
pub mod budget;
pub mod closure;
pub mod compression;
pub mod concern;
pub mod facts;
pub mod files;
pub mod foreign;
pub mod form;
pub mod nar_hash;
pub mod recipe;
pub mod spec;
pub mod store_path;
