//! Layers: how the store paths of an image are divided, so that images share what they can.
//!
//! A layer is shared byte for byte when it holds the same store paths. So most store paths get a layer of their own,
//! those first whose layer is worth most: large ones, and ones that much else depends on. What is left is small and
//! goes into a few common layers, the most depended-on together, since these change most rarely. An application that
//! changes then changes its own layer and at most one common one. The division depends on the closure alone.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::closure::Closure;
use crate::store_path::StorePath;

/// One layer in so many is a common one, when there are more store paths than layers.
const COMMON: usize = 8;

/// Divides `paths` into at most `most` layers, lowest first; within a layer, in the order of the paths.
#[must_use]
pub fn divide(
    closure: &Closure,
    paths: &BTreeSet<StorePath>,
    most: usize,
) -> Vec<BTreeSet<StorePath>> {
    let dependents = dependents(closure, paths);
    let count = |path: &StorePath| dependents.get(path).copied().unwrap_or(0);
    let size = |path: &StorePath| closure.get(path).map_or(0, |object| object.nar_size);
    let most = most.max(1);
    let common = if paths.len() > most {
        (most / COMMON).max(1)
    } else {
        0
    };

    let mut by_worth: Vec<&StorePath> = paths.iter().collect();
    by_worth.sort_by_cached_key(|path| {
        let worth = u128::from(size(path)) * u128::from(1 + (1 + count(path)).ilog2());
        Reverse(worth)
    });
    let mut rest = by_worth.split_off(paths.len().min(most - common));
    let mut layers: Vec<BTreeSet<StorePath>> = by_worth
        .into_iter()
        .map(|path| BTreeSet::from([path.clone()]))
        .collect();

    rest.sort_by_cached_key(|path| (Reverse(count(path)), *path));
    let all: u64 = rest.iter().map(|path| size(path)).sum();
    let mut filled = 0;
    let mut groups: BTreeMap<u128, BTreeSet<StorePath>> = BTreeMap::new();
    for path in rest {
        let group = u128::from(filled) * common as u128 / u128::from(all.max(1));
        let group = group.min(common as u128 - 1);
        groups.entry(group).or_default().insert(path.clone());
        filled += size(path);
    }
    layers.extend(groups.into_values());
    // What most depends on lies lowest, as users of layers expect.
    layers.sort_by_cached_key(|layer| {
        let least = layer.iter().map(count).min();
        (Reverse(least), layer.first().cloned())
    });
    layers
}

/// For each of `paths`, how many others of them need it, directly or not.
fn dependents(closure: &Closure, paths: &BTreeSet<StorePath>) -> BTreeMap<StorePath, u32> {
    let mut dependents = BTreeMap::new();
    for path in paths {
        for needed in closure.reachable([path.clone()]) {
            if needed != *path {
                *dependents.entry(needed).or_insert(0) += 1;
            }
        }
    }
    dependents
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::closure::tests::closure;

    fn names(layers: &[BTreeSet<StorePath>]) -> Vec<Vec<&str>> {
        layers
            .iter()
            .map(|layer| layer.iter().map(StorePath::name).collect())
            .collect()
    }

    fn all(closure: &Closure) -> BTreeSet<StorePath> {
        closure.iter().map(|(path, _)| path.clone()).collect()
    }

    #[test]
    fn with_layers_enough_each_path_has_its_own_and_the_base_is_lowest() {
        let closure = closure(&[("app", &["lib", "libc"]), ("lib", &["libc"]), ("libc", &[])]);
        let layers = divide(&closure, &all(&closure), 59);
        assert_eq!(names(&layers), [["libc"], ["lib"], ["app"]]);
    }

    #[test]
    fn with_too_few_layers_the_most_needed_keep_their_own() {
        let closure = closure(&[
            ("app", &["lib", "libc", "data"]),
            ("data", &[]),
            ("lib", &["libc"]),
            ("libc", &[]),
            ("tool", &["libc"]),
        ]);
        let layers = divide(&closure, &all(&closure), 3);
        assert_eq!(layers.len(), 3);
        let kept: usize = layers.iter().map(BTreeSet::len).sum();
        assert_eq!(kept, 5, "no path is lost");
        assert!(names(&layers).contains(&vec!["libc"]));
        assert_eq!(divide(&closure, &all(&closure), 1).len(), 1);
    }

    #[test]
    fn another_application_leaves_the_layers_below_as_they_are() {
        let one = closure(&[("app", &["lib"]), ("lib", &["c"]), ("c", &[])]);
        let other = closure(&[("bpp", &["lib"]), ("lib", &["c"]), ("c", &[])]);
        let of = |closure: &Closure| divide(closure, &all(closure), 59);
        assert_eq!(of(&one)[..2], of(&other)[..2]);
    }
}
