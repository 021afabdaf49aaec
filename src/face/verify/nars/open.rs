//! The store path of the present entries, written into its NAR as they come.

use std::io::Read;

use anyhow::Result;

use super::nar::Nar;
use crate::face::oci::foreign::members::{Kind, Member};

/// What is wrong with a store path that goes on elsewhere.
pub(super) const ADDED: &str = "something was added to it";

/// The store path of the present entries.
pub(super) struct Open {
    pub(super) name: String,
    pub(super) nar: Nar,
    /// The directories that are open, the store path itself first: their names, and that of the last entry in each.
    directories: Vec<(String, Option<String>)>,
}

/// What is wrong with a store path, if something is.
pub(super) type Judged = std::result::Result<(), String>;

impl Open {
    /// One of which nothing is known yet but its name.
    pub(super) fn new(name: &str) -> Self {
        let mut nar = Nar::default();
        nar.text(b"nix-archive-1");
        Self {
            name: name.to_owned(),
            nar,
            directories: Vec::new(),
        }
    }

    /// Takes what is at `within` the store path.
    pub(super) fn take(
        &mut self,
        within: &str,
        member: &Member,
        content: impl Read,
    ) -> Result<Judged> {
        if self.directories.is_empty() {
            return Ok(Err(ADDED.to_owned()));
        }
        let (parents, name) = within
            .rsplit_once('/')
            .map_or((Vec::new(), within), |(parents, name)| {
                (parents.split('/').collect(), name)
            });
        let is_open = |directories: &[(String, _)]| {
            directories.len() <= parents.len() + 1
                && directories
                    .iter()
                    .skip(1)
                    .zip(&parents)
                    .all(|((open, _), wanted)| open == wanted)
        };
        while !is_open(&self.directories) {
            self.leave();
        }
        let order = "its entries are not in the order in which images are packed here";
        if self.directories.len() != parents.len() + 1 {
            return Ok(Err(order.to_owned()));
        }
        if let Some((_, last)) = self.directories.last_mut() {
            if last.as_deref().is_some_and(|last| last >= name) {
                return Ok(Err(order.to_owned()));
            }
            *last = Some(name.to_owned());
        }
        self.nar.is_empty = false;
        for text in ["entry", "(", "name", name, "node"] {
            self.nar.text(text.as_bytes());
        }
        self.node(name, member, content)
    }

    /// Writes what a member is.
    pub(super) fn node(
        &mut self,
        name: &str,
        member: &Member,
        mut content: impl Read,
    ) -> Result<Judged> {
        let nar = &mut self.nar;
        nar.text(b"(");
        nar.text(b"type");
        match &member.kind {
            Kind::Directory => {
                nar.text(b"directory");
                nar.is_empty = self.directories.is_empty();
                self.directories.push((name.to_owned(), None));
                return Ok(Ok(()));
            }
            Kind::Symlink(target) => {
                for text in ["symlink", "target", target] {
                    nar.text(text.as_bytes());
                }
            }
            Kind::File => {
                nar.text(b"regular");
                if member.attributes()?.mode & 0o111 != 0 {
                    nar.text(b"executable");
                    nar.text(b"");
                }
                nar.text(b"contents");
                nar.content(member.size, &mut content)?;
            }
            Kind::HardLink(_) | Kind::Special => {
                return Ok(Err(
                    "it has something in it that is neither file nor directory nor link".to_owned(),
                ));
            }
        }
        nar.text(b")");
        if !self.directories.is_empty() {
            self.nar.text(b")");
        }
        Ok(Ok(()))
    }

    /// Ends the innermost directory, and its entry in the one above.
    fn leave(&mut self) {
        if self.directories.pop().is_some() {
            self.nar.text(b")");
            if !self.directories.is_empty() {
                self.nar.text(b")");
            }
        }
    }

    /// Ends all that is open.
    pub(super) fn finish(mut self) -> Self {
        while !self.directories.is_empty() {
            self.leave();
        }
        self
    }
}
