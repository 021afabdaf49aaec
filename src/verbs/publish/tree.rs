//! The tree: the next state of a site, in the making.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;

use anyhow::{Context, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use crate::face::site::catalog::{Catalog, Entry};
use crate::host::digest::Digest;
use crate::host::interrupt::Interrupt;
use crate::host::log::tell;
use crate::host::threads;
use crate::verbs::publish::place::{Place, set_mode};
use crate::verbs::publish::println_or_not;

/// All files of a site. What is not shown is removed when this is dropped.
#[derive(Debug)]
pub(super) struct Tree<'a> {
    place: &'a Place,
    interrupt: &'a Interrupt,
    work: Utf8PathBuf,
    root: Utf8PathBuf,
}

impl<'a> Tree<'a> {
    /// An empty one.
    pub(super) fn begin(place: &'a Place, interrupt: &'a Interrupt) -> Result<Self> {
        let work = place.work()?;
        let root = work.join("tree");
        let tree = Self {
            place,
            interrupt,
            work,
            root,
        };
        make_directory(&tree.root, 0o700)?;
        Ok(tree)
    }

    /// Where a file of the site is.
    pub(super) fn path(&self, name: &str) -> Utf8PathBuf {
        self.root.join(name)
    }

    /// An error as soon as this program is asked to end.
    pub(super) fn go_on(&self) -> Result<()> {
        self.interrupt.check()
    }

    /// Whether the file is there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// Brings what `new` tells of from `site`, and gives the files that are shown with the same bytes, and so stay.
    pub(super) fn bring(
        &self,
        site: &Utf8Path,
        new: &Catalog,
        shown: Option<&Catalog>,
    ) -> Result<BTreeSet<String>> {
        let shown = shown.map(|shown| &shown.images).into_iter().flatten();
        let shown: BTreeMap<&str, &Entry> = shown.map(|it| (it.file.as_str(), it)).collect();
        self.place.check_free(&tops(new))?;
        let mut same = BTreeSet::new();
        threads::ahead(
            new.images.len(),
            |number| {
                let entry = &new.images[number];
                Ok(shown.contains_key(entry.file.as_str()) && self.is_shown(entry)?)
            },
            |number, is_same: bool| {
                let entry = &new.images[number];
                if is_same {
                    same.insert(entry.file.clone());
                } else {
                    self.bring_one(site, entry, shown.get(entry.file.as_str()).copied())?;
                }
                let mut beside = entry.beside.values();
                beside.try_for_each(|file| self.copy(&site.join(file), file))
            },
        )?;
        Ok(same)
    }

    /// Brings an image, of which other bytes may have been shown `before`.
    fn bring_one(&self, site: &Utf8Path, entry: &Entry, before: Option<&Entry>) -> Result<()> {
        let is_known = before.is_some_and(|before| before.digest == entry.digest);
        if is_known {
            tell(format_args!(
                "publish: {} was changed where it was shown, and is put right",
                entry.file
            ));
        } else if before.is_some() {
            tell(format_args!(
                "publish: {} had other bytes, and who has fetched it keeps those; a new version would have a name of its own",
                entry.file
            ));
        }
        println_or_not(&format!("Publishing {}", entry.file));
        self.copy(&site.join(&entry.file), &entry.file)?;
        let found = Digest::of_file(&self.path(&entry.file), &|| self.go_on())?;
        ensure!(
            found == (entry.digest, entry.size),
            "{} is not what the list of the site says: mend it with nix-store --repair-path, or take a whole copy",
            site.join(&entry.file)
        );
        if is_known {
            self.take_signature(entry)?;
        }
        Ok(())
    }

    /// Takes over what is shown of `next` and was not brought: the files of `same`, and images of other names.
    pub(super) fn keep(&self, next: &Catalog, same: &BTreeSet<String>) -> Result<()> {
        for entry in &next.images {
            if self.has(&entry.file) {
                continue;
            }
            self.take(&entry.file)?;
            self.take_signature(entry)?;
            if !same.contains(&entry.file) {
                for file in entry.beside.values() {
                    self.take(file)?;
                }
            }
        }
        Ok(())
    }

