//! The store, seen through the closure: the only place that follows links on disk.
//!
//! A link is followed only as long as it leads to a member of the closure. What lies elsewhere on the machine that
//! builds is never looked at.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};

use anyhow::{Context, Result, bail, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use crate::image::path::{LINKS, components, longest_name};
use crate::input::closure::Closure;
use crate::input::store_path::StorePath;

/// What is to be said of a name that is not UTF-8.
pub(crate) const NAME_NOT_UTF8: &str =
    "is not UTF-8: runtimes drop such files without a word; rename it in the package";

/// What is to be said of the target of a link that is not UTF-8.
pub(crate) const TARGET_NOT_UTF8: &str =
    "is not UTF-8: neither its NAR nor its archive header can be written";

/// One object on disk; a store has only these three kinds of files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Seen {
    /// A directory.
    Directory,
    /// A regular file.
    File {
        /// Whether its owner may execute it, the one permission that a store keeps.
        executable: bool,
        /// Size in bytes.
        size: u64,
    },
    /// A symbolic link with its target.
    Symlink(String),
}

/// Where a path leads, links followed inside the closure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Followed {
    /// To a directory at this path.
    Directory(Utf8PathBuf),
    /// To a regular file.
    File {
        /// Where it is.
        path: Utf8PathBuf,
        /// Whether its owner may execute it.
        executable: bool,
        /// Size in bytes.
        size: u64,
    },
    /// To a path of the closure where nothing is.
    Missing(Utf8PathBuf),
    /// Out of the closure, to this path.
    Outside(Utf8PathBuf),
    /// Round and round.
    Loop,
}

impl Followed {
    /// Where it leads, to be said of the path that was followed.
    pub(crate) fn where_to(&self) -> String {
        match self {
            Self::Directory(path) => format!("is the directory {path}"),
            Self::File { path, .. } => format!("is the file {path}"),
            Self::Missing(path) => format!("is not there: nothing is at {path}"),
            Self::Outside(path) => format!("leads out of the closure, to {path}"),
            Self::Loop => "is a link that leads to itself".to_owned(),
        }
    }
}

/// The members of a closure on disk.
#[derive(Debug, Clone, Copy)]
pub struct Store<'a> {
    closure: &'a Closure,
}

impl<'a> Store<'a> {
    /// The store as `closure` lets it be seen.
    #[must_use]
    pub fn new(closure: &'a Closure) -> Self {
        Self { closure }
    }

    /// The closure that bounds the view.
    #[must_use]
    pub fn closure(self) -> &'a Closure {
        self.closure
    }

    /// The member of the closure in which `path` lies.
    #[must_use]
    pub fn owner(self, path: &str) -> Option<StorePath> {
        let (owner, _) = self.closure.store_dir().split(path)?;
        self.closure.get(&owner).map(|_| owner)
    }

    /// Follows `path`, which is absolute, component by component and link by link, as the kernel would.
    pub fn follow(self, path: &Utf8Path) -> Result<Followed> {
        let store_dir = Utf8Path::new(self.closure.store_dir().as_str());
        let mut here = Utf8PathBuf::from("/");
        let mut left: Vec<String> = reversed(path.as_str());
        let mut links = 0;
        while let Some(component) = left.pop() {
            if component == ".." {
                here.pop();
                continue;
            }
            here.push(component);
            if store_dir.starts_with(&here) {
                continue;
            }
            if self.owner(here.as_str()).is_none() {
                here.extend(left.iter().rev());
                return Ok(Followed::Outside(here));
            }
            match look_if_there(&here)? {
                Some(Seen::Directory) => {}
                Some(Seen::File { executable, size }) if left.is_empty() => {
                    return Ok(Followed::File {
                        path: here,
                        executable,
                        size,
                    });
                }
                Some(Seen::File { .. }) | None => {
                    here.extend(left.iter().rev());
                    return Ok(Followed::Missing(here));
                }
                Some(Seen::Symlink(target)) => {
                    links += 1;
                    if links > LINKS {
                        return Ok(Followed::Loop);
                    }
                    if target.starts_with('/') {
                        here = Utf8PathBuf::from("/");
                    } else {
                        here.pop();
                    }
                    left.extend(reversed(&target));
                }
            }
        }
        if store_dir.starts_with(&here) {
            return Ok(Followed::Outside(here));
        }
        Ok(Followed::Directory(here))
    }
}

/// The components of `path`, last one first, as a stack of what is still to be walked.
pub(crate) fn reversed(path: &str) -> Vec<String> {
    components(path).rev().map(str::to_owned).collect()
}

/// What is at `path`, the last link not followed.
pub(crate) fn look(path: &Utf8Path) -> Result<Seen> {
    let metadata = fs::symlink_metadata(path).with_context(|| format!("reading {path}"))?;
    seen(path, &metadata)
}

