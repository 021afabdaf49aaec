//! Key: all that decides what something comes to, as one hash.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// The hash of some texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key(String);

impl Key {
    /// The key of `texts`, of which others come to another key, wherever one ends and the next begins.
    pub(crate) fn new<T: AsRef<[u8]>>(texts: impl IntoIterator<Item = T>) -> Self {
        let mut hash = Sha256::new();
        for text in texts {
            let text = text.as_ref();
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        }
        Self(HEXLOWER.encode(&hash.finalize()))
    }

    /// What its note is called.
    pub(super) fn hex(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_texts_have_another_key() {
        assert_eq!(Key::new(["a", "b"]), Key::new(["a", "b"]));
        assert_ne!(Key::new(["a", "b"]), Key::new(["ab"]));
        assert_ne!(Key::new(["a", "b"]), Key::new(["b", "a"]));
        assert_ne!(Key::new(["a"]), Key::new(["a", ""]));
    }
}
