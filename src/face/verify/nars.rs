//! NARs: the store paths in an archive, each as the NAR of which Nix recorded the hash.
//!
//! Directories are written as the archive has them, sorted and parents first, and so is a NAR: nothing is kept but the
//! names above the present entry. What comes in another order was not packed by this program, and that is told.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use anyhow::{Context, Result, ensure};
use sha2::{Digest as _, Sha256};

use crate::face::oci::foreign::members::{Kind, Member};
use crate::face::recorded::Recorded;
use crate::input::nar_hash::NarHash;

/// Content is read in pieces of this many bytes.
const PIECE: usize = 256 * 1024;

/// A NAR is made of texts that are filled up to a multiple of so many bytes.
const WORD: usize = 8;

/// What the names begin with of what hides something in the layers below, and the rest of that which hides a whole directory.
const WHITEOUT: &str = ".wh.";
const OPAQUE: &str = ".wh..opq";

/// What is wrong with a store path that goes on elsewhere.
const ADDED: &str = "something was added to it";

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

/// A NAR in the making, or made.
#[derive(Default)]
struct Nar {
    hash: Sha256,
    length: u64,
    /// Whether it is a directory without anything in it, such as what a thin image mounts a store path at.
    is_empty: bool,
}

/// The store path of the present entries.
struct Open {
    name: String,
    nar: Nar,
    /// The directories that are open, the store path itself first: their names, and that of the last entry in each.
    directories: Vec<(String, Option<String>)>,
}

