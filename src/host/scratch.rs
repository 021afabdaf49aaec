//! Scratch: a directory for what nobody keeps.

use std::env;
use std::fs::{self, DirBuilder};
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::process;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};

/// A directory below `TMPDIR` that only its user enters, and that goes when this is dropped.
#[derive(Debug)]
pub(crate) struct Scratch(Utf8PathBuf);

impl Scratch {
    /// Makes an empty one.
    pub(crate) fn new() -> Result<Self> {
        let below = Utf8PathBuf::try_from(env::temp_dir())?;
        let mut number = 0;
        loop {
            let directory = below.join(format!("nix2aci.{}-{number}", process::id()));
            match DirBuilder::new().mode(0o700).create(&directory) {
                // Of a program that was killed, or of somebody else.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
                made => {
                    made.with_context(|| {
                        format!("making {directory}; TMPDIR says where else there is room")
                    })?;
                    return Ok(Self(directory));
                }
            }
        }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Utf8Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_empty_and_goes() {
        let (one, other) = (Scratch::new().unwrap(), Scratch::new().unwrap());
        assert_ne!(one.path(), other.path());
        let kept = one.path().to_owned();
        fs::write(kept.join("file"), "x").unwrap();
        drop(one);
        assert!(!kept.exists());
        assert!(other.path().exists());
    }
}
