//! Blobs: the files of an image as another tool has left them, in a directory or in an archive.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufReader, Read};

use anyhow::{Context, Result, bail, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use crate::face::oci::blob::blob_path;
use crate::face::oci::document::Digest;
use crate::face::oci::foreign::members::{Kind, Members, clean};
use crate::face::oci::foreign::stream;
use crate::host::interrupt::Interrupt;
use crate::host::output::{Output, Unnamed};

/// An archive has so many files at most: a few for each layer.
const MOST: usize = 10_000;

/// Documents have so many bytes at most.
const LARGEST: u64 = 16_000_000;

/// So many links lead from one name to another at most.
const LINKS: usize = 40;

/// Where the files are.
pub(super) enum Blobs {
    /// In a directory of the store, which is linked to.
    Directory(Utf8PathBuf),
    /// In the output, out of an archive, as long as nothing else is known of them.
    Archive(BTreeMap<String, Taken>),
}

/// What was taken out of an archive.
pub(super) enum Taken {
    File(Unnamed),
    Link(String),
    /// A layer that has its name in the output.
    Placed,
}

impl Taken {
    /// Whether another one has the same content.
    fn is_same(&self, other: &Self) -> Result<bool> {
        Ok(match (self, other) {
            (Self::File(one), Self::File(other)) => {
                let digest = |file: &Unnamed| Digest::of_file(file.path(), &|| Ok(()));
                digest(one)? == digest(other)?
            }
            (Self::Link(one), Self::Link(other)) => one == other,
            _ => false,
        })
    }

    /// Leaves it out of the output, unless it has a name there.
    fn remove(self) -> Result<()> {
        if let Self::File(unnamed) = self {
            let path = unnamed.path();
            fs::remove_file(path).with_context(|| format!("removing {path}"))?;
        }
        Ok(())
    }
}

impl Blobs {
    /// The files at `source`. Those of an archive go to `output`, until they have names or are left out.
    pub(super) fn open(
        source: &Utf8Path,
        output: &mut Output,
        interrupt: &Interrupt,
    ) -> Result<Self> {
        let metadata = fs::metadata(source)?;
        if metadata.is_dir() {
            return Ok(Self::Directory(source.to_owned()));
        }
        let file = BufReader::new(File::open(source)?);
        let (stream, _) = stream::decoder(file)?;
        let mut members = Members::new(stream, interrupt);
        let mut taken = BTreeMap::new();
        while let Some(member) = members
            .next()
            .context("it is no archive of an image (tar, plain or compressed by gzip or zstd)")?
        {
            ensure!(
                taken.len() < MOST,
                "it has more than {MOST} files, and so is no archive of an image"
            );
            let what = match member.kind {
                Kind::File => {
                    let (unnamed, mut file) = output.begin()?;
                    io::copy(&mut members.content(), &mut file)
                        .with_context(|| format!("taking {} out of it", member.path))?;
                    Taken::File(unnamed)
                }
                Kind::HardLink(target) => Taken::Link(target),
                Kind::Symlink(target) => match beside(&member.path, &target) {
                    Some(target) => Taken::Link(target),
                    None => bail!("{} is a link to {target}, out of the archive", member.path),
                },
                Kind::Directory | Kind::Special => continue,
            };
            // Some readers take the first of two files and some the last, some write where a link leads, and some fill holes.
            ensure!(
                !is_below_link(&taken, &member.path),
                "{} lies below a link",
                member.path
            );
            ensure!(!member.is_sparse, "{} is sparse", member.path);
            if let Some(before) = taken.get(&member.path) {
                ensure!(
                    before.is_same(&what)?,
                    "{} is in it twice, and is not the same",
                    member.path
                );
                what.remove()?;
                continue;
            }
            taken.insert(member.path, what);
        }
        Ok(Self::Archive(taken))
    }

    /// Whether there is a file of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.path(name).is_ok_and(|path| path.is_file())
    }

    /// Where the file of this name is.
    pub(super) fn path(&self, name: &str) -> Result<Utf8PathBuf> {
        let name = clean(name)?;
        match self {
            Self::Directory(directory) => {
                let path = directory.join(&name);
                // A pipe or a device might never end.
                let is_other = fs::metadata(&path).is_ok_and(|metadata| !metadata.is_file());
                ensure!(!is_other, "{name} is no file");
                Ok(path)
            }
            Self::Archive(taken) => match taken.get(end(taken, &name)) {
                Some(Taken::File(unnamed)) => Ok(unnamed.path().to_owned()),
                _ => bail!("{name} is not in it"),
            },
        }
    }

    /// A document, which must have this digest if one is known.
    pub(super) fn document(&self, name: &str, digest: Option<Digest>) -> Result<Vec<u8>> {
        let context = || format!("reading {name}");
        let file = File::open(self.path(name)?).with_context(context)?;
        let mut bytes = Vec::new();
        file.take(LARGEST + 1)
            .read_to_end(&mut bytes)
            .with_context(context)?;
        ensure!(
            bytes.len() as u64 <= LARGEST,
            "{name} has more than {LARGEST} bytes, and so is no document of an image"
        );
        let found = Digest::of(&bytes);
        if let Some(digest) = digest {
            ensure!(
                found == digest,
                "{name} has the digest {found}, and not that of its name"
            );
        }
        Ok(bytes)
    }

    /// Gives the layer of this name its place in the output.
    pub(super) fn place(&mut self, name: &str, digest: Digest, output: &mut Output) -> Result<()> {
        let name = clean(name)?;
        match self {
            Self::Directory(directory) => {
                let path = directory.join(&name);
                // A link to a link would need what lies between.
                let path = path
                    .canonicalize_utf8()
                    .with_context(|| format!("reading {path}"))?;
                output.link(&blob_path(digest), &path);
            }
            Self::Archive(taken) => {
                let end = end(taken, &name).to_owned();
                if let Some(Taken::File(unnamed)) = taken.insert(end, Taken::Placed) {
                    let path = unnamed.path().to_owned();
                    let file = File::options().append(true).open(&path);
                    let file = file.with_context(|| format!("opening {path}"))?;
                    output.name(unnamed, file, &blob_path(digest), 0o644)?;
                }
            }
        }
        Ok(())
    }

    /// Leaves out what was taken from an archive and has no name.
    pub(super) fn close(self) -> Result<()> {
        let Self::Archive(taken) = self else {
            return Ok(());
        };
        taken.into_values().try_for_each(Taken::remove)
    }
}

/// Whether a part of `path` was taken as a link.
fn is_below_link(taken: &BTreeMap<String, Taken>, path: &str) -> bool {
    path.match_indices('/')
        .any(|(at, _)| matches!(taken.get(&path[..at]), Some(Taken::Link(_))))
}

/// Where the links of an archive lead from `name`.
fn end<'t>(taken: &'t BTreeMap<String, Taken>, mut name: &'t str) -> &'t str {
    for _ in 0..LINKS {
        match taken.get(name) {
            Some(Taken::Link(target)) => name = target,
            _ => break,
        }
    }
    name
}

/// Where a link at `path` with this target leads; nothing where it leads out.
fn beside(path: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    if target.starts_with('/') {
        return None;
    }
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
