//! Resolving: where a path leads inside the finished image, its own links followed as a runtime would.

use std::collections::BTreeSet;

use anyhow::Result;
use camino::Utf8Path;

use crate::nearest;
use crate::path::{LINKS, components, is_within};
use crate::store::{self, Seen, reversed};
use crate::tree::{Node, Source, Tree};

/// Where a message looks for programs.
const PROGRAM_DIRECTORIES: [&str; 5] = ["/bin", "/sbin", "/usr/bin", "/usr/sbin", "/libexec"];

/// How many programs a message names.
const NAMED: usize = 5;

/// Where a path of the image leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
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

/// The image as a runtime will see it.
#[derive(Debug, Clone, Copy)]
pub struct Image<'a> {
    tree: &'a Tree,
}

impl<'a> Image<'a> {
    /// The image of `tree`, with the store paths that it holds or mounts.
    #[must_use]
    pub fn new(tree: &'a Tree) -> Self {
        Self { tree }
    }

    /// Follows `path`, which is absolute.
    pub fn follow(self, path: &str) -> Result<Target> {
        let mut here: Vec<String> = Vec::new();
        let mut left: Vec<String> = reversed(path);
        let mut links = 0;
        while let Some(name) = left.pop() {
            match name.as_str() {
                ".." => {
                    here.pop();
                    continue;
                }
                _ => here.push(name),
            }
            match self.look(&format!("/{}", here.join("/")))? {
                Some(Seen::Directory) => {}
                Some(Seen::File { executable, .. }) if left.is_empty() => {
                    return Ok(Target::File { executable });
                }
                Some(Seen::Symlink(target)) => {
                    links += 1;
                    if links > LINKS {
                        return Ok(Target::Loop);
                    }
                    here.pop();
                    if target.starts_with('/') {
                        here.clear();
                    }
                    left.extend(reversed(&target));
                }
                Some(Seen::File { .. }) | None => {
                    return Ok(Target::Missing(format!("/{}", here.join("/"))));
                }
            }
        }
        Ok(Target::Directory)
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
                    Source::Store { size, .. } => *size,
                },
            },
            Node::Packed(store_path) | Node::Mounted { store_path, .. } => {
                return store::look(store_path.as_path()).map(Some);
            }
        }))
    }

    /// Why `path` cannot be run, with the mend; nothing when it can.
    pub fn why_not_executable(self, path: &str) -> Result<Option<String>> {
        let reason = match self.follow(path)? {
            Target::File { executable: true } => return Ok(None),
            Target::File { executable: false } => "is a file that may not be executed".to_owned(),
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
        let programs = self.programs()?;
        let hint = match nearest::ranked(path, programs.iter().map(String::as_str)) {
            ranked if ranked.is_empty() => "the image has no programs in /bin".to_owned(),
            ranked => format!(
                "the nearest programs are {}",
                ranked[..ranked.len().min(NAMED)].join(", ")
            ),
        };
        Ok(Some(format!("{path} {reason}; {hint}")))
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
    pub fn did_you_mean(self, path: &str) -> String {
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        let siblings = self.tree.get(parent).and_then(|entry| entry.children());
        let names = siblings.into_iter().flat_map(|siblings| siblings.keys());
        nearest::nearest(name, names.map(String::as_str)).map_or_else(String::new, |found| {
            format!("; did you mean \"{parent}/{found}\"?")
        })
    }

    /// The programs of the image, by their paths.
    fn programs(self) -> Result<BTreeSet<String>> {
        let mut programs = BTreeSet::new();
        for directory in PROGRAM_DIRECTORIES {
            let Some(children) = self.tree.get(directory).and_then(|entry| entry.children()) else {
                continue;
            };
            for name in children.keys() {
                let path = format!("{directory}/{name}");
                if matches!(self.follow(&path)?, Target::File { executable: true }) {
                    programs.insert(path);
                }
            }
        }
        Ok(programs)
    }
}
