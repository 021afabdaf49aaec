//! Resolving: where a path leads inside the finished image, its own links followed as a runtime would.

use std::collections::BTreeSet;

use anyhow::Result;
use camino::Utf8Path;

use crate::host::nearest;
use crate::host::store::{self, Seen, reversed};
use crate::image::path::{LINKS, components, is_within};
use crate::rules::Machine;
use crate::tree::interpreter::{self, Needs};
use crate::tree::{Node, Origin, Source, Tree};

/// Where a message looks for programs.
const PROGRAM_DIRECTORIES: [&str; 5] = ["/bin", "/sbin", "/usr/bin", "/usr/sbin", "/libexec"];

/// How many programs a message names.
const NAMED: usize = 5;

/// Where a path of the image leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// To a directory.
    Directory,
    /// To a regular file.
    File {
        /// Whether anybody may execute it.
        executable: bool,
    },
    /// Nowhere: nothing is at this path.
    Missing(String),
    /// Round and round.
    Loop,
}

/// The root file system as a runtime will see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rootfs<'a> {
    tree: &'a Tree,
}

impl<'a> Rootfs<'a> {
    /// The image of `tree`, with the store paths that it holds or mounts.
    #[must_use]
    pub(crate) fn new(tree: &'a Tree) -> Self {
        Self { tree }
    }

    /// Follows `path`, which is absolute.
    pub(crate) fn follow(self, path: &str) -> Result<Target> {
        self.trace(path).map(|(target, _)| target)
    }

    /// Follows `path`; also tells every path on the way where a link was, and the one where it ends.
    fn trace(self, path: &str) -> Result<(Target, Vec<String>)> {
        let mut way = Vec::new();
        let mut here: Vec<String> = Vec::new();
        let mut left: Vec<String> = reversed(path);
        // The kernel takes a path that ends with a slash for a directory's.
        let mut as_directory = path.ends_with('/');
        while let Some(name) = left.pop() {
            if name == ".." {
                here.pop();
                continue;
            }
            here.push(name);
            let at = format!("/{}", here.join("/"));
            match self.look(&at)? {
                Some(Seen::Directory) => {}
                Some(Seen::File { executable, .. }) if left.is_empty() && !as_directory => {
                    way.push(at);
                    return Ok((Target::File { executable }, way));
                }
                Some(Seen::Symlink(target)) => {
                    way.push(at);
                    if way.len() > LINKS {
                        return Ok((Target::Loop, way));
                    }
                    here.pop();
                    if target.starts_with('/') {
                        here.clear();
                    }
                    as_directory |= left.is_empty() && target.ends_with('/');
                    left.extend(reversed(&target));
                }
                Some(Seen::File { .. }) | None => return Ok((Target::Missing(at), way)),
            }
        }
        way.push(format!("/{}", here.join("/")));
        Ok((Target::Directory, way))
    }

    /// Every path that runtimes have to find on the way to what `path` leads to.
    pub(crate) fn way(self, path: &str) -> Result<impl Iterator<Item = String>> {
        self.trace(path).map(|(_, way)| way.into_iter())
    }

    /// What the file that `path` leads to needs to be started; nothing when it is a text, and no script.
    pub(crate) fn needs(self, path: &str) -> Result<Option<Needs>> {
        let (_, way) = self.trace(path)?;
        let Some(end) = way.last() else {
            return Ok(Some(Needs::Nothing));
        };
        match self.tree.get(end).map(|entry| &entry.node) {
            Some(Node::File(Source::Text(text))) => Ok(interpreter::of_script(text.as_bytes())),
            Some(Node::File(Source::Store { path, .. })) => interpreter::of_file(path).map(Some),
            // Who made the layer knows what its programs need.
            Some(Node::File(Source::Foreign { .. })) => Ok(Some(Needs::Nothing)),
            // A store path stands in the image where it stands in the store.
            _ => interpreter::of_file(Utf8Path::new(end)).map(Some),
        }
    }

    /// The processor that the file to which `path` leads is for, if it is a program of the kernel's own.
    pub(crate) fn machine(self, path: &str) -> Result<Option<Machine>> {
        let (_, way) = self.trace(path)?;
        let Some(end) = way.last() else {
            return Ok(None);
        };
        match self.tree.get(end).map(|entry| &entry.node) {
            Some(Node::File(Source::Text(_) | Source::Foreign { .. })) => Ok(None),
            Some(Node::File(Source::Store { path, .. })) => interpreter::machine_of_file(path),
            _ => interpreter::machine_of_file(Utf8Path::new(end)),
        }
    }

    /// Why `path` has no owner that counts, with the mend; nothing when it has one. Runtimes follow no link there.
    pub(crate) fn why_without_owner(self, path: &str) -> Result<Option<String>> {
        if self.look(path)?.is_some() {
            return Ok(None);
        }
        let (target, way) = self.trace(path)?;
        Ok(Some(match (target, way.last()) {
            (Target::Directory | Target::File { .. }, Some(end)) => format!(
                "{path} lies behind a link, which runtimes do not follow here; write {end:?}"
            ),
            _ => format!("{path} is not in the image, so it has no owner"),
        }))
    }

