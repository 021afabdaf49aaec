//! Versions: packages that an image has more than once.

use std::collections::{BTreeMap, BTreeSet};

use crate::input::closure::Closure;
use crate::input::concern::Concern;
use crate::input::store_path::StorePath;
use crate::tree::findings::{Finding, names};

/// A finding for each version of the packages of which `all` has several, if `new` has one of them. Outputs of one version
/// are one; two store paths of one name are two.
pub(super) fn of<'a>(
    all: impl Iterator<Item = &'a StorePath>,
    new: &BTreeSet<StorePath>,
    closure: &Closure,
) -> Vec<Finding> {
    let mut families: BTreeMap<&str, Vec<(&str, &StorePath)>> = BTreeMap::new();
    for path in all {
        if let Some((version, _)) = names::version(path) {
            families
                .entry(path.family())
                .or_default()
                .push((version, path));
        }
    }
    let mut found = Vec::new();
    for (family, mut paths) in families {
        paths.sort_by_key(|(version, path)| (*version, path.name(), *path));
        let is_new = paths.iter().any(|(_, path)| new.contains(path));
        let mut told: Vec<(&str, &StorePath)> = Vec::new();
        for (version, path) in paths {
            let is_another = told
                .last()
                .is_none_or(|(last, main)| *last != version || main.name() == path.name());
            if is_another {
                told.push((version, path));
            }
        }
        if told.len() > 1 && is_new {
            found.extend(told.into_iter().map(|(_, path)| Finding {
                concern: Concern::Versions,
                path: path.to_string(),
                about: family.to_owned(),
                number: 0,
                size: closure.nar_size([path]),
            }));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::closure::tests::closure;

    fn several(names: &[&str]) -> Vec<String> {
        let graph: Vec<(&str, &[&str])> = names.iter().map(|name| (*name, &[] as _)).collect();
        let closure = closure(&graph);
        let all: BTreeSet<StorePath> = closure.iter().map(|(path, _)| path.clone()).collect();
        let found = of(all.iter(), &all, &closure);
        let name = |path: &str| path.rsplit_once('/').unwrap().1[33..].to_owned();
        found.iter().map(|finding| name(&finding.path)).collect()
    }

    #[test]
    fn outputs_of_one_version_are_one() {
        let none: [&str; 0] = [];
        assert_eq!(
            several(&["gcc-13.2.0", "gcc-13.2.0-lib", "gcc-13.2.0-libgcc"]),
            none
        );
        assert_eq!(several(&["python3-3.11.9", "python3-3.11.9-env"]), none);
        assert_eq!(several(&["source", "a", "b"]), none);
        assert_eq!(several(&["glibc-2.39-52", "glibc-2.39-52-bin"]), none);
    }

    #[test]
    fn versions_are_several() {
        assert_eq!(
            several(&[
                "openssl-1.1.1w",
                "openssl-3.0.13",
                "openssl-3.0.13-bin",
                "other-1"
            ]),
            ["openssl-1.1.1w", "openssl-3.0.13"]
        );
        assert_eq!(several(&["glibc-2.39-5", "glibc-2.39-52"]).len(), 2);
    }

    #[test]
    fn what_others_have_is_told_there() {
        let closure = closure(&[("a-1", &[]), ("a-2", &[])]);
        let all: Vec<StorePath> = closure.iter().map(|(path, _)| path.clone()).collect();
        let new =
            |paths: &[StorePath]| of(all.iter(), &paths.iter().cloned().collect(), &closure).len();
        assert_eq!((new(&[]), new(&all[..1])), (0, 2));
    }
}
