//! Store directory and store paths: where things stand in a Nix store, as checked values.
//!
//! The store directory is data (`NIX_STORE`), never a literal. A [`StorePath`] always lies directly in its store
//! directory and has a well-formed hash part and name; everything else relies on that.

use std::fmt;

use anyhow::{Result, bail, ensure};
use camino::Utf8Path;

use crate::image::path::is_clean;
use crate::rules::RULES;

/// Characters of the hash part of a store path (Nix's own base 32).
pub(crate) const BASE32: &str = "0123456789abcdfghijklmnpqrsvwxyz";

/// Length of the hash part of a store path.
pub(crate) const HASH_LENGTH: usize = 32;

/// The directory that holds the store, e.g. `/nix/store`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreDir(String);

impl StoreDir {
    /// Checks that `path` is absolute and clean.
    pub fn new(path: &str) -> Result<Self> {
        ensure!(
            path.len() > 1 && path.starts_with('/') && is_clean(path),
            "the store directory {path:?} is not an absolute, clean path"
        );
        Ok(Self(path.to_owned()))
    }

    /// The directory as text, without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The directories above the store and the store itself, highest first: `/nix`, `/nix/store`.
    pub fn with_parents(&self) -> impl Iterator<Item = &str> {
        let slashes = self.0.match_indices('/').skip(1);
        slashes
            .map(|(at, _)| &self.0[..at])
            .chain([self.0.as_str()])
    }

    /// Reads `path` as a store path of this store.
    pub fn parse(&self, path: &str) -> Result<StorePath> {
        match self.split(path) {
            Some((store_path, "")) => Ok(store_path),
            Some(_) => bail!("{path:?} lies below a store path and is none itself"),
            None => bail!("{path:?} is not a store path of {}", self.0),
        }
    }

    /// Splits a path inside the store into its store path and the rest, which is empty or begins with a slash.
    #[must_use]
    pub fn split<'a>(&self, path: &'a str) -> Option<(StorePath, &'a str)> {
        let inside = path.strip_prefix(&self.0)?.strip_prefix('/')?;
        let (base, rest) = inside.split_at(inside.find('/').unwrap_or(inside.len()));
        is_base_name(base).then(|| {
            let store_path = StorePath {
                path: format!("{}/{base}", self.0),
                base: self.0.len() + 1,
            };
            (store_path, rest)
        })
    }

    /// The store paths that `text` mentions, in the order in which they stand there, names cut where a character
    /// ends them.
    pub fn mentioned<'a>(&'a self, text: &'a str) -> impl Iterator<Item = StorePath> + 'a {
        text.match_indices(&self.0).filter_map(move |(at, _)| {
            let rest = &text[at + self.0.len()..];
            let name = rest.strip_prefix('/')?;
            let end = name
                .find(|c: char| !is_name_character(c))
                .unwrap_or(name.len());
            let path = &text[at..at + self.0.len() + 1 + end];
            self.parse(path).ok()
        })
    }
}

impl fmt::Display for StoreDir {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One object of the store, e.g. `/nix/store/296cd2xlaw42d40kcvwl4zh79k1n19bf-busybox-1.36.1`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StorePath {
    path: String,
    /// Where the base name begins.
    base: usize,
}

impl StorePath {
    /// The whole path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.path
    }

    /// The whole path, for reading.
    #[must_use]
    pub fn as_path(&self) -> &Utf8Path {
        Utf8Path::new(&self.path)
    }

    /// Hash and name, e.g. `296cd2xlaw42d40kcvwl4zh79k1n19bf-busybox-1.36.1`.
    #[must_use]
    pub fn base_name(&self) -> &str {
        &self.path[self.base..]
    }

    /// The 32 characters of the hash.
    #[must_use]
    pub fn hash_part(&self) -> &str {
        &self.base_name()[..HASH_LENGTH]
    }

    /// What stands behind the hash, e.g. `busybox-1.36.1`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.base_name()[HASH_LENGTH + 1..]
    }

    /// The name without version, as Nix parts them: it ends at the first dash before anything but a letter.
    #[must_use]
    pub fn family(&self) -> &str {
        let name = self.name();
        let version = name.match_indices('-').map(|(at, _)| at).find(|at| {
            let next = name[at + 1..].chars().next();
            next.is_some_and(|c| !c.is_ascii_alphabetic())
        });
        &name[..version.unwrap_or(name.len())]
    }

    /// Name and version, as Nix parts them (`builtins.parseDrvName`); the version is empty where there is none.
    #[must_use]
    pub fn name_and_version(&self) -> (&str, &str) {
        let (family, rest) = self.name().split_at(self.family().len());
        (family, rest.strip_prefix('-').unwrap_or(rest))
    }

    /// The output that its name ends with, e.g. `dev`; nothing for the main one.
    #[must_use]
    pub fn output(&self) -> Option<&str> {
        let (_, ending) = self.name().rsplit_once('-')?;
        RULES
            .outputs
            .iter()
            .any(|output| output == ending)
            .then_some(ending)
    }
}

