//! Verify: a finished image, read to its end and compared with what is known of it from its build.

pub(crate) mod aci;
pub(crate) mod nars;
pub(crate) mod oci;

use crate::face::recorded::Recorded;
use crate::host::log::{count, size};

/// What was found of an image.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// What is wrong, a line each.
    pub(crate) problems: Vec<String>,
    /// What is right, a few words each.
    pub(crate) right: Vec<String>,
}

impl Report {
    /// Notes the store paths that were compared with what was `recorded`, and how they `differ`.
    fn store_paths(&mut self, recorded: &[Recorded], differ: Vec<String>) {
        if differ.is_empty() {
            let bytes = recorded.iter().map(|recorded| recorded.nar_size).sum();
            self.right.push(format!(
                "{} as Nix recorded them, {}",
                count(recorded.len() as u64, "store path", "store paths"),
                size(bytes)
            ));
        }
        self.problems.extend(differ);
    }
}

/// What to say of an image whose build has recorded no store paths.
const NOT_RECORDED: &str =
    "no NAR hashes were recorded when it was built; build it anew, or leave --store-paths out";
