//! The contents: which store paths an image holds, and which of them the host brings.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use camino::Utf8PathBuf;

use crate::host::problem::Problems;
use crate::host::store::{Followed, Store};
use crate::image::ImagePath;
use crate::input::closure::Closure;
use crate::input::files::Content;
use crate::input::form::Kind;
use crate::input::spec::{Package, Spec};
use crate::input::store_path::StorePath;

/// Store paths that the program may need when it runs.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Contents {
    /// Those that the archive holds.
    pub packed: BTreeSet<StorePath>,
    /// Those that the archives of the images below hold.
    pub below: BTreeSet<StorePath>,
    /// Those that a thin image mounts from the host.
    pub mounted: BTreeSet<StorePath>,
}

impl Contents {
    /// Chooses by the kind of image. Sources of `files` are copied, so they themselves are no contents, but what they
    /// refer to is. Nor is a package that neither `pathsToLink` nor a text brings in. What the images `below` hold is not
    /// packed again; what thin ones mount, the image on top of them has to mount.
    pub fn choose(
        spec: &Spec,
        below: BTreeSet<StorePath>,
        store: Store<'_>,
        problems: &mut Problems,
        warnings: &mut Vec<String>,
    ) -> Result<Self> {
        let closure = store.closure();
        let mut mentioned = BTreeSet::new();
        for (argument, text) in texts(spec) {
            for path in closure.store_dir().mentioned(text) {
                match member(closure, &path) {
                    Some(member) => {
                        mentioned.insert(member);
                    }
                    None if spec.form.kind == Kind::Static => {}
                    None => warnings.push(format!(
                        "{argument} mentions {path}, which is not in the closure, so the image will not have it"
                    )),
                }
            }
        }
        let mut roots = BTreeSet::new();
        for package in &spec.root.packages {
            let used = used(package, &spec.root.paths_to_link, &mentioned, store)?;
            if used.is_empty() {
                warnings.push(format!(
                    "packages: {} has nothing in pathsToLink, and nothing mentions it, so the image has nothing of it",
                    package.name
                ));
            }
            roots.extend(used);
        }
        for path in spec.root.layers.iter().flat_map(|layer| &layer.paths) {
            roots.insert(closure.store_dir().parse(path)?);
        }
        if spec.form.kind == Kind::Static {
            let held: BTreeSet<StorePath> = roots.union(&below).cloned().collect();
            check_static(spec, closure, &held, problems);
            return Ok(Self {
                packed: &roots - &below,
                below,
                mounted: BTreeSet::new(),
            });
        }
        roots.extend(mentioned);
        for source in sources(spec, closure) {
            if let Some(object) = closure.get(&source) {
                let others = object.references.iter().filter(|path| **path != source);
                roots.extend(others.cloned());
            }
        }
        let all = closure.reachable(roots);
        Ok(match spec.form.kind {
            Kind::Thin => Self {
                packed: BTreeSet::new(),
                mounted: &all | &below,
                below: BTreeSet::new(),
            },
            Kind::Fat | Kind::Static => Self {
                packed: &all - &below,
                below,
                mounted: BTreeSet::new(),
            },
        })
    }

    /// Everything that is there when the image runs.
    pub(crate) fn all(&self) -> impl Iterator<Item = &StorePath> {
        let Self {
            packed,
            below,
            mounted,
        } = self;
        packed.iter().chain(below).chain(mounted)
    }

    /// Whether the image, or one below it, holds `path`.
    #[must_use]
    pub fn holds(&self, path: &StorePath) -> bool {
        self.packed.contains(path) || self.below.contains(path)
    }
}

/// The store paths of a package of which the image has something.
fn used(
    package: &Package,
    wanted: &[ImagePath],
    mentioned: &BTreeSet<StorePath>,
    store: Store<'_>,
) -> Result<Vec<StorePath>> {
    let closure = store.closure();
    let mut used = Vec::new();
    for path in &package.paths {
        let path = closure.store_dir().parse(path)?;
        closure
            .get(&path)
            .with_context(|| format!("the package {path} is not in the exported closure"))?;
        if mentioned.contains(&path) || is_linked(&path, wanted, store)? {
            used.push(path);
        }
    }
    Ok(used)
}

