//! Where the cache is and how large it may become, as the environment says.

use std::env;

use anyhow::{Context, Result, bail};
use camino::Utf8PathBuf;

/// What to do about a place that does not do.
pub(super) const MEND: &str = "the cache of blobs needs a directory of the user's own: set XDG_CACHE_HOME to one, or mend HOME";

/// How many bytes the cache keeps where nobody says.
const LIMIT: u64 = 10_000_000_000;

/// The variable that says how many it keeps.
const VARIABLE: &str = "NIX2ACI_CACHE_SIZE";

/// The directory of the cache.
pub(super) fn directory() -> Result<Utf8PathBuf> {
    let absolute = |name: &str| {
        let path = env::var_os(name)?;
        let path = Utf8PathBuf::try_from(std::path::PathBuf::from(path)).ok()?;
        path.is_absolute().then_some(path)
    };
    let base = absolute("XDG_CACHE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".cache")))
        .context("neither XDG_CACHE_HOME nor HOME is an absolute path")
        .context(MEND)?;
    Ok(base.join("nix2aci/images"))
}

/// How many bytes it keeps.
pub(super) fn limit() -> Result<u64> {
    let Some(text) = env::var_os(VARIABLE) else {
        return Ok(LIMIT);
    };
    let text = text.to_string_lossy();
    match bytes(&text) {
        Some(limit) => Ok(limit),
        None => bail!("{VARIABLE} = {text:?} is no number of bytes; write 10G, 500M or 0"),
    }
}

/// A number of bytes such as `10G`, in decimal units.
fn bytes(text: &str) -> Option<u64> {
    let (digits, factor) = match text.as_bytes().last()? {
        b'k' | b'K' => (&text[..text.len() - 1], 1_000),
        b'M' => (&text[..text.len() - 1], 1_000_000),
        b'G' => (&text[..text.len() - 1], 1_000_000_000),
        b'T' => (&text[..text.len() - 1], 1_000_000_000_000),
        _ => (text, 1),
    };
    let is_number = digits.bytes().all(|digit| digit.is_ascii_digit());
    let number: u64 = is_number.then(|| digits.parse().ok()).flatten()?;
    number.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read() {
        for (text, wanted) in [
            ("0", Some(0)),
            ("12345", Some(12345)),
            ("10G", Some(10_000_000_000)),
            ("500M", Some(500_000_000)),
            ("1k", Some(1000)),
            ("2T", Some(2_000_000_000_000)),
            ("", None),
            ("G", None),
            ("-1", None),
            ("+1", None),
            ("1.5G", None),
            ("10GB", None),
            ("99999999T", None),
        ] {
            assert_eq!(bytes(text), wanted, "{text}");
        }
    }
}
