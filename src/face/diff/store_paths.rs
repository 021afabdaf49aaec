//! Store paths of two images, told apart by what they are called: added, removed, or changed, where both have one of a name.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::face::diff::Side;
use crate::input::store_path::StorePath;

/// What tells the store paths of two images apart, the heaviest first.
#[derive(Debug, Default, Serialize)]
pub(super) struct StorePaths {
    pub(super) added: Vec<One>,
    pub(super) removed: Vec<One>,
    pub(super) changed: Vec<Changed>,
    /// How many both have.
    pub(super) kept: usize,
}

/// A store path that one of the images has.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct One {
    /// What stands behind the hash.
    pub(super) name: String,
    /// The whole path.
    pub(super) path: String,
    /// Size of its NAR in bytes.
    pub(super) bytes: u64,
}

/// A store path that has taken the place of another one.
#[derive(Debug, Serialize)]
pub(super) struct Changed {
    pub(super) older: One,
    pub(super) newer: One,
}

impl Changed {
    /// Whether it is the same version, made anew from other inputs.
    pub(super) fn is_rebuilt(&self) -> bool {
        self.older.name == self.newer.name
    }
}

impl StorePaths {
    pub(super) fn new(older: &Side<'_>, newer: &Side<'_>) -> Self {
        let all = |side: &Side<'_>| side.plan.contents.all().cloned().collect();
        let (before, after): (BTreeSet<StorePath>, BTreeSet<StorePath>) = (all(older), all(newer));
        let bytes = |path: &StorePath| newer.attrs.closure.nar_size([path]);
        Self::of(&before, &after, &bytes)
    }

    fn of(
        before: &BTreeSet<StorePath>,
        after: &BTreeSet<StorePath>,
        bytes: &impl Fn(&StorePath) -> u64,
    ) -> Self {
        let one = |path: &StorePath| One {
            name: path.name().to_owned(),
            path: path.to_string(),
            bytes: bytes(path),
        };
        let mut found = Self {
            kept: before.intersection(after).count(),
            ..Self::default()
        };
        let mut gone = by_kind(before.difference(after));
        let come = by_kind(after.difference(before));
        for (kind, newer) in come {
            let older = gone.remove(&kind).unwrap_or_default();
            let pairs = older.len().min(newer.len());
            // Of several versions, the latest of each side belong together.
            let (only_older, older) = older.split_at(older.len() - pairs);
            let (only_newer, newer) = newer.split_at(newer.len() - pairs);
            found
                .removed
                .extend(only_older.iter().map(|path| one(path)));
            found.added.extend(only_newer.iter().map(|path| one(path)));
            let pairs = older.iter().zip(newer);
            found.changed.extend(pairs.map(|(older, newer)| Changed {
                older: one(older),
                newer: one(newer),
            }));
        }
        found.removed.extend(gone.into_values().flatten().map(one));
        found.added.sort_by_cached_key(heaviest);
        found.removed.sort_by_cached_key(heaviest);
        found
            .changed
            .sort_by_cached_key(|changed| heaviest(&changed.newer));
        found
    }
}

/// What outlasts a new version of a package: its name, and which of its outputs it is.
type Kind<'a> = (&'a str, Option<&'a str>);

fn by_kind<'a>(
    paths: impl Iterator<Item = &'a StorePath>,
) -> BTreeMap<Kind<'a>, Vec<&'a StorePath>> {
    let mut kinds: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for path in paths {
        kinds
            .entry((path.family(), path.output()))
            .or_default()
            .push(path);
    }
    for paths in kinds.values_mut() {
        paths.sort_by_key(|path| path.name());
    }
    kinds
}

fn heaviest(one: &One) -> (Reverse<u64>, String) {
    (Reverse(one.bytes), one.name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::store_path::StoreDir;

    fn paths(names: &[&str]) -> BTreeSet<StorePath> {
        let store = StoreDir::new("/nix/store").unwrap();
        let path = |name: &&str| {
            let (hash, name) = name.split_once('-').unwrap();
            store.parse(&format!("/nix/store/{}-{name}", hash.repeat(32)))
        };
        names.iter().map(path).collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn a_new_version_takes_the_place_of_an_old_one() {
        let before = paths(&[
            "1-a-1.0",
            "2-b-1.0",
            "3-b-1.0-lib",
            "4-c-2",
            "5-d-1",
            "6-d-3",
        ]);
        let after = paths(&["1-a-1.0", "7-b-1.1", "8-b-1.1-lib", "9-c-2", "0-d-4", "f-e"]);
        let found = StorePaths::of(&before, &after, &|_| 1);
        let names = |ones: &[One]| {
            let names = ones.iter().map(|one| one.name.clone());
            names.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(found.kept, 1);
        assert_eq!(names(&found.added), "e");
        assert_eq!(names(&found.removed), "d-1");
        let changed = found.changed.iter().map(|changed| {
            let Changed { older, newer } = changed;
            format!("{} {} {}", older.name, newer.name, changed.is_rebuilt())
        });
        assert_eq!(
            changed.collect::<Vec<_>>(),
            [
                "b-1.0 b-1.1 false",
                "b-1.0-lib b-1.1-lib false",
                "c-2 c-2 true",
                "d-3 d-4 false"
            ]
        );
    }
}