/// What is at `path`, if anything is. Nothing is at a path that no file can have: a link may lead to any text.
pub(crate) fn look_if_there(path: &Utf8Path) -> Result<Option<Seen>> {
    use io::ErrorKind::{InvalidFilename, InvalidInput, NotADirectory, NotFound};
    match fs::symlink_metadata(path) {
        Ok(metadata) => seen(path, &metadata).map(Some),
        Err(error)
            if matches!(
                error.kind(),
                NotFound | NotADirectory | InvalidFilename | InvalidInput
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(error).with_context(|| format!("reading {path}")),
    }
}

fn seen(path: &Utf8Path, metadata: &Metadata) -> Result<Seen> {
    let kind = metadata.file_type();
    if kind.is_dir() {
        return Ok(Seen::Directory);
    }
    if kind.is_file() {
        return Ok(Seen::File {
            executable: metadata.mode() & 0o100 != 0,
            size: metadata.len(),
        });
    }
    if kind.is_symlink() {
        let target = fs::read_link(path).with_context(|| format!("reading the link {path}"))?;
        return match target.into_os_string().into_string() {
            Ok(target) => Ok(Seen::Symlink(target)),
            Err(target) => bail!(
                "{path} is a link to {:?}, which {TARGET_NOT_UTF8}",
                target.display()
            ),
        };
    }
    let kind = if kind.is_fifo() {
        "a named pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    };
    bail!("{path} is {kind}; a store holds regular files, directories and links only")
}

/// Names in the directory `path`, sorted by their bytes. A name that rkt would drop or fail on is an error.
pub(crate) fn list(path: &Utf8Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let entries = fs::read_dir(path).with_context(|| format!("reading the directory {path}"))?;
    for entry in entries {
        let entry = entry.with_context(|| format!("reading the directory {path}"))?;
        let name = match entry.file_name().into_string() {
            Ok(name) => name,
            Err(name) => bail!(
                "{path} holds a file named {:?}, which {NAME_NOT_UTF8}",
                name.display()
            ),
        };
        ensure!(
            name.len() <= longest_name(),
            "{path} holds a file whose name has {} bytes, more than the {} that file systems take: {name}",
            name.len(),
            longest_name()
        );
        names.push(name);
    }
    names.sort_unstable();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::closure::Record;
    use crate::input::store_path::StoreDir;
    use std::os::unix::fs::symlink;

    /// A store in a temporary directory with two members, `a` and `b`, and one path that is no member.
    struct Sample {
        _directory: tempfile::TempDir,
        store: String,
        closure: Closure,
    }

    impl Sample {
        fn new() -> Self {
            let directory = tempfile::tempdir().unwrap();
            let store = directory.path().canonicalize().unwrap();
            let store = store.to_str().unwrap().to_owned();
            let path = |digit: &str, name: &str| format!("{store}/{}-{name}", digit.repeat(32));
            for (digit, name) in [("a", "a"), ("b", "b"), ("c", "stranger")] {
                fs::create_dir(path(digit, name)).unwrap();
                fs::write(format!("{}/file", path(digit, name)), "text").unwrap();
            }
            let hash = "sha256:0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73";
            let records: Vec<Record> = serde_json::from_value(serde_json::json!([
                { "path": path("a", "a"), "narHash": hash, "narSize": 1, "references": [] },
                { "path": path("b", "b"), "narHash": hash, "narSize": 1, "references": [] },
            ]))
            .unwrap();
            let closure = Closure::new(StoreDir::new(&store).unwrap(), records).unwrap();
            Self {
                _directory: directory,
                store,
                closure,
            }
        }

        fn member(&self, name: &str) -> Utf8PathBuf {
            Utf8PathBuf::from(format!("{}/{}-{name}", self.store, name.repeat(32)))
        }

        fn follow(&self, path: &Utf8Path) -> Followed {
            Store::new(&self.closure).follow(path).unwrap()
        }
    }

    #[test]
    fn links_are_followed_inside_the_closure_only() {
        let sample = Sample::new();
        let a = sample.member("a");
        let b = sample.member("b");
        let stranger = format!("{}/{}-stranger", sample.store, "c".repeat(32));
        let links = [
            ("to-b", b.join("file").to_string()),
            ("relative", format!("../{}/file", b.file_name().unwrap())),
            ("chain", "to-b".to_owned()),
            ("host", "/etc/shadow".to_owned()),
            ("climb", "../../../../../../../../etc/shadow".to_owned()),
            ("stranger", format!("{stranger}/file")),
            ("round", "round".to_owned()),
            ("nowhere", "missing".to_owned()),
            ("through-file", "file/below".to_owned()),
            ("directory", b.join("sub").to_string()),
            ("back", "directory/../file".to_owned()),
        ];
        fs::create_dir(b.join("sub")).unwrap();
        for (name, target) in &links {
            symlink(target, a.join(name)).unwrap();
        }
        let is_b = |followed: Followed| matches!(followed, Followed::File { path, size: 4, .. } if path == b.join("file"));
        assert!(is_b(sample.follow(&a.join("to-b"))));
        assert!(is_b(sample.follow(&a.join("relative"))));
        assert!(is_b(sample.follow(&a.join("chain"))));
        assert!(
            is_b(sample.follow(&a.join("back"))),
            "`..` after a link leaves the link's target"
        );
        let shadow = Followed::Outside("/etc/shadow".into());
        assert_eq!(sample.follow(&a.join("host")), shadow);
        assert_eq!(sample.follow(&a.join("climb")), shadow);
        assert!(matches!(
            sample.follow(&a.join("stranger")),
            Followed::Outside(_)
        ));
        assert_eq!(sample.follow(&a.join("round")), Followed::Loop);
        assert!(matches!(
            sample.follow(&a.join("nowhere")),
            Followed::Missing(_)
        ));
        assert!(matches!(
            sample.follow(&a.join("through-file")),
            Followed::Missing(_)
        ));
        assert_eq!(sample.follow(&a), Followed::Directory(a.clone()));
    }

    #[test]
    fn names_are_sorted_by_bytes_and_hard_ones_refused() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        let sample = Sample::new();
        let a = sample.member("a");
        for name in ["b", "B", "a b", "ä", "a-b"] {
            fs::write(a.join(name), "").unwrap();
        }
        assert_eq!(list(&a).unwrap(), ["B", "a b", "a-b", "b", "file", "ä"]);
        fs::write(a.as_std_path().join(OsStr::from_bytes(b"bad\xff")), "").unwrap();
        assert!(list(&a).unwrap_err().to_string().contains("not UTF-8"));
    }
}
