//! The merge: the packages' trees laid over each other at the image's root.
//!
//! Directories are real, everything else is a link into the store, but for what is under `/etc`, which is copied.
//! A link to a directory stays a link until something else has to go below it.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

use crate::host::problem::Problems;
use crate::host::store::{self, Followed, Seen, Store};
use crate::image::ImagePath;
use crate::image::path::{LINKS, components, is_within, parent};
use crate::input::spec::Package;
use crate::tree::accounts;
use crate::tree::below::Below;
use crate::tree::collisions::Collisions;
use crate::tree::descent::{Descent, Endless};
use crate::tree::lookup::Rootfs;
use crate::tree::same::{leads_into_store, same_content};
use crate::tree::{Attributes, Entry, Node, Origin, Source, Tree};

/// So often a package's link may lead back to a directory above it. Each turn needs a directory of that name from another
/// package, so that real packages take one at most; two that both have such a link would turn for ever.
const TURNS: usize = 8;

/// The tree while it grows, with the store that its links lead into.
#[derive(Debug)]
pub(crate) struct Merge<'a> {
    store: Store<'a>,
    below: &'a Below,
    /// What has been laid so far.
    pub tree: Tree,
    /// Links under `/etc` that lead out of the closure: where, and to what. They are right only if the finished image
    /// has what they lead to.
    pub outside: BTreeMap<String, Utf8PathBuf>,
    collisions: Collisions,
    descent: Descent,
}

/// A package on its way into the tree.
struct Visit<'v> {
    origin: &'v Origin,
    /// The image directories that are wanted.
    wanted: &'v [ImagePath],
}

impl<'a> Merge<'a> {
    /// Merges `packages`, of which only the directories `wanted` are taken, over what is `below`.
    pub(crate) fn packages(
        store: Store<'a>,
        below: &'a Below,
        packages: &[Package],
        wanted: &[ImagePath],
        problems: &mut Problems,
    ) -> Result<Self> {
        let mut merge = Self {
            store,
            below,
            tree: below.tree.clone(),
            outside: BTreeMap::new(),
            collisions: Collisions::default(),
            descent: Descent::default(),
        };
        let mut by_priority: Vec<&Package> = packages.iter().collect();
        by_priority.sort_by_key(|package| package.priority);
        for package in by_priority {
            let origin = Origin::Package {
                name: package.name.as_str().into(),
                priority: package.priority,
            };
            for path in &package.paths {
                merge.package(path, &origin, wanted, problems)?;
            }
        }
        merge.collisions.report(problems);
        Ok(merge)
    }

    fn package(
        &mut self,
        path: &str,
        origin: &Origin,
        wanted: &[ImagePath],
        problems: &mut Problems,
    ) -> Result<()> {
        match self.store.follow(Utf8Path::new(path))? {
            Followed::Directory(root) => self.directory(&root, "", &Visit { origin, wanted }),
            Followed::File { .. } => {
                problems.add(
                    "packages",
                    format!(
                        "{path} is a file, and a package is a directory with bin, etc, …; \
                         put single files in place with files.\"/path\".source"
                    ),
                );
                Ok(())
            }
            other => bail!(
                "the {origin} at {path} {}; see nix-store --verify-path {path}, and mend the store with nix-store \
                 --repair-path {path}",
                other.where_to()
            ),
        }
    }

    /// Lays the directory `disk`, which is no link, at `image`.
    fn directory(&mut self, disk: &Utf8Path, image: &str, visit: &Visit<'_>) -> Result<()> {
        // Everything under /etc is a real directory, so that there no link ends it.
        let turns = if is_in_etc(image) { 0 } else { TURNS };
        let endless = |Endless(why)| {
            let origin = visit.origin;
            Endless(format!(
                "the {origin} at {image}: {why}; take only some directories with pathsToLink"
            ))
        };
        self.descent.enter(disk, turns).map_err(endless)?;
        let names = store::list(disk)?;
        self.descent.count(names.len()).map_err(endless)?;
        for name in names {
            let path = format!("{image}/{name}");
            if path != "/nix-support" && path != "/share/info/dir" {
                self.entry(&disk.join(&name), &path, visit)?;
            }
        }
        self.descent.leave();
        Ok(())
    }

