//! The output: files that appear under their names all together, or not at all.

use std::collections::BTreeMap;
use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::sync::Arc;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::host::cache::{Key, Workspace};
use crate::host::digest::Digest;

/// What a file is called until all of them are complete; a number follows.
const PARTIAL: &str = ".partial-";

/// A directory in the making. What is not committed is removed when this is dropped.
#[derive(Debug)]
pub(crate) struct Output {
    directory: Utf8PathBuf,
    /// Where archives are, which the directory then links to.
    packed: Option<Utf8PathBuf>,
    begun: usize,
    /// Complete files: what they are called now, and what they will be called.
    complete: Vec<(Utf8PathBuf, String)>,
    /// Links, and what they lead to.
    links: BTreeMap<String, Utf8PathBuf>,
    committed: bool,
    /// Where it lies, when the cache may have some of its files already.
    workspace: Option<Arc<Workspace>>,
}

/// A file that has no name yet.
#[derive(Debug)]
pub(crate) struct Unnamed(Utf8PathBuf);

impl Unnamed {
    /// Where the file is as long as it has no name.
    #[must_use]
    pub(crate) fn path(&self) -> &Utf8Path {
        &self.0
    }
}

impl Output {
    /// Makes the directory, and that for archives where there is one; neither may be there yet.
    pub(crate) fn create(directory: &Utf8Path, packed: Option<&Utf8Path>) -> Result<Self> {
        for directory in [directory].into_iter().chain(packed) {
            fs::create_dir(directory).with_context(|| format!("making the output {directory}"))?;
        }
        Ok(Self {
            directory: directory.to_owned(),
            packed: packed.map(Utf8Path::to_owned),
            begun: 0,
            complete: Vec::new(),
            links: BTreeMap::new(),
            committed: false,
            workspace: None,
        })
    }

    /// Makes the directory in a workspace.
    pub(crate) fn within(workspace: &Arc<Workspace>, name: &str) -> Result<Self> {
        let mut output = Self::create(&workspace.path(name), None)?;
        output.workspace = Some(Arc::clone(workspace));
        Ok(output)
    }

    /// What the cache knows of `key`, where there is a cache.
    pub(crate) fn note<T: DeserializeOwned>(&self, key: &Key) -> Option<T> {
        self.workspace.as_ref()?.cache().note(key)
    }

    /// Takes a blob of the cache as the file `name`. Nothing when there is none.
    pub(crate) fn take(&mut self, digest: Digest, name: &str) -> Result<Option<()>> {
        let Some(workspace) = &self.workspace else {
            return Ok(None);
        };
        self.begun += 1;
        let path = partial(&self.directory, self.begun);
        let taken = workspace.take(digest, &path)?;
        if taken.is_some() {
            self.complete.push((path, name.to_owned()));
        }
        Ok(taken)
    }

    /// Gives the cache, where there is one, the complete file `name`, and notes what `key` came to.
    pub(crate) fn keep(
        &self,
        digest: Digest,
        name: &str,
        key: &Key,
        note: &impl Serialize,
    ) -> Result<()> {
        let Some(workspace) = &self.workspace else {
            return Ok(());
        };
        for (path, _) in self.complete.iter().filter(|(_, known)| known == name) {
            workspace.give(digest, path)?;
            workspace.note(key, note)?;
        }
        Ok(())
    }

    /// Begins an archive, to be named when it is complete.
    pub(crate) fn begin(&mut self) -> Result<(Unnamed, File)> {
        let directory = self.packed.as_ref().unwrap_or(&self.directory).clone();
        self.begin_in(&directory)
    }

    fn begin_in(&mut self, directory: &Utf8Path) -> Result<(Unnamed, File)> {
        self.begun += 1;
        let path = partial(directory, self.begun);
        let file = File::create_new(&path).with_context(|| format!("making {path}"))?;
        Ok((Unnamed(path), file))
    }