impl Nars {
    /// None yet, of archives whose root is at `top` and whose store is at `store_dir`.
    pub(crate) fn new(top: &str, store_dir: &str) -> Self {
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

/// What is wrong with a store path, if something is.
type Judged = std::result::Result<(), String>;

impl Open {
    fn new(name: &str) -> Self {
        let mut nar = Nar::default();
        nar.text(b"nix-archive-1");
        Self {
            name: name.to_owned(),
            nar,
            directories: Vec::new(),
        }
    }

    /// Takes what is at `within` the store path.
    fn take(&mut self, within: &str, member: &Member, content: impl Read) -> Result<Judged> {
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
    fn node(&mut self, name: &str, member: &Member, mut content: impl Read) -> Result<Judged> {
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

    fn finish(mut self) -> Self {
        while !self.directories.is_empty() {
            self.leave();
        }
        self
    }
}

impl Nar {
    fn bytes(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.length += bytes.len() as u64;
    }

    /// Fills up after a text of this length.
    fn fill(&mut self, length: u64) {
        let filling = length.wrapping_neg() % WORD as u64;
        let zeros = [0; WORD];
        self.bytes(&zeros[..usize::try_from(filling).unwrap_or_default()]);
    }

    fn text(&mut self, text: &[u8]) {
        let length = text.len() as u64;
        self.bytes(&length.to_le_bytes());
        self.bytes(text);
        self.fill(length);
    }

    fn content(&mut self, size: u64, content: &mut impl Read) -> Result<()> {
        self.bytes(&size.to_le_bytes());
        let mut piece = vec![0; PIECE.min(usize::try_from(size).unwrap_or(PIECE).max(1))];
        let mut left = size;
        while left > 0 {
            let most = usize::try_from(left).unwrap_or(PIECE).min(piece.len());
            let length = content.read(&mut piece[..most])?;
            ensure!(
                length > 0,
                "it ends in the middle of a file: it is truncated"
            );
            self.bytes(&piece[..length]);
            left -= length as u64;
        }
        self.fill(size);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;
    use crate::face::oci::foreign::members::Members;
    use crate::host::interrupt::Interrupt;
    use tar::{EntryType, Header};

    /// A member of an archive: its path in the store, what it is, and content or target.
    type Made<'a> = (&'a str, EntryType, u32, &'a str);

    const FILE: EntryType = EntryType::Regular;
    const DIRECTORY: EntryType = EntryType::Directory;
    const LINK: EntryType = EntryType::Symlink;

    const TREE: [Made<'_>; 9] = [
        ("x-tree", DIRECTORY, 0o555, ""),
        ("x-tree/a", DIRECTORY, 0o555, ""),
        ("x-tree/a/program", FILE, 0o555, "#!/bin/sh\n"),
        ("x-tree/a/text", FILE, 0o444, "8 bytes."),
        ("x-tree/a-b", FILE, 0o444, ""),
        ("x-tree/a.b", LINK, 0o777, "a/text"),
        ("x-tree/b", DIRECTORY, 0o555, ""),
        ("y-file", FILE, 0o555, "seventeen bytes.."),
        ("z-link", LINK, 0o777, "/nix/store/y-file"),
    ];

    /// What differs between what is in an archive of `members` and what is recorded of [`TREE`].
    fn differ(members: &[Made<'_>]) -> Vec<String> {
        let mut archive = tar::Builder::new(Vec::new());
        for (path, kind, mode, content) in members {
            let mut header = Header::new_ustar();
            header.set_entry_type(*kind);
            header.set_mode(*mode);
            header.set_uid(0);
            header.set_gid(0);
            let path = format!("nix/store/{path}");
            if *kind == LINK {
                header.set_size(0);
                archive.append_link(&mut header, path, content).unwrap();
            } else {
                header.set_size(content.len() as u64);
                archive
                    .append_data(&mut header, path, content.as_bytes())
                    .unwrap();
            }
        }
        let archive = archive.into_inner().unwrap();
        let interrupt = Interrupt::listen().unwrap();
        let mut members = Members::new(&archive[..], &interrupt);
        let mut nars = Nars::new("", "/nix/store");
        while let Some(member) = members.next().unwrap() {
            nars.take(&member, members.content()).unwrap();
        }
        nars.compare(&recorded(), false).unwrap()
    }

    /// What another program makes of the same store paths.
    fn recorded() -> Vec<Recorded> {
        let temporary = tempfile::tempdir().unwrap();
        for (path, kind, mode, content) in TREE {
            let path = temporary.path().join(path);
            match kind {
                DIRECTORY => fs::create_dir(path).unwrap(),
                LINK => symlink(content, path).unwrap(),
                _ => {
                    fs::write(&path, content).unwrap();
                    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
                }
            }
        }
        ["x-tree", "y-file", "z-link"]
            .map(|name| {
                let mut nar = Vec::new();
                let mut encoder = nix_nar::Encoder::new(temporary.path().join(name)).unwrap();
                encoder.read_to_end(&mut nar).unwrap();
                Recorded {
                    path: format!("/nix/store/{name}"),
                    nar_hash: NarHash::from(Sha256::new_with_prefix(&nar)).to_string(),
                    nar_size: nar.len() as u64,
                }
            })
            .into()
    }

    #[test]
    fn a_nar_is_what_another_program_makes() {
        assert_eq!(differ(&TREE), [""; 0]);
    }

    #[test]
    fn whatever_is_changed_is_told() {
        let with = |at: usize, member: Made<'static>| {
            let mut members = TREE;
            members[at] = member;
            members
        };
        for member in [
            ("x-tree/a/text", FILE, 0o444, "8 bytes!"),
            ("x-tree/a/text", FILE, 0o555, "8 bytes."),
            ("x-tree/a/text", LINK, 0o777, "8 bytes."),
            ("x-tree/a/txt", FILE, 0o444, "8 bytes."),
        ] {
            let told = differ(&with(3, member));
            assert!(
                told[0].starts_with("/nix/store/x-tree was changed"),
                "{told:?}"
            );
            assert_eq!(told.len(), 1);
        }
        for (at, member, expected) in [
            (
                8,
                ("z-link", LINK, 0o777, "/nix/store/y"),
                "z-link was changed",
            ),
            (
                7,
                ("y-file", FILE, 0o444, "seventeen bytes.."),
                "y-file was changed",
            ),
            (5, ("x-tree/0", LINK, 0o777, "a"), "not in the order"),
            (5, ("x-tree/c/d", LINK, 0o777, "a"), "not in the order"),
            (
                5,
                ("x-tree/c", EntryType::Fifo, 0o644, ""),
                "neither file nor",
            ),
        ] {
            let told = differ(&with(at, member));
            assert!(told.len() == 1 && told[0].contains(expected), "{told:?}");
        }
    }

    #[test]
    fn what_is_added_or_left_out_is_told() {
        assert_eq!(differ(&TREE[..8]), ["/nix/store/z-link is not in it"]);
        let with = |member| [&TREE[..], &[member]].concat();
        assert_eq!(
            differ(&with(("zz-more", FILE, 0o444, ""))),
            ["zz-more is in it, and was not when it was built"]
        );
        // As thin images have them.
        assert_eq!(differ(&with(("zz-mount", DIRECTORY, 0o555, ""))), [""; 0]);
        for member in [
            ("x-tree/later", FILE, 0o444, ""),
            ("y-file/below", FILE, 0o444, ""),
        ] {
            let told = differ(&with(member));
            assert!(told[0].ends_with(": something was added to it"), "{told:?}");
        }
    }

    #[test]
    fn what_is_in_several_layers_is_the_same_in_each() {
        let with = |more: &[Made<'static>]| differ(&[&TREE[..], more].concat());
        assert_eq!(with(&TREE), [""; 0]);
        assert_eq!(with(&[("x-tree", DIRECTORY, 0o555, "")]), [""; 0]);
        for more in [
            &[("y-file", FILE, 0o444, "seventeen bytes..")][..],
            &[
                ("x-tree", DIRECTORY, 0o555, ""),
                ("x-tree/a-b", FILE, 0o444, ""),
            ],
        ] {
            let told = with(more);
            assert!(
                told.len() == 1 && told[0].contains("was changed"),
                "{told:?}"
            );
        }
        assert_eq!(
            with(&[(".wh.y-file", FILE, 0o444, "")]),
            ["/nix/store/y-file is not in it"]
        );
        assert_eq!(with(&[(".wh..wh..opq", FILE, 0o444, "")]).len(), 3);
        let again = [&[(".wh..wh..opq", FILE, 0o444, "")], &TREE[..]].concat();
        assert_eq!(with(&again), [""; 0]);
    }
}
