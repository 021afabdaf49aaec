//! Streams: what was compressed by whatever tool.

use std::io::{BufRead, Read};

use anyhow::{Result, bail};

use crate::face::oci::document::LAYER;

/// What is at the beginning of what a method has compressed.
const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
const XZ: &[u8] = b"\xfd7zXZ";
const BZIP2: &[u8] = b"BZh";
/// What is at the beginning of a script.
const PROGRAM: &[u8] = b"#!";

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
