//! The decoder: reads what a method wrote.

use std::io::{self, BufRead, Read};

use crate::input::compression::Compression;

impl Compression {
    /// Reads the uncompressed stream, whatever number of members it is made of.
    pub(crate) fn decoder<'r>(self, from: impl BufRead + 'r) -> io::Result<Box<dyn Read + 'r>> {
        Ok(match self {
            Compression::Gzip(_) => Box::new(flate2::bufread::MultiGzDecoder::new(from)),
            Compression::Zstd(_) => Box::new(zstd::Decoder::with_buffer(from)?),
            Compression::Xz(_) => Box::new(liblzma::bufread::XzDecoder::new_multi_decoder(from)),
            Compression::None => Box::new(from),
        })
    }
}
