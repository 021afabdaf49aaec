//! The output: files that appear under their names all together, or not at all.

use std::fs::{self, File, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
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
    begun: usize,
    /// Complete files: what they are called now, and what they will be called.
    complete: Vec<(Utf8PathBuf, String)>,
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
    /// Makes the directory, which must not be there yet.
    pub(crate) fn create(directory: &Utf8Path) -> Result<Self> {
        fs::create_dir(directory).with_context(|| format!("making the output {directory}"))?;
        Ok(Self {
            directory: directory.to_owned(),
            begun: 0,
            complete: Vec::new(),
            committed: false,
            workspace: None,
        })
    }

    /// Makes the directory in a workspace.
    pub(crate) fn within(workspace: &Arc<Workspace>, name: &str) -> Result<Self> {
        let mut output = Self::create(&workspace.path(name))?;
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
        let path = self.partial();
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

    fn partial(&self) -> Utf8PathBuf {
        self.directory.join(format!("{PARTIAL}{}", self.begun))
    }

    /// Begins a file, to be named when it is complete.
    pub(crate) fn begin(&mut self) -> Result<(Unnamed, File)> {
        self.begun += 1;
        let path = self.partial();
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
        let (unnamed, mut file) = self.begin()?;
        file.write_all(text.as_bytes())
            .with_context(|| format!("writing {}", self.directory.join(name)))?;
        self.name(unnamed, file, name, mode)
    }

    /// Gives all the files their names.
    pub(crate) fn commit(mut self) -> Result<()> {
        for (from, name) in &self.complete {
            let to = self.directory.join(name);
            let parent = to.parent().unwrap_or(&self.directory);
            fs::create_dir_all(parent)
                .and_then(|()| fs::rename(from, &to))
                .with_context(|| format!("naming {to}"))?;
        }
        self.committed = true;
        Ok(())
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if !self.committed {
            // The error that brought us here matters more than one of the cleaning.
            let _ = fs::remove_dir_all(&self.directory);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

        let mut output = Output::create(&directory).unwrap();
        output.write("a", "1", 0o644).unwrap();
        assert_eq!(names(&directory), [".partial-1"]);
        drop(output);
        assert!(!directory.exists());

        let mut output = Output::create(&directory).unwrap();
        output.write("a", "1", 0o644).unwrap();
        output.write("below/b", "2", 0o755).unwrap();
        output.commit().unwrap();
        assert_eq!(names(&directory), ["a", "below"]);
        let b = directory.join("below/b");
        assert_eq!(fs::read_to_string(&b).unwrap(), "2");
        let mode = fs::metadata(b).unwrap().permissions();
        assert_eq!(mode.mode() & 0o777, 0o755);
    }
}
