//! Why a store path is in an image: which argument brings it, over which references.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::host::log::{self, size};
use crate::input::attrs::Attrs;
use crate::input::spec::Spec;
use crate::input::store_path::StorePath;
use crate::tree::contents;

/// A store path, and what brings it into the image.
#[derive(Debug)]
pub(crate) struct Why {
    /// The argument that names the first of the chain; nothing where none does.
    pub(crate) argument: Option<String>,
    /// Store paths, each of which refers to the next one; the last one is what was asked for.
    pub(crate) chain: Vec<StorePath>,
}

impl Why {
    /// Why `path` is in the image of `attrs`.
    pub(crate) fn new(attrs: &Attrs, path: &StorePath) -> Self {
        Self::among(&Named::of(attrs), attrs, path)
    }

    /// The same, for who asks about several.
    pub(crate) fn among(Named(named): &Named, attrs: &Attrs, path: &StorePath) -> Self {
        let chain = attrs.closure.why(named.keys(), path);
        let chain = chain.unwrap_or_else(|| vec![path]);
        Self {
            argument: named.get(chain[0]).cloned(),
            chain: chain.into_iter().cloned().collect(),
        }
    }

    /// The names of the chain.
    pub(crate) fn names(&self) -> String {
        let names: Vec<&str> = self.chain.iter().map(StorePath::name).collect();
        log::chain(&names)
    }

    /// What refers to the store path itself; nothing where an argument names it.
    pub(crate) fn referrer(&self) -> Option<&StorePath> {
        self.chain.iter().rev().nth(1)
    }
}

/// Those `number` of `paths` that weigh most, each with the chain of references that brings it there.
pub(crate) fn heaviest<'a>(
    attrs: &Attrs,
    paths: impl Iterator<Item = &'a StorePath>,
    number: usize,
) -> Vec<String> {
    let weight = |path: &StorePath| attrs.closure.nar_size([path]);
    let mut paths: Vec<&StorePath> = paths.collect();
    paths.sort_by_key(|path| (Reverse(weight(path)), *path));
    paths.truncate(number);
    let line = |path| {
        let names = Why::new(attrs, path).names();
        format!("{names}, {}", size(weight(path)))
    };
    paths.into_iter().map(line).collect()
}

/// The store paths that arguments name, each with the first argument that does. Those of the image come before those of
/// the images below.
pub(crate) struct Named(BTreeMap<StorePath, String>);

impl Named {
    /// Those of the image of `attrs`.
    pub(crate) fn of(attrs: &Attrs) -> Self {
        let mut named = BTreeMap::new();
        of_spec(attrs, &attrs.spec, "", &mut named);
        for base in &attrs.below {
            let whose = format!(" of the image {}", base.spec.image.name);
            of_spec(attrs, &base.spec, &whose, &mut named);
        }
        Self(named)
    }

    /// Each with the argument.
    pub(crate) fn into_map(self) -> BTreeMap<StorePath, String> {
        self.0
    }
}

/// The store paths that files are copied from.
pub(crate) fn sources(attrs: &Attrs) -> impl Iterator<Item = StorePath> + '_ {
    let specs = attrs.below.iter().map(|base| &base.spec);
    specs
        .chain([&attrs.spec])
        .flat_map(|spec| contents::sources(spec, &attrs.closure))
}

/// The store paths that the arguments of an image below name.
pub(crate) fn named_below(attrs: &Attrs, spec: &Spec) -> BTreeMap<StorePath, String> {
    let mut named = BTreeMap::new();
    of_spec(attrs, spec, "", &mut named);
    named
}

fn of_spec(attrs: &Attrs, spec: &Spec, whose: &str, named: &mut BTreeMap<StorePath, String>) {
    let store_dir = attrs.closure.store_dir();
    let mut name = |argument: &str, path: StorePath| {
        let argument = || format!("{argument}{whose}");
        named.entry(path).or_insert_with(argument);
    };
    let lists = [
        ("packages", &spec.root.packages),
        ("layers", &spec.root.layers),
    ];
    for (argument, packages) in lists {
        for path in packages.iter().flat_map(|package| &package.paths) {
            if let Ok(path) = store_dir.parse(path) {
                name(argument, path);
            }
        }
    }
    for (argument, text) in contents::texts(spec) {
        for path in store_dir.mentioned(text) {
            if let Some(path) = contents::member(&attrs.closure, &path) {
                name(&argument, path);
            }
        }
    }
    // They are copied, and only what they refer to is there.
    for path in contents::sources(spec, &attrs.closure) {
        name("files", path);
    }
}
