//! Packages: store paths of any shape on disk, and what Nix would record of them.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use nix2aci::input::nar_hash::NarHash;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::choices::Choices;

/// What stands in files that no image may have.
pub const SECRET: &str = "nothing of the building machine goes into an image";

/// Names of files and directories, those that mean something among them.
pub const NAMES: [&str; 20] = [
    "bin",
    "etc",
    "a",
    "b",
    "sh",
    "sbin",
    "usr",
    "passwd",
    "group",
    "env",
    "busybox",
    "nix-support",
    "share",
    "info",
    "dir",
    "dev",
    "shm",
    "store",
    "ssl",
    "ca-bundle.crt",
];

/// Of the members of the closure, this many can be packages.
pub const PACKAGES: usize = 3;

/// A store with four members of a closure, and one store path that is no member.
pub struct Packages {
    pub store: String,
    outside: String,
    _directory: TempDir,
    references: Vec<Vec<usize>>,
}

impl Packages {
    pub fn make(choices: &mut Choices<'_>) -> Self {
        let memory = Path::new("/dev/shm");
        let temporary = std::env::temp_dir();
        let above = if memory.is_dir() { memory } else { &temporary };
        let directory = tempfile::tempdir_in(above).expect("a directory");
        let path = fs::canonicalize(directory.path()).expect("its path");
        let text = |name: &str| path.join(name).to_str().expect("UTF-8").to_owned();
        let mut packages = Self {
            store: text("store"),
            outside: text("outside"),
            _directory: directory,
            references: Vec::new(),
        };
        fs::create_dir(&packages.store).expect("a store");
        fs::write(&packages.outside, SECRET).expect("a file");
        let stranger = packages.member(PACKAGES + 1);
        fs::create_dir_all(format!("{stranger}/bin")).expect("a stranger");
        fs::write(format!("{stranger}/bin/sh"), SECRET).expect("a file");
        for member in 0..=PACKAGES {
            let references = (0..=PACKAGES).filter(|_| choices.rarely(2)).collect();
            packages.references.push(references);
            packages.fill(member, choices);
        }
        packages
    }

    /// The store path of a member; the one behind the last package is a library, the one behind that a stranger.
    pub fn member(&self, number: usize) -> String {
        let digit = ["a", "b", "c", "d", "f"][number];
        format!("{}/{}-{number}", self.store, digit.repeat(32))
    }

    fn fill(&self, member: usize, choices: &mut Choices<'_>) {
        let root = PathBuf::from(self.member(member));
        if choices.rarely(64) {
            fs::write(&root, "file").expect("a file");
            return;
        }
        if choices.rarely(64) {
            symlink(self.target(choices), &root).expect("a link");
            return;
        }
        fs::create_dir(&root).expect("a directory");
        let mut directories = vec![root];
        for _ in 0..choices.below(12) {
            let parent = &directories[choices.below(directories.len())];
            let path = parent.join(choices.pick(&NAMES));
            // What is there already stays.
            match choices.below(3) {
                0 => {
                    if fs::create_dir(&path).is_ok() {
                        directories.push(path);
                    }
                }
                1 if fs::symlink_metadata(&path).is_err() => {
                    let byte = choices.pick(b"xyz");
                    let length = choices.pick(&[0, 1, 511, 512, 513, 9000]);
                    fs::write(&path, vec![byte; length]).expect("a file");
                    let mode = choices.pick(&[0o444, 0o555]);
                    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("a mode");
                }
                1 => {}
                _ => {
                    let _ = symlink(self.target(choices), &path);
                }
            }
        }
    }

    /// What a link may point to.
    pub fn target(&self, choices: &mut Choices<'_>) -> String {
        let name = choices.pick(&NAMES);
        let other = choices.pick(&NAMES);
        match choices.below(9) {
            0 => name.to_owned(),
            1 => format!("../{name}"),
            2 => format!("../../{name}/{other}"),
            3 => self.member(choices.below(PACKAGES + 2)),
            4 => format!("{}/{name}", self.member(choices.below(PACKAGES + 2))),
            5 => format!(
                "{}/{name}/{other}",
                self.member(choices.below(PACKAGES + 2))
            ),
            6 => choices
                .pick(&[".", "..", "../..", "/", "//", "missing"])
                .to_owned(),
            7 => choices
                .pick(&[
                    self.outside.as_str(),
                    "../../../../outside",
                    self.store.as_str(),
                ])
                .to_owned(),
            _ => format!("/{name}/{other}"),
        }
    }

    /// The records of the closure, as Nix would export them.
    pub fn records(&self) -> Value {
        let records = self
            .references
            .iter()
            .enumerate()
            .map(|(number, references)| {
                let path = self.member(number);
                let mut nar = nix_nar::Encoder::new(&path).expect("a store path");
                let mut hasher = Sha256::new();
                let size = std::io::copy(&mut nar, &mut hasher).expect("a NAR");
                let references: Vec<String> =
                    references.iter().map(|to| self.member(*to)).collect();
                json!({
                    "path": path,
                    "narHash": NarHash::from(hasher).to_string(),
                    "narSize": size,
                    "references": references,
                })
            });
        records.collect()
    }
}
