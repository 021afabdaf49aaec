//! An App Container Image, compared with its figures.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};

use anyhow::{Context, Result};
use camino::Utf8Path;
use data_encoding::HEXLOWER;
use serde::Deserialize;
use sha2::Sha512;

use crate::face::oci::foreign::members::Members;
use crate::face::recorded::Recorded;
use crate::face::verify::nars::Nars;
use crate::face::verify::{NOT_RECORDED, Report};
use crate::host::digest::Hashing;
use crate::host::interrupt::Interrupt;
use crate::input::compression::Compression;

/// What is at the beginning of what a method has compressed.
const METHODS: [(&str, &[u8]); 2] = [("gzip", &[0x1f, 0x8b]), ("xz", b"\xfd7zXZ")];

/// What the build has said of an image.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Figures {
    #[serde(rename = "imageID")]
    image_id: String,
    uncompressed_size: u64,
    compressed_size: u64,
    #[serde(default)]
    store_paths: Option<Vec<Recorded>>,
}

/// Compares the image in `file` with `figures`, and its store paths if asked for.
pub(crate) fn verify(
    file: &Utf8Path,
    figures: &Figures,
    store_paths: bool,
    interrupt: &Interrupt,
) -> Result<Report> {
    let mut report = Report::default();
    let recorded = figures.store_paths.as_deref();
    if store_paths && recorded.is_none() {
        report.problems.push(NOT_RECORDED.to_owned());
    }
    let recorded = recorded.filter(|_| store_paths);
    let mut nars = Nars::new("rootfs/", recorded);

    let size = fs::metadata(file)
        .with_context(|| format!("reading {file}"))?
        .len();
    let is_as_long = size == figures.compressed_size;
    let read = read(file, &mut nars, interrupt);
    let (digest, uncompressed) = match read {
        Ok(read) => read,
        Err(error) => {
            interrupt.check()?;
            let mut why = format!("it cannot be read to its end: {error:#}");
            if !is_as_long {
                why = format!(
                    "{why}; it has {size} bytes, and was built with {}",
                    figures.compressed_size
                );
            }
            report.problems.push(format!("{why}: get it anew"));
            return Ok(report);
        }
    };
    let image_id = format!("sha512-{}", HEXLOWER.encode(&digest));
    if image_id != figures.image_id {
        report.problems.push(format!(
            "its image ID is {image_id}, and what was built has {}: it is another image, or was changed",
            figures.image_id
        ));
    } else if uncompressed != figures.uncompressed_size {
        report.problems.push(format!(
            "it has {uncompressed} bytes uncompressed, and {} are told",
            figures.uncompressed_size
        ));
    } else {
        report.right.push(image_id);
        if !is_as_long {
            report.right.push(format!(
                "compressed anew, to {size} bytes in the place of {}",
                figures.compressed_size
            ));
        }
    }
    if let Some(recorded) = recorded {
        let differ = nars.compare(recorded, false)?;
        report.store_paths(recorded, differ);
    }
    Ok(report)
}

/// Reads the archive to its end; tells its digest and length, uncompressed.
fn read(file: &Utf8Path, nars: &mut Nars, interrupt: &Interrupt) -> Result<(Vec<u8>, u64)> {
    let mut from = BufReader::with_capacity(256 * 1024, File::open(file)?);
    let begin = from.fill_buf()?;
    let method = METHODS.iter().find(|(_, magic)| begin.starts_with(magic));
    let method = Compression::new(method.map_or("none", |(name, _)| name), None)?;
    let stream = BufReader::with_capacity(256 * 1024, method.decoder(from)?);
    let mut stream = Hashing::<_, Sha512>::new(stream);
    let mut members = Members::new(&mut stream, interrupt);
    while let Some(member) = members.next()? {
        nars.take(&member, members.content())?;
    }
    nars.close();
    let (digest, length) = stream.finish()?;
    Ok((digest.to_vec(), length))
}
