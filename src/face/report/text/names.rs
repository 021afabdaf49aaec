//! Names: what store paths are called where no hash may stand whole, since Nix would take it for a reference.

use std::collections::BTreeMap;

use crate::face::report::document::Report;
use crate::input::store_path::HASH_LENGTH;

/// The names of a report's store paths.
pub(super) struct Names<'a> {
    report: &'a Report,
    /// How many have a name.
    number: BTreeMap<&'a str, usize>,
}

/// So much of a hash tells two store paths of one name apart.
const TELLING: usize = 7;

impl<'a> Names<'a> {
    pub(super) fn of(report: &'a Report) -> Self {
        let mut number = BTreeMap::new();
        for object in &report.store_paths {
            *number.entry(object.name.as_str()).or_default() += 1;
        }
        Self { report, number }
    }

    pub(super) fn of_path(&self, number: usize) -> String {
        let object = &self.report.store_paths[number];
        if self.number.get(object.name.as_str()) == Some(&1) {
            return object.name.clone();
        }
        let hash = object.path.len() - object.name.len() - 1 - HASH_LENGTH;
        let hash = &object.path[hash..hash + TELLING];
        format!("{} [{hash}…]", object.name)
    }
}
