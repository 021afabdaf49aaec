//! The closure: the store paths that Nix exported, with what it knows of each.
//!
//! A graph whose edges are references. It is closed: every reference is a member. Order is that of the paths.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::input::nar_hash::NarHash;
use crate::input::store_path::{StoreDir, StorePath};

/// One record of `exportReferencesGraph`; newer versions of Nix add members, so unknown ones are passed over.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    pub(super) path: String,
    pub(super) nar_hash: String,
    pub(super) nar_size: u64,
    pub(super) references: Vec<String>,
}

/// What Nix knows of one store path.
#[derive(Debug, Clone)]
pub struct Object {
    /// Hash of its NAR.
    pub nar_hash: NarHash,
    /// Size of its NAR in bytes.
    pub nar_size: u64,
    /// The store paths that its content mentions, itself among them where it does.
    pub references: BTreeSet<StorePath>,
}

/// Store paths and the references between them.
#[derive(Debug, Clone)]
pub struct Closure {
    store_dir: StoreDir,
    objects: BTreeMap<StorePath, Object>,
}

impl Closure {
    /// Checks the records of Nix and makes the graph of them.
    pub fn new(store_dir: StoreDir, records: Vec<Record>) -> Result<Self> {
        let mut objects = BTreeMap::new();
        for record in records {
            let path = store_dir.parse(&record.path)?;
            let context = || format!("reading the closure's record of {path}");
            let references = record
                .references
                .iter()
                .map(|reference| store_dir.parse(reference))
                .collect::<Result<_>>()
                .with_context(context)?;
            let object = Object {
                nar_hash: NarHash::parse(&record.nar_hash).with_context(context)?,
                nar_size: record.nar_size,
                references,
            };
            objects.insert(path, object);
        }
        for (path, object) in &objects {
            for reference in &object.references {
                ensure!(
                    objects.contains_key(reference),
                    "the closure has {path}, but not {reference}, to which it refers"
                );
            }
        }
        Ok(Self { store_dir, objects })
    }

    /// The store that the paths belong to.
    #[must_use]
    pub fn store_dir(&self) -> &StoreDir {
        &self.store_dir
    }

    /// What Nix knows of `path`; nothing when it is no member.
    #[must_use]
    pub fn get(&self, path: &StorePath) -> Option<&Object> {
        self.objects.get(path)
    }

    /// All members, in the order of their paths.
    pub fn iter(&self) -> impl Iterator<Item = (&StorePath, &Object)> {
        self.objects.iter()
    }

    /// Size of all NARs of `paths`, in bytes.
    #[must_use]
    pub fn nar_size<'a>(&self, paths: impl IntoIterator<Item = &'a StorePath>) -> u64 {
        let sizes = paths.into_iter().filter_map(|path| self.get(path));
        // Hardly the sizes of real things, but then of ones that fail to be verified.
        sizes.fold(0, |sum, object| sum.saturating_add(object.nar_size))
    }

    /// `roots` and everything that they refer to, directly or not.
    #[must_use]
    pub fn reachable(&self, roots: impl IntoIterator<Item = StorePath>) -> BTreeSet<StorePath> {
        let mut found: BTreeSet<StorePath> = BTreeSet::new();
        let mut waiting: Vec<StorePath> = roots.into_iter().collect();
        while let Some(path) = waiting.pop() {
            let Some(object) = self.objects.get(&path) else {
                continue;
            };
            if found.insert(path) {
                waiting.extend(object.references.iter().cloned());
            }
        }
        found
    }

    /// What the store paths `roots`, as texts, bring.
    pub(crate) fn reachable_from(&self, roots: &[String]) -> Result<BTreeSet<StorePath>> {
        let roots = roots.iter();
        let roots: Result<Vec<StorePath>> = roots.map(|root| self.store_dir.parse(root)).collect();
        Ok(self.reachable(roots?))
    }

    /// A shortest chain of references from one of `roots` to `target`, both ends included: why `target` is there.
    #[must_use]
    pub fn why<'a>(
        &'a self,
        roots: impl IntoIterator<Item = &'a StorePath>,
        target: &StorePath,
    ) -> Option<Vec<&'a StorePath>> {
        let mut reached_from: BTreeMap<&StorePath, Option<&StorePath>> = BTreeMap::new();
        let mut waiting = VecDeque::new();
        for root in roots {
            if reached_from.insert(root, None).is_none() {
                waiting.push_back(root);
            }
        }
        while let Some(path) = waiting.pop_front() {
            if path == target {
                let mut chain = vec![path];
                while let Some(Some(before)) = chain.last().map(|last| reached_from[last]) {
                    chain.push(before);
                }
                chain.reverse();
                return Some(chain);
            }
            for reference in self.get(path).into_iter().flat_map(|o| &o.references) {
                if !reached_from.contains_key(reference) {
                    reached_from.insert(reference, Some(path));
                    waiting.push_back(reference);
                }
            }
        }
        None
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A closure for tests: each name with the names it refers to; hashes are of one repeated digit.
    pub(crate) fn closure(graph: &[(&str, &[&str])]) -> Closure {
        let path = |name: &str| {
            let digit = name.bytes().next().map_or(0, |b| usize::from(b) % 32);
            let digit = &crate::input::store_path::BASE32[digit..=digit];
            format!("/nix/store/{}-{name}", digit.repeat(32))
        };
        let records = graph
            .iter()
            .map(|(name, references)| Record {
                path: path(name),
                nar_hash: "sha256:0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73".into(),
                nar_size: 100,
                references: references.iter().map(|name| path(name)).collect(),
            })
            .collect();
        Closure::new(StoreDir::new("/nix/store").unwrap(), records).unwrap()
    }

    fn named<'a>(closure: &'a Closure, name: &str) -> &'a StorePath {
        let found = closure.iter().find(|(path, _)| path.name() == name);
        found.unwrap().0
    }

    fn names<'a>(paths: impl IntoIterator<Item = &'a StorePath>) -> Vec<&'a str> {
        paths.into_iter().map(StorePath::name).collect()
    }

    #[test]
    fn reachable_follows_references_and_survives_cycles() {
        let closure = closure(&[
            ("app", &["lib", "app"]),
            ("lib", &["libc"]),
            ("libc", &["lib"]),
            ("other", &[]),
        ]);
        let roots = [named(&closure, "app").clone()];
        let reachable = closure.reachable(roots);
        let mut found = names(&reachable);
        found.sort_unstable();
        assert_eq!(found, ["app", "lib", "libc"]);
    }

    #[test]
    fn why_is_a_shortest_chain() {
        let closure = closure(&[
            ("app", &["lib", "plugin"]),
            ("lib", &["mid"]),
            ("mid", &["zlib"]),
            ("plugin", &["zlib"]),
            ("zlib", &[]),
        ]);
        let chain = closure.why([named(&closure, "app")], named(&closure, "zlib"));
        assert_eq!(names(chain.unwrap()), ["app", "plugin", "zlib"]);
        assert!(
            closure
                .why([named(&closure, "zlib")], named(&closure, "app"))
                .is_none()
        );
    }

    #[test]
    fn a_missing_reference_is_an_error() {
        let text = r#"[{"path": "/nix/store/00000000000000000000000000000000-a", "narSize": 1, "valid": true,
            "narHash": "sha256:0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73",
            "references": ["/nix/store/11111111111111111111111111111111-b"]}]"#;
        let records = serde_json::from_str(text).unwrap();
        let error = Closure::new(StoreDir::new("/nix/store").unwrap(), records).unwrap_err();
        assert!(error.to_string().contains("to which it refers"), "{error}");
    }
}
