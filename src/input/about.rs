//! About: what is told of an image in the place of making it.

use serde::Deserialize;

/// What is told.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum About {
    /// What is inside, why, and how large it is (attribute `report`).
    Report(Report),
}

/// What a report tells (argument `report`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// Whether it tells about files too, for which the whole closure is read.
    pub files: bool,
}
