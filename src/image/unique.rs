//! Lists in which nothing stands twice.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::rules::Fault;

/// A list without doubles, in the order in which it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<T>", bound(deserialize = "T: Deserialize<'de> + Ord"))]
pub struct Unique<T>(Vec<T>);

impl<T: Ord> TryFrom<Vec<T>> for Unique<T> {
    type Error = Fault;

    fn try_from(list: Vec<T>) -> Result<Self, Fault> {
        if list.iter().collect::<BTreeSet<_>>().len() == list.len() {
            Ok(Self(list))
        } else {
            Err(Fault::new("something is there twice"))
        }
    }
}

impl<T> Default for Unique<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> std::ops::Deref for Unique<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

/// One thing or more, none of them twice, in their own order: tools refuse a set with nothing in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    try_from = "Unique<T>",
    bound(deserialize = "T: Deserialize<'de> + Ord")
)]
pub struct Several<T>(Vec<T>);

impl<T: Ord> TryFrom<Unique<T>> for Several<T> {
    type Error = Fault;

    fn try_from(Unique(mut list): Unique<T>) -> Result<Self, Fault> {
        list.sort_unstable();
        if list.is_empty() {
            Err(Fault::new("nothing is in it"))
        } else {
            Ok(Self(list))
        }
    }
}

impl<T> std::ops::Deref for Several<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}