    /// Whether the very file is shown. What lies where a web server shows it may be changed there.
    fn is_shown(&self, entry: &Entry) -> Result<bool> {
        let path = self.place.current().join(&entry.file);
        if !path.is_file() {
            return Ok(false);
        }
        let found = Digest::of_file(&path, &|| self.go_on())?;
        Ok(found == (entry.digest, entry.size))
    }

    /// Takes over the signature of an image, if it is shown.
    fn take_signature(&self, entry: &Entry) -> Result<()> {
        let signature = entry.signature();
        if self.place.current().join(&signature).exists() {
            self.take(&signature)?;
        }
        Ok(())
    }

    /// Takes over a file that is shown.
    fn take(&self, name: &str) -> Result<()> {
        link(&self.place.current().join(name), &self.made(name)?)
    }

    /// Calls a file, with its signature, by another name too.
    pub(super) fn alias(&self, alias: &str, file: &str) -> Result<()> {
        for end in ["", ".asc"] {
            let file = format!("{file}{end}");
            if self.has(&file) {
                link(&self.path(&file), &self.made(&format!("{alias}{end}"))?)?;
            }
        }
        Ok(())
    }

    /// Copies a file, to the disk.
    pub(super) fn copy(&self, from: &Utf8Path, name: &str) -> Result<()> {
        self.go_on()?;
        let to = self.made(name)?;
        fs::copy(from, &to).with_context(|| format!("copying {from} to {to}"))?;
        finish(&to)
    }

    /// Writes a file.
    pub(super) fn write(&self, name: &str, text: &str) -> Result<()> {
        let path = self.made(name)?;
        let written = File::create_new(&path).and_then(|mut file| file.write_all(text.as_bytes()));
        written.with_context(|| format!("writing {path}"))?;
        finish(&path)
    }

    /// The path of a file that is to be there, with the directories above.
    fn made(&self, name: &str) -> Result<Utf8PathBuf> {
        let path = self.path(name);
        if let Some((directories, _)) = name.rsplit_once('/') {
            let mut at = self.root.clone();
            for part in directories.split('/') {
                at.push(part);
                if !at.is_dir() {
                    make_directory(&at, 0o755)?;
                }
            }
        }
        Ok(path)
    }

    /// Shows it.
    pub(super) fn show(self) -> Result<()> {
        let context = || format!("reading the directory {}", self.root);
        let mut names = BTreeSet::new();
        for entry in fs::read_dir(&self.root).with_context(context)? {
            let path = Utf8PathBuf::try_from(entry.with_context(context)?.path())?;
            names.extend(path.file_name().map(str::to_owned));
        }
        self.place.show(&self.root, &names)
    }
}

impl Drop for Tree<'_> {
    fn drop(&mut self) {
        // What cannot be removed now, the next run removes.
        let _ = fs::remove_dir_all(&self.work);
    }
}

/// The names at the top that the images of a catalog need.
fn tops(catalog: &Catalog) -> BTreeSet<String> {
    let top = |path: &str| path.split('/').next().unwrap_or(path).to_owned();
    let texts = catalog
        .images
        .iter()
        .flat_map(|entry| [&entry.file, &entry.path]);
    texts.map(|path| top(path)).collect()
}

/// A file that was written is for all to read, also after the machine has lost its power.
pub(super) fn finish(path: &Utf8Path) -> Result<()> {
    set_mode(path, 0o644)?;
    let synced = File::open(path).and_then(|file| file.sync_all());
    synced.with_context(|| format!("writing {path}"))
}

fn make_directory(path: &Utf8Path, mode: u32) -> Result<()> {
    DirBuilder::new()
        .mode(mode)
        .create(path)
        .with_context(|| format!("making {path}"))?;
    // Whatever the umask is.
    set_mode(path, mode)
}

/// Gives a file another name; where that cannot be, copies it.
fn link(from: &Utf8Path, to: &Utf8Path) -> Result<()> {
    match fs::hard_link(from, to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => fs::copy(from, to)
            .map(|_| ())
            .with_context(|| format!("copying {from} to {to}")),
        linked => linked.with_context(|| format!("linking {from} to {to}")),
    }
}
