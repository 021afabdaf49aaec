//! The stream: each file of an image, one after the other, none before it was found to be what its digest says.
//!
//! All cores verify ahead while the files go out, so that this costs hardly more time than a copy. A file that is
//! rotten is made anew before the stream goes on: it is known which bytes come next.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use anyhow::{Context, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use crate::face::oci::blob::blob_path;
use crate::face::oci::finished;
use crate::host::digest::Digest;
use crate::host::interrupt::Interrupt;
use crate::host::threads;
use crate::verbs::made::{Made, Piece};
use crate::verbs::subject::Subject;

/// Where in a layout the blobs are.
const BLOBS: &str = "blobs/sha256/";

/// What of a layout is a link, when it lies within that of an index.
const LINKED: &str = "blobs";

/// Makes the image and gives `out` each of its pieces that is `wanted`, in the order of their names, with the file where
/// it is.
pub(super) fn each(
    subject: &Subject,
    wanted: impl Fn(&Piece) -> bool,
    out: &mut impl FnMut(&Piece, &Utf8Path) -> Result<()>,
) -> Result<()> {
    let made = subject.make()?;
    let pieces: Vec<&Piece> = made.pieces.iter().filter(|piece| wanted(piece)).collect();
    if made.verified {
        return pieces
            .iter()
            .try_for_each(|piece| out(piece, &made.path(piece)));
    }
    let mut again: Option<Made> = None;
    ahead(
        pieces.len(),
        |number| is_sound(&made, pieces[number], subject.interrupt()),
        |number, sound: bool| {
            let piece = pieces[number];
            subject.interrupt().check()?;
            if !sound && again.is_none() {
                let remade = subject.make_again(&made, piece)?;
                ensure!(
                    remade.pieces == made.pieces,
                    "what was made anew differs from what was made before"
                );
                again = Some(remade);
            }
            out(piece, &again.as_ref().unwrap_or(&made).path(piece))
        },
    )
}

/// The pieces that are not what their digests say.
pub(super) fn rotten(made: &Made, interrupt: &Interrupt) -> Result<Vec<Piece>> {
    let mut rotten = Vec::new();
    ahead(
        made.pieces.len(),
        |number| is_sound(made, &made.pieces[number], interrupt),
        |number, sound: bool| {
            if !sound {
                rotten.push(made.pieces[number].clone());
            }
            Ok(())
        },
    )?;
    Ok(rotten)
}

/// All files below `directory`, as they are.
pub(super) fn pieces(directory: &Utf8Path, interrupt: &Interrupt) -> Result<Vec<Piece>> {
    let names = names(directory)?;
    let mut pieces = Vec::new();
    ahead(
        names.len(),
        |number| {
            let name = &names[number];
            let path = directory.join(name);
            match alias(&path, name)? {
                Some(alias) => Ok(alias),
                None => piece(
                    directory,
                    name,
                    Digest::of_file(&path, &|| interrupt.check())?,
                ),
            }
        },
        |_, piece| {
            pieces.push(piece);
            Ok(())
        },
    )?;
    Ok(pieces)
}

/// All files below `directory`, blobs as their names say, and unread.
pub(super) fn listed(directory: &Utf8Path) -> Result<Vec<Piece>> {
    let names = names(directory)?;
    let mut all = Vec::new();
    for name in &names {
        let path = directory.join(name);
        if let Some(alias) = alias(&path, name)? {
            if name == LINKED {
                // Those of the index that this is an image of, among which are the blobs of others.
                for (digest, size) in finished::blobs(directory)? {
                    let name = blob_path(digest);
                    all.push(piece(directory, &name, (digest, size))?);
                }
            } else {
                all.push(alias);
            }
            continue;
        }
        let blob = name.strip_prefix(BLOBS).and_then(Digest::from_hex);
        let found = match blob {
            Some(digest) => {
                let metadata = fs::metadata(&path).with_context(|| format!("reading {path}"))?;
                (digest, metadata.len())
            }
            None => Digest::of_file(&path, &|| Ok(()))?,
        };
        all.push(piece(directory, name, found)?);
    }
    Ok(all)
}

