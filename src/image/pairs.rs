//! Pairs: the form `[{"name": …, "value": …}]` in which the specification writes labels, variables and annotations.

use serde::{Serialize, Serializer};

#[derive(Serialize)]
struct NameValue<'a> {
    name: &'a str,
    value: &'a str,
}

/// Writes `pairs` in their order.
pub(super) fn serialize_pairs<'a, S: Serializer>(
    pairs: impl Iterator<Item = (&'a str, &'a str)>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(pairs.map(|(name, value)| NameValue { name, value }))
}
