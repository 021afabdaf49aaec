//! Streams: what was compressed by whatever tool, hashed on the way.

use std::io::{self, BufRead, Read};

use anyhow::{Result, bail};
use sha2::{Digest as _, Sha256};

use crate::face::oci::document::{Digest, LAYER};

/// What is at the beginning of what a method has compressed.
const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
const XZ: &[u8] = b"\xfd7zXZ";
const BZIP2: &[u8] = b"BZh";
/// What is at the beginning of a script.
const PROGRAM: &[u8] = b"#!";

/// A stream that is hashed while it is read.
pub(super) struct Hashing<R> {
    from: R,
    hash: Sha256,
    length: u64,
}

impl<R: Read> Hashing<R> {
    pub(super) fn new(from: R) -> Self {
        Self {
            from,
            hash: Sha256::new(),
            length: 0,
        }
    }

    /// Reads to the end; tells the digest of all that was read, and how much that was.
    pub(super) fn finish(mut self) -> io::Result<(Digest, u64)> {
        io::copy(&mut self, &mut io::sink())?;
        Ok((Digest(self.hash.finalize().into()), self.length))
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let length = self.from.read(to)?;
        self.hash.update(&to[..length]);
        self.length += length as u64;
        Ok(length)
    }
}

/// What was compressed, whatever number of members it is made of, and the media type of a layer that is compressed so.
pub(super) fn decoder<'r>(mut from: impl BufRead + 'r) -> Result<(Box<dyn Read + 'r>, String)> {
    let begin = from.fill_buf()?;
    Ok(if begin.starts_with(GZIP) {
        let stream = flate2::bufread::MultiGzDecoder::new(from);
        (Box::new(stream), format!("{LAYER}+gzip"))
    } else if begin.starts_with(ZSTD) {
        let stream = zstd::Decoder::with_buffer(from)?;
        (Box::new(stream), format!("{LAYER}+zstd"))
    } else if begin.starts_with(XZ) || begin.starts_with(BZIP2) {
        bail!("it is compressed by xz or bzip2, which images are not; unpack it first");
    } else if begin.starts_with(PROGRAM) {
        bail!(
            "it is a program that writes an image; take the image, as of buildLayeredImage instead of streamLayeredImage"
        );
    } else {
        (Box::new(from), LAYER.to_owned())
    })
}
