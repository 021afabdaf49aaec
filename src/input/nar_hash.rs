//! NAR hash: the SHA-256 that Nix recorded for the archived form of a store path.

use std::fmt;
use std::sync::LazyLock;

use anyhow::{Result, anyhow, bail};
use data_encoding::{BASE64, BitOrder, Encoding, HEXLOWER, Specification, SpecificationError};
use sha2::{Digest, Sha256};

use crate::input::store_path::BASE32;

/// Length of a SHA-256 in bytes.
const LENGTH: usize = 32;

/// SHA-256 of a NAR.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct NarHash([u8; LENGTH]);

impl NarHash {
    /// Reads a hash as Nix prints it: `sha256:` with base 32 or base 16, or `sha256-` with base 64.
    pub fn parse(text: &str) -> Result<Self> {
        let decoded = match (text.strip_prefix("sha256:"), text.strip_prefix("sha256-")) {
            (Some(digits), _) if digits.len() == 2 * LENGTH => {
                HEXLOWER.decode(digits.as_bytes())?
            }
            (Some(digits), _) => {
                let reversed: Vec<u8> = digits.bytes().rev().collect();
                base32()?.decode(&reversed)?
            }
            (_, Some(digits)) => BASE64.decode(digits.as_bytes())?,
            _ => bail!("the NAR hash {text:?} is not a sha256"),
        };
        let bytes = decoded
            .try_into()
            .map_err(|_| anyhow!("the NAR hash {text:?} does not have {LENGTH} bytes"))?;
        Ok(Self(bytes))
    }
}

impl NarHash {
    /// The hexadecimal digits.
    #[must_use]
    pub fn hex(&self) -> String {
        HEXLOWER.encode(&self.0)
    }
}

impl From<Sha256> for NarHash {
    fn from(hasher: Sha256) -> Self {
        Self(hasher.finalize().into())
    }
}

/// Nix writes base 32 least significant bits first, and the last character first.
fn base32() -> Result<&'static Encoding> {
    // To make it takes longer than to use it.
    static ENCODING: LazyLock<Result<Encoding, SpecificationError>> = LazyLock::new(|| {
        let mut specification = Specification::new();
        specification.symbols.push_str(BASE32);
        specification.bit_order = BitOrder::LeastSignificantFirst;
        specification.encoding()
    });
    ENCODING.as_ref().map_err(|error| anyhow!("{error}"))
}

impl fmt::Display for NarHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let encoded = base32().map_err(|_| fmt::Error)?.encode(&self.0);
        let digits: String = encoded.chars().rev().collect();
        write!(f, "sha256:{digits}")
    }
}

impl fmt::Debug for NarHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SHA-256 of nothing, in the three forms.
    const EMPTY: [&str; 3] = [
        "sha256:0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    ];

    #[test]
    fn each_form_is_read_and_base32_is_printed() {
        let expected = NarHash::from(Sha256::new());
        for form in EMPTY {
            assert_eq!(NarHash::parse(form).unwrap(), expected, "{form}");
        }
        assert_eq!(expected.to_string(), EMPTY[0]);
    }

    #[test]
    fn what_is_no_sha256_is_refused() {
        for bad in [
            "",
            "sha256:",
            "sha256:zz",
            "sha512:00",
            "md5:0",
            "sha256-AAAA",
        ] {
            assert!(NarHash::parse(bad).is_err(), "{bad}");
        }
    }
}
