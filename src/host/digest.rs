//! Digest: the SHA-256 by which a blob is known.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};

use anyhow::{Context, Result};
use camino::Utf8Path;
use data_encoding::HEXLOWER;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest as _, Sha256};

/// Files are read in pieces of this many bytes, which the cache of a core holds.
const PIECE: usize = 64 << 10;

/// What stands before the digits.
const ALGORITHM: &str = "sha256:";

/// SHA-256 of a blob, shown as `sha256:` and 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Digest(pub [u8; 32]);

impl Digest {
    /// The hexadecimal digits, which are also the blob's file name.
    #[must_use]
    pub(crate) fn hex(&self) -> String {
        HEXLOWER.encode(&self.0)
    }

    /// The digest with these digits.
    pub(crate) fn from_hex(digits: &str) -> Option<Self> {
        let bytes = HEXLOWER.decode(digits.as_bytes()).ok()?;
        bytes.try_into().map(Self).ok()
    }

    /// That of these bytes.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// That of a file, with its size. `go_on` is asked now and then, and its error ends the reading.
    pub(crate) fn of_file(path: &Utf8Path, go_on: &impl Fn() -> Result<()>) -> Result<(Self, u64)> {
        let context = || format!("reading {path}");
        let mut file = File::open(path).with_context(context)?;
        let mut hash = Sha256::new();
        let mut piece = vec![0; PIECE];
        let mut size = 0;
        loop {
            go_on()?;
            let length = match file.read(&mut piece) {
                Ok(0) => return Ok((Self(hash.finalize().into()), size)),
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error).with_context(context),
            };
            hash.update(&piece[..length]);
            size += length as u64;
        }
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{ALGORITHM}{}", self.hex())
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits = text.strip_prefix(ALGORITHM);
        let digest = digits.and_then(Self::from_hex);
        digest.ok_or_else(|| de::Error::custom(format_args!("{text:?} is no digest")))
    }
}

/// A stream that is hashed while it is read.
pub(crate) struct Hashing<R, H> {
    from: R,
    hash: H,
    length: u64,
}

impl<R: Read, H: sha2::Digest> Hashing<R, H> {
    pub(crate) fn new(from: R) -> Self {
        Self {
            from,
            hash: H::new(),
            length: 0,
        }
    }

    /// Reads to the end; tells the hash of all that was read, and how much that was.
    pub(crate) fn finish(mut self) -> io::Result<(sha2::digest::Output<H>, u64)> {
        io::copy(&mut self, &mut io::sink())?;
        Ok((self.hash.finalize(), self.length))
    }
}

impl<R: Read, H: sha2::Digest> Read for Hashing<R, H> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let length = self.from.read(to)?;
        self.hash.update(&to[..length]);
        self.length += length as u64;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_read_as_it_is_written() {
        let digest = Digest(Sha256::digest("").into());
        let text = serde_json::to_string(&digest).unwrap();
        assert!(text.starts_with("\"sha256:e3b0c442"), "{text}");
        assert_eq!(serde_json::from_str::<Digest>(&text).unwrap(), digest);
        for wrong in ["\"\"", "\"sha256:\"", "\"sha256:E3\"", "\"e3b0\"", "1"] {
            assert!(serde_json::from_str::<Digest>(wrong).is_err(), "{wrong}");
        }
    }
}