/// The names of all files below `directory`, sorted.
fn names(directory: &Utf8Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let mut waiting = vec![directory.to_owned()];
    while let Some(here) = waiting.pop() {
        let context = || format!("reading the directory {here}");
        for entry in fs::read_dir(&here).with_context(context)? {
            let path = Utf8PathBuf::try_from(entry.with_context(context)?.path())?;
            if path.is_dir() && !path.is_symlink() {
                waiting.push(path);
            } else {
                names.push(path.strip_prefix(directory)?.to_string());
            }
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// The link at `path` that leads to a directory of the image, if there is one.
fn alias(path: &Utf8Path, name: &str) -> Result<Option<Piece>> {
    if !path.is_dir() {
        return Ok(None);
    }
    let target = path.read_link_utf8();
    let target = target.with_context(|| format!("reading {path}"))?;
    Ok(Some(Piece {
        name: name.to_owned(),
        mode: 0o644,
        digest: Digest::of(target.as_str().as_bytes()),
        size: 0,
        linked: None,
        alias: Some(target),
    }))
}

/// The file of this name below `directory`, of which digest and size are known.
fn piece(directory: &Utf8Path, name: &str, (digest, size): (Digest, u64)) -> Result<Piece> {
    let path = directory.join(name);
    let metadata = fs::symlink_metadata(&path);
    let metadata = metadata.with_context(|| format!("reading {path}"))?;
    let (mode, linked) = if metadata.is_symlink() {
        // A copy is its user's to write, and what could be run there can be run here.
        let target = path.canonicalize_utf8()?;
        let context = || format!("reading {target}");
        let mode = fs::metadata(&target).with_context(context)?.permissions();
        let mode = if mode.mode() & 0o111 == 0 {
            0o644
        } else {
            0o755
        };
        (mode, Some(target))
    } else {
        (metadata.permissions().mode() & 0o7777, None)
    };
    Ok(Piece {
        name: name.to_owned(),
        mode,
        digest,
        size,
        linked,
        alias: None,
    })
}

fn is_sound(made: &Made, piece: &Piece, interrupt: &Interrupt) -> Result<bool> {
    if piece.alias.is_some() {
        return Ok(true);
    }
    let found = Digest::of_file(&made.path(piece), &|| interrupt.check())?;
    Ok(found == (piece.digest, piece.size))
}

/// Does `work` for each of `number` items on all cores that are granted, and `then` in their order, in this thread.
fn ahead<T: Send>(
    number: usize,
    work: impl Fn(usize) -> Result<T> + Sync,
    mut then: impl FnMut(usize, T) -> Result<()>,
) -> Result<()> {
    let next = AtomicUsize::new(0);
    let (done, results) = mpsc::channel();
    let done = Mutex::new(done);
    thread::scope(|scope| {
        for _ in 0..threads::granted().get().min(number) {
            let Ok(done) = done.lock().map(|done| done.clone()) else {
                continue;
            };
            let (next, work) = (&next, &work);
            scope.spawn(move || {
                loop {
                    let item = next.fetch_add(1, Ordering::Relaxed);
                    if item >= number || done.send((item, work(item))).is_err() {
                        break;
                    }
                }
            });
        }
        // What is done out of order waits here.
        let mut early = HashMap::new();
        let mut all = || {
            for item in 0..number {
                let result = loop {
                    if let Some(result) = early.remove(&item) {
                        break result;
                    }
                    let (done, result) = results.recv().context("a thread has ended")?;
                    early.insert(done, result);
                };
                then(item, result?)?;
            }
            Ok(())
        };
        let outcome = all();
        // Whoever still works need not go on.
        next.store(number, Ordering::Relaxed);
        outcome
    })
}