    /// What is at `path`, no link followed.
    fn look(self, path: &str) -> Result<Option<Seen>> {
        let mut entry = self.tree.root();
        for name in components(path) {
            match &entry.node {
                Node::Directory(children) => match children.get(name) {
                    Some(child) => entry = child,
                    None => return Ok(None),
                },
                // A store path stands in the image where it stands in the store.
                Node::Packed(_) | Node::Mounted { .. } => {
                    return store::look_if_there(Utf8Path::new(path));
                }
                Node::File(_) | Node::Symlink(_) => return Ok(None),
            }
        }
        Ok(Some(match &entry.node {
            Node::Directory(_) => Seen::Directory,
            Node::Symlink(target) => Seen::Symlink(target.clone()),
            Node::File(source) => Seen::File {
                executable: entry.attributes.mode & 0o111 != 0,
                size: match source {
                    Source::Text(text) => text.len() as u64,
                    Source::Store { size, .. } | Source::Foreign { size } => *size,
                },
            },
            Node::Packed(store_path) | Node::Mounted { store_path, .. } => {
                return store::look(store_path.as_path()).map(Some);
            }
        }))
    }

    /// Why `path` cannot be run, with the mend; nothing when it can.
    pub(crate) fn why_not_executable(self, path: &str) -> Result<Option<String>> {
        let reason = match self.follow(path)? {
            Target::File { executable: true } => return Ok(None),
            Target::File { executable: false } => return Ok(Some(self.mode_of(path)?)),
            Target::Directory => "is a directory".to_owned(),
            Target::Loop => "is a link that leads to itself".to_owned(),
            Target::Missing(at) if is_within(path, &at) => "is not in the image".to_owned(),
            Target::Missing(at) => format!("leads to {at}, which is not in the image"),
        };
        if let Some(command) = self.command(path)? {
            return Ok(Some(format!(
                "{path:?} is one word, and no program is called so; write program and arguments as a list, {command}"
            )));
        }
        // Who names a store path means a program of that package.
        let package = self.package(path);
        let programs = self.programs(package.as_deref().unwrap_or_default())?;
        let hint = match (
            nearest::ranked(path, programs.iter().map(String::as_str)),
            package,
        ) {
            (ranked, Some(package)) if ranked.is_empty() => {
                format!("{package} has no programs in /bin")
            }
            (ranked, None) if ranked.is_empty() => "the image has no programs in /bin".to_owned(),
            (ranked, _) => format!(
                "the nearest programs are {}",
                ranked[..ranked.len().min(NAMED)].join(", ")
            ),
        };
        Ok(Some(format!("{path} {reason}; {hint}")))
    }

    /// What to say of a file that may not be executed.
    fn mode_of(self, path: &str) -> Result<String> {
        let (_, way) = self.trace(path)?;
        let end = way.last().map_or(path, String::as_str);
        let origin = self.tree.get(end).map(|entry| &entry.origin);
        let mend = match origin {
            Some(Origin::Files) => format!("write files.{end:?}.mode = \"0755\""),
            _ => format!("write perms.{path:?}.mode = \"0755\""),
        };
        Ok(format!("{path} is a file that may not be executed; {mend}"))
    }

    /// The list that was meant by a program and its arguments in one text.
    fn command(self, text: &str) -> Result<Option<String>> {
        let mut words = text.split_whitespace();
        let (Some(program), Some(_)) = (words.next(), words.next()) else {
            return Ok(None);
        };
        if self.follow(program)? != (Target::File { executable: true }) {
            return Ok(None);
        }
        let words = text.split_whitespace().map(|word| format!("{word:?} "));
        Ok(Some(format!("[ {}]", words.collect::<String>())))
    }

    /// The end of a message about a path that is not there: what stands in the same directory under a like name.
    #[must_use]
    pub(crate) fn did_you_mean(self, path: &str) -> String {
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        let siblings = self.tree.get(parent).and_then(|entry| entry.children());
        let names = siblings.into_iter().flat_map(|siblings| siblings.keys());
        nearest::nearest(name, names.map(String::as_str)).map_or_else(String::new, |found| {
            format!("; did you mean \"{parent}/{found}\"?")
        })
    }

    /// The store path of the image in which `path` lies.
    fn package(self, path: &str) -> Option<String> {
        let mut entry = self.tree.root();
        let mut at = String::new();
        for name in components(path) {
            entry = entry.children()?.get(name)?;
            at = format!("{at}/{name}");
            if matches!(entry.node, Node::Packed(_) | Node::Mounted { .. }) {
                return Some(at);
            }
        }
        None
    }

    /// The programs below `top`, a store path of the image or nothing for the image itself, by their paths.
    pub(crate) fn programs(self, top: &str) -> Result<BTreeSet<String>> {
        let mut programs = BTreeSet::new();
        for directory in PROGRAM_DIRECTORIES {
            let directory = format!("{top}{directory}");
            for name in self.names(&directory)? {
                let path = format!("{directory}/{name}");
                if matches!(self.follow(&path)?, Target::File { executable: true }) {
                    programs.insert(path);
                }
            }
        }
        Ok(programs)
    }

    /// The names in a directory; none where there is no directory.
    fn names(self, directory: &str) -> Result<Vec<String>> {
        if let Some(entry) = self.tree.get(directory) {
            let children = entry.children().into_iter();
            return Ok(children
                .flat_map(|children| children.keys().cloned())
                .collect());
        }
        match self.look(directory)? {
            // No entry of the tree, so it lies in a store path.
            Some(Seen::Directory) => store::list(Utf8Path::new(directory)),
            _ => Ok(Vec::new()),
        }
    }
}