    /// Names a complete file, relative to the directory, and closes it.
    ///
    /// Closing is what tells of a full disk where writing does not (NFS). Nothing is synced: that costs as much time as
    /// packing a tenth of the file, and Nix has settings for whoever wants it (`fsync-store-paths`).
    pub(crate) fn name(
        &mut self,
        unnamed: Unnamed,
        file: File,
        name: &str,
        mode: u32,
    ) -> Result<()> {
        file.set_permissions(Permissions::from_mode(mode))
            .and_then(|()| Ok(nix::unistd::close(file)?))
            .with_context(|| format!("writing {name}"))?;
        self.complete.push((unnamed.0, name.to_owned()));
        Ok(())
    }

    /// Writes a whole file with the permissions `mode`.
    pub(crate) fn write(&mut self, name: &str, text: &str, mode: u32) -> Result<()> {
        let (unnamed, mut file) = self.begin_in(&self.directory.clone())?;
        file.write_all(text.as_bytes())
            .with_context(|| format!("writing {}", self.directory.join(name)))?;
        self.name(unnamed, file, name, mode)
    }

    /// Links `name` to `target`, which is elsewhere, unless a file gets that name: two of one name, such as layers of one
    /// digest, are the same.
    pub(crate) fn link(&mut self, name: &str, target: &Utf8Path) {
        self.links.insert(name.to_owned(), target.to_owned());
    }

    /// Gives all the files their names.
    pub(crate) fn commit(mut self) -> Result<()> {
        for (from, name) in &self.complete {
            let directory = from.parent().unwrap_or(&self.directory);
            let to = directory.join(name);
            put(&to, |to| fs::rename(from, to))?;
            if directory == self.directory {
                self.links.remove(name);
            } else {
                self.links.insert(name.clone(), to);
            }
        }
        for (name, target) in &self.links {
            put(&self.directory.join(name), |to| symlink(target, to))?;
        }
        self.committed = true;
        Ok(())
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if !self.committed {
            // The error that brought us here matters more than one of the cleaning.
            for directory in [&self.directory].into_iter().chain(&self.packed) {
                let _ = fs::remove_dir_all(directory);
            }
        }
    }
}

/// What a file without a name is called.
fn partial(directory: &Utf8Path, number: usize) -> Utf8PathBuf {
    directory.join(format!("{PARTIAL}{number}"))
}

/// Puts something at `to` by `put`, with the directories above.
fn put(to: &Utf8Path, put: impl FnOnce(&Utf8Path) -> io::Result<()>) -> Result<()> {
    let parent = to.parent().map_or(Ok(()), fs::create_dir_all);
    parent
        .and_then(|()| put(to))
        .with_context(|| format!("naming {to}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn names(directory: &Utf8Path) -> Vec<String> {
        let entries = fs::read_dir(directory).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn files_appear_together_or_not_at_all() {
        let temporary = tempfile::tempdir().unwrap();
        let directory = Utf8Path::from_path(temporary.path()).unwrap().join("out");

        let mut output = Output::create(&directory, None).unwrap();
        output.write("a", "1", 0o644).unwrap();
        assert_eq!(names(&directory), [".partial-1"]);
        drop(output);
        assert!(!directory.exists());

        let packed = directory.with_file_name("packed");
        let mut output = Output::create(&directory, Some(&packed)).unwrap();
        output.write("a", "1", 0o644).unwrap();
        let (unnamed, file) = output.begin().unwrap();
        output.name(unnamed, file, "below/archive", 0o644).unwrap();
        output.link("below/other", "/elsewhere".into());
        // One name is one content.
        for name in ["below/other", "a", "below/archive"] {
            output.link(name, "/elsewhere".into());
        }
        output.write("below/b", "2", 0o755).unwrap();
        output.commit().unwrap();
        assert_eq!(names(&directory), ["a", "below"]);
        let b = directory.join("below/b");
        assert_eq!(fs::read_to_string(&b).unwrap(), "2");
        let mode = fs::metadata(b).unwrap().permissions();
        assert_eq!(mode.mode() & 0o777, 0o755);
        let link = |name: &str| fs::read_link(directory.join(name)).unwrap();
        assert_eq!(link("below/archive"), packed.join("below/archive"));
        assert!(directory.join("below/archive").exists());
        assert_eq!(link("below/other"), Path::new("/elsewhere"));
    }
}