impl fmt::Display for StorePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)
    }
}

fn is_base_name(base: &str) -> bool {
    let Some((hash, name)) = base.split_at_checked(HASH_LENGTH) else {
        return false;
    };
    let Some(name) = name.strip_prefix('-') else {
        return false;
    };
    hash.chars().all(|c| BASE32.contains(c))
        && (1..=211).contains(&name.len())
        && name.chars().all(is_name_character)
}

fn is_name_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || "+-._?=".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BUSYBOX: &str = "/nix/store/296cd2xlaw42d40kcvwl4zh79k1n19bf-busybox-1.36.1";

    fn store() -> StoreDir {
        StoreDir::new("/nix/store").unwrap()
    }

    #[test]
    fn parts_of_a_store_path() {
        let path = store().parse(BUSYBOX).unwrap();
        assert_eq!(path.as_str(), BUSYBOX);
        assert_eq!(path.hash_part(), "296cd2xlaw42d40kcvwl4zh79k1n19bf");
        assert_eq!(path.name(), "busybox-1.36.1");
    }

    #[test]
    fn names_have_a_family_and_an_output() {
        for (name, family, output) in [
            ("glibc-2.39-52", "glibc", None),
            ("bash-interactive-5.2p26", "bash-interactive", None),
            ("openssl-3.0.13-bin", "openssl", Some("bin")),
            ("gcc-13.2.0-lib", "gcc", Some("lib")),
            ("beta-1.0-rc", "beta", None),
            ("source", "source", None),
            ("name-", "name-", None),
            ("a-_b", "a", None),
            ("unstable-2024-01-01", "unstable", None),
        ] {
            let path = format!("/nix/store/{}-{name}", "0".repeat(32));
            let path = store().parse(&path).unwrap();
            assert_eq!((path.family(), path.output()), (family, output));
        }
    }

    #[test]
    fn names_are_parted_as_nix_parts_them() {
        for (name, parts) in [
            ("glibc-2.39-52", ("glibc", "2.39-52")),
            ("openssl-3.0.13-bin", ("openssl", "3.0.13-bin")),
            ("source", ("source", "")),
            ("name-", ("name-", "")),
            ("a-_b", ("a", "_b")),
            ("a--b", ("a", "-b")),
        ] {
            let path = format!("/nix/store/{}-{name}", "0".repeat(32));
            assert_eq!(store().parse(&path).unwrap().name_and_version(), parts);
        }
    }

    #[test]
    fn what_is_no_store_path_is_refused() {
        for bad in [
            "",
            "/nix/store",
            "/nix/store/",
            "/nix/store/busybox",
            "/nix/store/296cd2xlaw42d40kcvwl4zh79k1n19bf",
            "/nix/store/296cd2xlaw42d40kcvwl4zh79k1n19bf-",
            "/nix/store/e96cd2xlaw42d40kcvwl4zh79k1n19bf-busybox",
            "/nix/store/296cd2xlaw42d40kcvwl4zh79k1n19bf-busy box",
            "/nix/store/296cd2xlaw42d40kcvwl4zh79k1n19bf-busybox/bin",
            "/nix/storage/296cd2xlaw42d40kcvwl4zh79k1n19bf-busybox",
            "/gnu/store/296cd2xlaw42d40kcvwl4zh79k1n19bf-busybox",
        ] {
            assert!(store().parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_path_splits_at_its_store_path() {
        let file = format!("{BUSYBOX}/bin/sh");
        let (path, rest) = store().split(&file).unwrap();
        assert_eq!((path.as_str(), rest), (BUSYBOX, "/bin/sh"));
        assert!(store().split("/etc/passwd").is_none());
    }

    #[test]
    fn mentions_are_found_in_text() {
        let text = format!("PATH={BUSYBOX}/bin:{BUSYBOX}:/nix/store/nothing {BUSYBOX}");
        let found: Vec<_> = store().mentioned(&text).collect();
        assert_eq!(found.len(), 3);
        assert!(found.iter().all(|path| path.as_str() == BUSYBOX));
    }

    #[test]
    fn a_store_directory_is_absolute_and_clean() {
        for bad in ["", "/", "nix/store", "/nix/store/", "/nix/../store"] {
            assert!(StoreDir::new(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_split_without_harm(text in ".*") {
            let store = store();
            let _ = store.mentioned(&text).count();
            let _ = store.split(&text);
            let _ = store.parse(&text);
        }
    }
}