    /// Lays what is at `disk` at `image`.
    fn entry(&mut self, disk: &Utf8Path, image: &str, visit: &Visit<'_>) -> Result<()> {
        let below_wanted = visit
            .wanted
            .iter()
            .any(|wanted| is_within(image, wanted.as_str()));
        let above_wanted = visit
            .wanted
            .iter()
            .any(|wanted| is_within(wanted.as_str(), image));
        if !below_wanted && !above_wanted {
            return Ok(());
        }
        let seen = store::look(disk)?;
        if let Some(behind) = self.behind_link_below(image)? {
            return match self.store.follow(disk)? {
                Followed::Directory(directory) => self.directory(&directory, &behind, visit),
                _ if below_wanted => self.leaf(disk, image, visit.origin),
                _ => Ok(()),
            };
        }
        let existing = self.tree.get(image);
        let must_be_directory = !below_wanted
            || is_in_etc(image)
            || match existing {
                Some(entry) => entry.children().is_some() || self.is_link_to_directory(entry)?,
                None => false,
            };
        let directory = match seen {
            Seen::Directory => Some(disk.to_owned()),
            Seen::Symlink(_) if must_be_directory => match self.store.follow(disk)? {
                Followed::Directory(path) => Some(path),
                _ => None,
            },
            _ => None,
        };
        match directory {
            Some(directory) => {
                if self.leads_to(image, &directory)?
                    || below_wanted && !self.make_directory(image, visit.origin)?
                {
                    return Ok(());
                }
                self.directory(&directory, image, visit)
            }
            None if below_wanted => self.leaf(disk, image, visit.origin),
            None => Ok(()),
        }
    }

    /// Whether a link stands at `image` that leads to the very same directory.
    fn leads_to(&self, image: &str, directory: &Utf8Path) -> Result<bool> {
        let Some(Node::Symlink(target)) = self.tree.get(image).map(|entry| &entry.node) else {
            return Ok(false);
        };
        let followed = self.store.follow(Utf8Path::new(target))?;
        Ok(matches!(followed, Followed::Directory(path) if path == directory))
    }

    /// Sees to it that `image` is a directory; false when something with precedence stands there.
    fn make_directory(&mut self, image: &str, origin: &Origin) -> Result<bool> {
        let Some(existing) = self.tree.get(image) else {
            let directory = Entry::directory(Attributes::root(0o755), origin.clone());
            // Something above that is not a directory has precedence, or this would have been merged into it.
            return Ok(self.tree.insert(image, directory).is_ok());
        };
        if existing.children().is_some() {
            return Ok(true);
        }
        if self.is_link_to_directory(existing)? {
            self.expand(image)?;
            return Ok(true);
        }
        self.collide(image, origin);
        Ok(false)
    }

    /// Lays a file or a link.
    fn leaf(&mut self, disk: &Utf8Path, image: &str, origin: &Origin) -> Result<()> {
        let entry = if is_in_etc(image) {
            self.copy(disk, image, origin)?
        } else {
            Entry::symlink(disk.as_str(), origin.clone())
        };
        match self.tree.get(image) {
            None => {
                // Refused only below what has precedence.
                let _ = self.tree.insert(image, entry);
            }
            Some(existing) if same_content(self.store, existing, &entry)? => {}
            Some(existing) if self.yields(image, existing, origin) => {
                let _ = self.tree.insert(image, entry);
            }
            Some(_) => self.collide(image, origin),
        }
        Ok(())
    }

    /// A real file with the content of what is at `disk`, links followed inside the closure.
    fn copy(&mut self, disk: &Utf8Path, image: &str, origin: &Origin) -> Result<Entry> {
        match self.store.follow(disk)? {
            Followed::File {
                path,
                executable,
                size,
            } => Ok(Entry {
                node: Node::File(Source::Store { path, size }),
                attributes: Attributes::root(if executable { 0o755 } else { 0o644 }),
                origin: origin.clone(),
            }),
            Followed::Outside(target) => {
                let entry = Entry::symlink(target.as_str(), origin.clone());
                self.outside.insert(image.to_owned(), target);
                Ok(entry)
            }
            Followed::Missing(target) => Ok(Entry::symlink(target.as_str(), origin.clone())),
            Followed::Directory(_) | Followed::Loop => Err(Endless(format!(
                "the {origin} has {image}, a link that leads to itself or through more than {LINKS} links"
            ))
            .into()),
        }
    }

    /// Whether what an image below has at a path gives way to a package: the skeleton does, accounts do, which are
    /// joined later, and so does a package of less priority.
    fn yields(&self, image: &str, existing: &Entry, newcomer: &Origin) -> bool {
        let by_origin = match (&existing.origin, newcomer) {
            (Origin::Skeleton, _) => true,
            (
                Origin::Package { priority, .. },
                Origin::Package {
                    priority: new_priority,
                    ..
                },
            ) => new_priority < priority,
            _ => false,
        };
        existing.children().is_none()
            && self.below.has(image, existing)
            && (by_origin || accounts::FILES.contains(&image))
    }

