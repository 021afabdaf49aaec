//! An image that the program built, read back whole.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::archive::{self, Entry, Kind};

/// An image that was built.
pub(crate) struct Image {
    pub(crate) log: String,
    pub(crate) out: PathBuf,
    /// Name of the archive.
    pub(crate) aci: String,
    /// All files of the output, by their names.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    /// The entries of the archive, in their order.
    pub(crate) entries: Vec<Entry>,
    store: String,
}

impl Image {
    pub(crate) fn read(out: &Path, log: String, store: String) -> Self {
        let files: BTreeMap<_, _> = fs::read_dir(out)
            .unwrap()
            .map(|file| {
                let file = file.unwrap();
                let name = file.file_name().into_string().unwrap();
                (name, fs::read(file.path()).unwrap())
            })
            .collect();
        let is_archive = |name: &&String| Path::new(name).extension().is_some_and(|e| e == "aci");
        let aci = files.keys().find(is_archive).unwrap().clone();
        let entries = archive::read(&archive::decompress(&files[&aci]));
        Self {
            log,
            out: out.to_owned(),
            aci,
            files,
            entries,
            store,
        }
    }

    /// The entry at `path` of the root file system.
    pub(crate) fn get(&self, path: &str) -> Option<&Entry> {
        let path = format!("rootfs{path}");
        self.entries
            .iter()
            .find(|entry| entry.path == path.as_bytes())
    }

    pub(crate) fn manifest(&self) -> Value {
        match &self.entries[0].kind {
            Kind::File(json) => serde_json::from_slice(json).unwrap(),
            _ => panic!("the manifest is no file"),
        }
    }

    pub(crate) fn text(&self, name: &str) -> &str {
        std::str::from_utf8(&self.files[name]).unwrap()
    }

    /// The root file system without the store, a line an entry: `0755 /bin/`, `0644 /a "text"`, `/b -> @hello/b`,
    /// where `@hello` stands for the store path of that name. Owners other than root stand at the end.
    pub(crate) fn lines(&self) -> Vec<String> {
        let store = format!("rootfs{}", self.store);
        let of_store = |entry: &&Entry| {
            let leads = format!("{store}/")
                .into_bytes()
                .starts_with(&[&entry.path, b"/".as_slice()].concat());
            let inside = entry.path.starts_with(store.as_bytes());
            inside || (leads && entry.mode == 0o755)
        };
        let below = self.entries.iter().skip(2);
        below
            .filter(|entry| !of_store(entry))
            .map(|entry| self.line(entry))
            .collect()
    }

    fn line(&self, entry: &Entry) -> String {
        let path = String::from_utf8_lossy(&entry.path["rootfs".len()..]);
        let owner = match (entry.uid, entry.gid) {
            (0, 0) => String::new(),
            (uid, gid) => format!(" {uid}:{gid}"),
        };
        let line = match &entry.kind {
            Kind::Directory => format!("{:04o} {path}/{owner}", entry.mode),
            Kind::File(content) => {
                let content = String::from_utf8_lossy(content);
                format!("{:04o} {path} {content:?}{owner}", entry.mode)
            }
            Kind::Link(target) => format!("{path} -> {}{owner}", String::from_utf8_lossy(target)),
        };
        // The store directory, a slash, 32 characters of hash and a dash make one sign.
        let store = format!("{}/", self.store);
        let mut parts = line.split(&store);
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |line, part| format!("{line}@{}", &part[33..]))
    }

    /// Sees that the root file system is this and no more.
    #[track_caller]
    pub(crate) fn has_root(&self, lines: &[&str]) {
        let found = self.lines();
        assert_eq!(found, lines, "\n{}", found.join("\n"));
    }
}
