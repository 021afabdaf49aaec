//! The decoder: reads what a method wrote.

use std::io::{self, BufRead, Read};

use super::method::{Kind, Method};

impl Method {
    /// Reads the uncompressed stream, whatever number of members it is made of.
    pub(crate) fn decoder<'r>(self, from: impl BufRead + 'r) -> io::Result<Box<dyn Read + 'r>> {
        Ok(match self.0 {
            Kind::Gzip(_) => Box::new(flate2::bufread::MultiGzDecoder::new(from)),
            Kind::Zstd(_) => Box::new(zstd::Decoder::with_buffer(from)?),
            Kind::Xz(_) => Box::new(liblzma::bufread::XzDecoder::new(from)),
            Kind::None => Box::new(from),
        })
    }
}