    /// Where the link at `image` leads, if an image below brings it and it leads to a directory of that image's own: what
    /// others put there goes behind it.
    fn behind_link_below(&self, image: &str) -> Result<Option<String>> {
        let Some(entry) = self.tree.get(image) else {
            return Ok(None);
        };
        if !matches!(entry.node, Node::Symlink(_)) || !self.below.has(image, entry) {
            return Ok(None);
        }
        let end = Rootfs::new(&self.tree).way(image)?.last();
        Ok(end.filter(|end| {
            self.tree
                .get(end)
                .is_some_and(|entry| entry.children().is_some())
        }))
    }

    /// The path at which `image` stands when links of images below are followed on the way to it, but for the last one.
    pub(crate) fn behind_links_below(&self, image: &str) -> Result<String> {
        let mut path = String::new();
        let mut names = components(image).peekable();
        while let Some(name) = names.next() {
            path = format!("{path}/{name}");
            if names.peek().is_some()
                && let Some(behind) = self.behind_link_below(&path)?
            {
                path = behind;
            }
        }
        Ok(path)
    }

    /// Notes that `image` is there already with other content, unless what is there has precedence.
    fn collide(&mut self, image: &str, newcomer: &Origin) {
        let Some(Origin::Package { name, priority }) = self.tree.get(image).map(|e| &e.origin)
        else {
            return;
        };
        if let Origin::Package {
            name: new_name,
            priority: new_priority,
        } = newcomer
            && priority == new_priority
        {
            self.collisions.note(name, new_name, image);
        }
    }

    fn is_link_to_directory(&self, entry: &Entry) -> Result<bool> {
        let Some(target) = leads_into_store(entry) else {
            return Ok(false);
        };
        Ok(matches!(entry.origin, Origin::Package { .. })
            && matches!(self.store.follow(target)?, Followed::Directory(_)))
    }

    /// Turns a package's link to a directory into a directory with the same content.
    fn expand(&mut self, image: &str) -> Result<()> {
        let Some(Entry {
            node: Node::Symlink(target),
            origin,
            ..
        }) = self.tree.get(image).cloned()
        else {
            return Ok(());
        };
        if let Followed::Directory(directory) = self.store.follow(Utf8Path::new(&target))? {
            if let Some(entry) = self.tree.get_mut(image) {
                *entry = Entry::directory(Attributes::root(0o755), origin.clone());
            }
            let visit = Visit {
                origin: &origin,
                wanted: &[ImagePath::root()],
            };
            let paused = self.descent.begin();
            self.directory(&directory, image, &visit)?;
            self.descent.resume(paused);
        }
        Ok(())
    }

    /// Whether something is at `image`, behind a link to a directory on the way, too.
    pub(crate) fn has(&self, image: &str) -> Result<bool> {
        let image = &self.behind_links_below(image)?;
        if self.tree.get(image).is_some() {
            return Ok(true);
        }
        let Some((link, entry)) = self.tree.obstacle(image) else {
            return Ok(false);
        };
        let Node::Symlink(target) = &entry.node else {
            return Ok(false);
        };
        let behind = format!("{target}{}", &image[link.len()..]);
        let followed = self.store.follow(Utf8Path::new(&behind))?;
        Ok(matches!(
            followed,
            Followed::Directory(_) | Followed::File { .. }
        ))
    }

    /// Makes real directories of the links to directories on the way to `image` and at it; true when a directory is
    /// there then.
    pub(crate) fn make_real(&mut self, image: &str) -> Result<bool> {
        while let Some((path, obstacle)) = self.tree.obstacle(image) {
            if !self.is_link_to_directory(obstacle)? {
                return Ok(false);
            }
            self.expand(&path)?;
        }
        let entry = self.tree.get(image);
        Ok(entry.is_some_and(|entry| entry.children().is_some()))
    }

    /// Puts `entry` at `image`, whatever stood there; links to directories on the way become directories.
    ///
    /// The inner error is what stands in the way.
    pub(crate) fn put(
        &mut self,
        image: &str,
        entry: Entry,
    ) -> Result<Result<(), (String, Origin)>> {
        let image = &self.behind_links_below(image)?;
        let parent = parent(image);
        self.make_real(parent)?;
        if let Some((path, obstacle)) = self.tree.obstacle(parent) {
            return Ok(Err((path, obstacle.origin.clone())));
        }
        let inserted = self.tree.insert(image, entry);
        Ok(inserted.map_err(|path| (path, Origin::Skeleton)))
    }
}

fn is_in_etc(image: &str) -> bool {
    is_within(image, "/etc")
}