/// Whether a store path has one of the directories that are merged into the root.
fn is_linked(path: &StorePath, wanted: &[ImagePath], store: Store<'_>) -> Result<bool> {
    for directory in wanted {
        let place = Utf8PathBuf::from(format!("{path}{}", directory.as_str()));
        let is_root = directory.as_str() == "/";
        if is_root || store.follow(&place)? != Followed::Missing(place) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A static image holds its packages alone, so nothing in it may refer to, or mention, anything else.
fn check_static(
    spec: &Spec,
    closure: &Closure,
    packages: &BTreeSet<StorePath>,
    problems: &mut Problems,
) {
    let sources: BTreeSet<StorePath> = sources(spec, closure).collect();
    for path in packages.union(&sources) {
        let references = closure.get(path).into_iter().flat_map(|o| &o.references);
        for reference in references.filter(|r| *r != path && !packages.contains(*r)) {
            problems.add(
                "static",
                format!(
                    "{path} refers to {reference}, and a static image holds the packages' own store paths alone; \
                     use a statically linked package (pkgsStatic), or leave static = true out"
                ),
            );
        }
    }
    for (argument, text) in texts(spec) {
        for path in closure.store_dir().mentioned(text) {
            if member(closure, &path).is_none_or(|path| !packages.contains(&path)) {
                problems.add(
                    argument.clone(),
                    format!(
                        "mentions {path}, which a static image of these packages does not hold"
                    ),
                );
            }
        }
    }
}

/// The member of the closure that `mentioned` means, whose name may have run into the text behind it.
pub(super) fn member(closure: &Closure, mentioned: &StorePath) -> Option<StorePath> {
    if closure.get(mentioned).is_some() {
        return Some(mentioned.clone());
    }
    let same_hash = |path: &&StorePath| path.hash_part() == mentioned.hash_part();
    closure
        .iter()
        .map(|(path, _)| path)
        .find(same_hash)
        .cloned()
}

/// Store paths of the sources of `files`.
pub(super) fn sources<'a>(
    spec: &'a Spec,
    closure: &'a Closure,
) -> impl Iterator<Item = StorePath> + 'a {
    let sources = spec.root.files.values();
    sources.filter_map(|file| match &file.content {
        Content::Source(source) => closure.store_dir().split(source).map(|(path, _)| path),
        Content::Text(_) | Content::Directory | Content::Symlink(_) => None,
    })
}

/// Every text of the description that the program sees, with the argument that it belongs to.
pub(super) fn texts(spec: &Spec) -> Vec<(String, &str)> {
    let Spec { image, root, .. } = spec;
    let mut texts = Vec::new();
    texts.extend(image.exec.words().map(|text| ("exec".to_owned(), text)));
    let args = image.args.iter();
    texts.extend(args.map(|text| ("args".to_owned(), text.as_str())));
    if let Some(check) = &image.healthcheck {
        let words = check.test.command().words();
        texts.extend(words.map(|text| ("healthcheck.test".to_owned(), text)));
    }
    for (name, value) in &image.env {
        texts.push((format!("env.{name}"), value.as_str()));
    }
    for (event, handler) in &image.event_handlers {
        let argument = format!("eventHandlers.{}", event.name());
        let words = handler.command().words();
        texts.extend(words.map(|text| (argument.clone(), text)));
    }
    if let Some(path) = &image.working_directory {
        texts.push(("workingDirectory".to_owned(), path.as_str()));
    }
    for (at, path) in image.path_whitelist.iter().enumerate() {
        texts.push((format!("pathWhitelist[{at}]"), path.as_str()));
    }
    for (path, file) in &root.files {
        let text = match &file.content {
            Content::Text(text) => text,
            Content::Symlink(target) => target.as_str(),
            Content::Source(_) | Content::Directory => continue,
        };
        texts.push((format!("files.{:?}", path.as_str()), text));
    }
    texts
}
