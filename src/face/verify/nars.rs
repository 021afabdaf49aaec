//! NARs: the store paths in an archive, each as the NAR of which Nix recorded the hash.
//!
//! Directories are written as the archive has them, sorted and parents first, and so is a NAR: nothing is kept but the
//! names above the present entry. What comes in another order was not packed by this program, and that is told.

mod nar;
mod open;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use anyhow::{Context, Result};

use self::nar::Nar;
use self::open::{ADDED, Open};
use crate::face::oci::foreign::members::Member;
use crate::face::recorded::Recorded;
use crate::input::nar_hash::NarHash;

/// What the names begin with of what hides something in the layers below, and the rest of that which hides a whole directory.
const WHITEOUT: &str = ".wh.";
const OPAQUE: &str = ".wh..opq";

/// The store paths of an image, as far as it was read.
pub(crate) struct Nars {
    /// Where the store is in the archive, with a slash at its end.
    store: String,
    open: Option<Open>,
    /// By the names of the store paths. One may be in several layers, each time whole.
    found: BTreeMap<String, Vec<Nar>>,
    /// What is wrong with those that are no store path at all.
    wrong: BTreeMap<String, String>,
}

impl Nars {
    /// None yet, of archives whose root is at `top`, with the store of what was `recorded`.
    pub(crate) fn new(top: &str, recorded: Option<&[Recorded]>) -> Self {
        let first = recorded.and_then(<[_]>::first);
        let store_dir = first.and_then(|first| first.path.rsplit_once('/'));
        let store_dir = store_dir.map_or("/nix/store", |(store_dir, _)| store_dir);
        Self {
            store: format!("{top}{}/", store_dir.trim_start_matches('/')),
            open: None,
            found: BTreeMap::new(),
            wrong: BTreeMap::new(),
        }
    }

    /// Takes a member of an archive with its content.
    pub(crate) fn take(&mut self, member: &Member, content: impl Read) -> Result<()> {
        if self.hides(&member.path) {
            return Ok(());
        }
        let Some(inside) = member.path.strip_prefix(&self.store) else {
            self.close();
            return Ok(());
        };
        let (name, within) = inside.split_once('/').unwrap_or((inside, ""));
        if self.wrong.contains_key(name) {
            return Ok(());
        }
        if self.open.as_ref().is_none_or(|open| open.name != name) {
            self.close();
        }
        let taken = match &mut self.open {
            Some(open) if !within.is_empty() => open.take(within, member, content),
            None if within.is_empty() => {
                let mut open = Open::new(name);
                let taken = open.node("", member, content);
                self.open = Some(open);
                taken
            }
            _ => Ok(Err(ADDED.to_owned())),
        };
        if let Err(why) = taken? {
            self.open = None;
            self.found.remove(name);
            self.wrong.insert(name.to_owned(), why);
        }
        Ok(())
    }

    /// Ends an archive, and with it the store path that is open.
    pub(crate) fn close(&mut self) {
        if let Some(open) = self.open.take() {
            let Open { name, nar, .. } = open.finish();
            let found = self.found.entry(name).or_default();
            // An empty directory adds nothing to what is there.
            if !nar.is_empty || found.is_empty() {
                found.retain(|other| !other.is_empty);
                found.push(nar);
            }
        }
    }

    /// Whether a member hides what is below it, of which then nothing was found (image specification 1.1, "Whiteouts").
    fn hides(&mut self, path: &str) -> bool {
        let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
        let Some(hidden) = name.strip_prefix(WHITEOUT) else {
            return false;
        };
        let above = if above.is_empty() {
            String::new()
        } else {
            format!("{above}/")
        };
        let is_opaque = hidden == OPAQUE;
        if above == self.store && !is_opaque {
            self.close();
            self.found.remove(hidden);
            self.wrong.remove(hidden);
            return true;
        }
        let covers = if is_opaque {
            above
        } else {
            format!("{above}{hidden}/")
        };
        let hides = self.store.starts_with(&covers);
        if hides {
            self.close();
            self.found.clear();
            self.wrong.clear();
        }
        hides
    }

    /// What differs from what was recorded, a line each. `others` may be there too.
    pub(crate) fn compare(mut self, recorded: &[Recorded], others: bool) -> Result<Vec<String>> {
        self.close();
        let mut told = Vec::new();
        let mut known = BTreeSet::new();
        for Recorded {
            path,
            nar_hash,
            nar_size,
        } in recorded
        {
            let name = path.rsplit('/').next().unwrap_or(path);
            known.insert(name);
            if let Some(why) = self.wrong.get(name) {
                told.push(format!("{path}: {why}"));
                continue;
            }
            let Some(found) = self.found.remove(name) else {
                told.push(format!("{path} is not in it"));
                continue;
            };
            let expected = NarHash::parse(nar_hash).with_context(|| format!("reading {path}"))?;
            let mut found = found
                .into_iter()
                .map(|nar| (NarHash::from(nar.hash), nar.length));
            if let Some((hash, length)) = found.find(|found| *found != (expected, *nar_size)) {
                told.push(format!(
                    "{path} was changed: its NAR hash is {hash} ({length} bytes), and Nix recorded {expected} ({nar_size} \
                     bytes)"
                ));
            }
        }
        let found = self.found.iter();
        let found = found.filter(|(_, nars)| nars.iter().any(|nar| !nar.is_empty));
        let unknown = found.map(|(name, _)| name).chain(self.wrong.keys());
        let unknown = unknown.filter(|name| !others && !known.contains(name.as_str()));
        told.extend(unknown.map(|name| format!("{name} is in it, and was not when it was built")));
        Ok(told)
    }
}
