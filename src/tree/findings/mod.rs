//! Findings: what of an image may be worth a second look before it goes out, as values.
//!
//! What names, modes and texts of the description tell is found with the plan ([`planned`]); what only a look into store
//! paths tells, in the read that packs them ([`scan`]). A scan knows nothing of the image, so that it holds for every image
//! that takes the same layer; what of it counts in this one is settled in the end ([`settle`]) and told in a few lines
//! ([`tell`]).

mod names;
pub(crate) mod planned;
pub(crate) mod scan;
mod secrets;
pub(crate) mod settle;
pub(crate) mod tell;
mod versions;

use serde::{Deserialize, Serialize};

use crate::input::closure::Closure;
use crate::input::concern::Concern;
use crate::input::store_path::StorePath;

/// One thing that may not be meant so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Finding {
    /// What kind it is of.
    pub(crate) concern: Concern,
    /// Where in the image: a store path, a path in one, or a path of the root.
    pub(crate) path: String,
    /// What else is to be said: where a link leads, what secret it is, which mode, of which package it is a version.
    pub(crate) about: String,
    /// How many such files the same store path has, this one included; none where its name says it.
    pub(crate) number: u64,
    /// Their bytes.
    pub(crate) size: u64,
}

impl Finding {
    /// The store path in which it is; nothing for what is of the root.
    pub(crate) fn store_path(&self, closure: &Closure) -> Option<StorePath> {
        let (path, _) = closure.store_dir().split(&self.path)?;
        closure.get(&path).map(|_| path)
    }
}
