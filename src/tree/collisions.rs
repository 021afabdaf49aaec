//! Collisions: paths that two packages bring with different content, of which neither has precedence.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::host::problem::Problems;

/// How many paths of one collision are named.
const NAMED: usize = 8;

/// The paths, by the names of the packages.
#[derive(Debug, Default)]
pub(super) struct Collisions(BTreeMap<(Arc<str>, Arc<str>), Vec<String>>);

impl Collisions {
    /// Notes that two packages differ at `path`.
    pub(super) fn note(&mut self, one: &Arc<str>, other: &Arc<str>, path: &str) {
        let pair = (Arc::clone(one), Arc::clone(other));
        self.0.entry(pair).or_default().push(path.to_owned());
    }

    /// Tells them, two packages a line.
    pub(super) fn report(&self, problems: &mut Problems) {
        for ((one, other), paths) in &self.0 {
            problems.add(
                "packages",
                format!(
                    "{one} and {other} bring different content for {}; say which one wins with lib.hiPrio or lib.lowPrio, or \
                     take only some directories with pathsToLink",
                    named(paths)
                ),
            );
        }
    }
}

/// The first of some paths, and how many more there are.
pub(super) fn named(paths: &[impl AsRef<str>]) -> String {
    let first: Vec<&str> = paths.iter().take(NAMED).map(AsRef::as_ref).collect();
    let more = match paths.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    first.join(", ") + &more
}
