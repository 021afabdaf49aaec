//! Scratch: a directory for what is needed meanwhile, which nobody else can enter.

use std::env;
use std::fs;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use nix::unistd::mkdtemp;

/// The directory. It is removed when this is dropped.
#[derive(Debug)]
pub(crate) struct Scratch(Utf8PathBuf);

impl Scratch {
    /// A new one, whatever others have left behind.
    pub(crate) fn new() -> Result<Self> {
        let template = env::temp_dir().join("nix2aci-XXXXXX");
        let made = mkdtemp(&template).with_context(|| format!("making {}", template.display()))?;
        Ok(Self(Utf8PathBuf::try_from(made)?))
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
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn each_is_its_own_and_goes() {
        let (one, other) = (Scratch::new().unwrap(), Scratch::new().unwrap());
        assert_ne!(one.path(), other.path());
        let mode = fs::metadata(one.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        let path = one.path().to_owned();
        drop(one);
        assert!(!path.exists());
    }
}
