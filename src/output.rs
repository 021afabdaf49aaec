//! The output: files that appear under their names all together, or not at all.

use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};

/// What the files are called until all of them are complete.
const PARTIAL: &str = ".partial-";

/// A directory in the making. What is not committed is removed when this is dropped.
#[derive(Debug)]
pub struct Output {
    directory: Utf8PathBuf,
    names: Vec<String>,
    committed: bool,
}

impl Output {
    /// Makes the directory, which must not be there yet.
    pub fn create(directory: &Utf8Path) -> Result<Self> {
        fs::create_dir(directory).with_context(|| format!("making the output {directory}"))?;
        Ok(Self {
            directory: directory.to_owned(),
            names: Vec::new(),
            committed: false,
        })
    }

    fn partial(&self, name: &str) -> Utf8PathBuf {
        self.directory.join(format!("{PARTIAL}{name}"))
    }

    /// Begins a file.
    pub fn file(&mut self, name: &str) -> Result<File> {
        let path = self.partial(name);
        let file = File::create_new(&path).with_context(|| format!("making {path}"))?;
        self.names.push(name.to_owned());
        Ok(file)
    }

    /// Writes a whole file with the permissions `mode`.
    pub fn write(&mut self, name: &str, text: &str, mode: u32) -> Result<()> {
        let mut file = self.file(name)?;
        file.write_all(text.as_bytes())
            .and_then(|()| file.set_permissions(Permissions::from_mode(mode)))
            .with_context(|| format!("writing {}", self.directory.join(name)))?;
        Self::close(&file).with_context(|| format!("writing {}", self.directory.join(name)))
    }

    /// Closes a file, and does not miss an error that shows only then.
    pub fn close(file: &File) -> io::Result<()> {
        file.sync_data()
    }

    /// Gives all the files their names.
    pub fn commit(mut self) -> Result<()> {
        for name in &self.names {
            let to = self.directory.join(name);
            fs::rename(self.partial(name), &to).with_context(|| format!("naming {to}"))?;
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
        assert_eq!(names(&directory), [".partial-a"]);
        drop(output);
        assert!(!directory.exists());

        let mut output = Output::create(&directory).unwrap();
        output.write("a", "1", 0o644).unwrap();
        output.write("b", "2", 0o755).unwrap();
        output.commit().unwrap();
        assert_eq!(names(&directory), ["a", "b"]);
        assert_eq!(fs::read_to_string(directory.join("b")).unwrap(), "2");
        let mode = fs::metadata(directory.join("b")).unwrap().permissions();
        assert_eq!(mode.mode() & 0o777, 0o755);
    }
}
