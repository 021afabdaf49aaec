//! `save`: the image as a file or a directory of the user's.

use std::fs::{self, File};
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;
use std::process;

use anyhow::{Context, Result, bail, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use serde::Deserialize;
use tar::{EntryType, Header};

use crate::host::output::Output;
use crate::input::attrs;
use crate::verbs::pieces::Piece;
use crate::verbs::subject::Subject;
use crate::verbs::{Call, stream};

pub(super) const HELP: &str = "\
usage: save [DIRECTORY]

Makes the image and writes it to standard output: an App Container Image as it is, an OCI image as the tar archive of
its layout, which skopeo and podman take as oci-archive:, and docker load and ctr images import as well. With a
DIRECTORY, which must not be there yet, writes there what a build of the image gives.

  save > redis.aci
  save > redis.oci.tar
  save ./redis.oci";

/// Tar streams are made of blocks of so many bytes, and end with two of zeros.
const BLOCK: usize = 512;

pub(super) fn save(call: &Call) -> Result<()> {
    if let Some(directory) = call.words.first() {
        return save_in(&call.place, directory);
    }
    let stdout = io::stdout();
    ensure!(
        !stdout.is_terminal(),
        "an image is nothing for a terminal; write save > FILE, or save DIRECTORY"
    );
    let out = stdout.as_fd().try_clone_to_owned();
    let mut out = File::from(out.context("writing to standard output")?);
    let subject = Subject::open(&call.place, None)?;
    let Some(stem) = subject.archive() else {
        return archive(&subject, is_of_layout, &mut out, STDOUT);
    };
    let name = format!("{stem}.aci");
    stream::each(&subject, |piece| piece.name == name, &mut |_, path| {
        copy(path, &mut out, STDOUT)
    })
}

/// What is written to where nothing is named.
const STDOUT: &str = "standard output";

/// Writes all that a build of the image gives.
fn save_in(place: &str, directory: &str) -> Result<()> {
    let absolute =
        std::path::absolute(directory).with_context(|| format!("asking where {directory:?} is"))?;
    let absolute = Utf8PathBuf::try_from(absolute)?;
    let taken = || format!("{absolute} is there already; name a directory that is not");
    ensure!(fs::symlink_metadata(&absolute).is_err(), taken());
    let subject = Subject::open(place, Some(&absolute))?;
    let Some(name) = absolute.file_name() else {
        bail!("{absolute} is no directory of an image");
    };
    // It gets its name when it is whole.
    let partial = absolute.with_file_name(format!(".{name}.{}", process::id()));
    let mut output = Output::create(&partial, None)?;
    stream::each(&subject, |_| true, &mut |piece, path| {
        if let Some(target) = &piece.alias {
            output.link(&piece.name, target);
            return Ok(());
        }
        let (unnamed, mut file) = output.begin()?;
        copy(path, &mut file, unnamed.path().as_str())?;
        output.name(unnamed, file, &piece.name, piece.mode)
    })?;
    output.commit()?;
    fs::rename(&partial, &absolute).or_else(|error| {
        let _ = fs::remove_dir_all(&partial);
        Err(error).with_context(|| format!("naming {absolute}"))
    })
}

/// Builds the archive of an image that was built before, as Nix asks for it.
pub fn build_archive() -> Result<()> {
    let Document { layout, outputs } = attrs::read()?;
    let subject = Subject::open(layout.as_str(), None)?;
    let out = outputs.out.as_path();
    let mut file = File::create_new(out).with_context(|| format!("making the output {out}"))?;
    archive(&subject, is_of_layout, &mut file, out.as_str())
}

/// What Nix asks for.
#[derive(Deserialize)]
struct Document {
    layout: Utf8PathBuf,
    outputs: Outputs,
}

#[derive(Deserialize)]
struct Outputs {
    out: Utf8PathBuf,
}

/// Writes what is `wanted` of the layout of an OCI image as a tar archive, with `to` for messages. The same image gives the
/// same bytes.
pub(super) fn archive(
    subject: &Subject,
    wanted: impl Fn(&Piece) -> bool,
    out: &mut File,
    to: &str,
) -> Result<()> {
    let mut begun = Vec::new();
    stream::each(subject, wanted, &mut |piece, path| {
        for (at, _) in piece.name.match_indices('/') {
            let directory = &piece.name[..=at];
            if !begun.iter().any(|known| known == directory) {
                header(out, directory, EntryType::Directory, 0)
                    .with_context(|| format!("writing to {to}"))?;
                begun.push(directory.to_owned());
            }
        }
        header(out, &piece.name, EntryType::Regular, piece.size)
            .with_context(|| format!("writing to {to}"))?;
        copy(path, out, to)?;
        let over = usize::try_from(piece.size % BLOCK as u64)?;
        let padding = (BLOCK - over) % BLOCK;
        out.write_all(&[0; BLOCK][..padding])
            .with_context(|| format!("writing to {to}"))
    })?;
    out.write_all(&[0; 2 * BLOCK])
        .with_context(|| format!("writing to {to}"))
}

/// Whether a file belongs to the layout itself, and does not lie beside it for people.
pub(super) fn is_of_layout(piece: &Piece) -> bool {
    ["oci-layout", "index.json", "manifest.json"].contains(&piece.name.as_str())
        || piece.name.starts_with("blobs/")
}

fn header(out: &mut File, name: &str, kind: EntryType, size: u64) -> io::Result<()> {
    let mut header = Header::new_ustar();
    header.set_path(name)?;
    header.set_entry_type(kind);
    header.set_mode(if kind == EntryType::Directory {
        0o755
    } else {
        0o644
    });
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(1);
    header.set_size(size);
    header.set_cksum();
    out.write_all(header.as_bytes())
}

/// Copies a file to `out`, in the kernel where that can.
fn copy(from: &Utf8Path, out: &mut File, to: &str) -> Result<()> {
    let mut file = File::open(from).with_context(|| format!("reading {from}"))?;
    io::copy(&mut file, out).with_context(|| format!("writing to {to}"))?;
    Ok(())
}
