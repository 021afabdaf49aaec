//! Concerns: what of an image may be worth a second look, and which words of its author settle them.

use serde::{Deserialize, Serialize};

/// What may not be meant so, most serious first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Concern {
    /// Private keys, and passwords.
    Secrets,
    /// Files and directories that anyone may write.
    Writable,
    /// Programs that run with the rights of their owner, whoever starts them.
    Setuid,
    /// Links to what is not there.
    Dangling,
    /// Compilers and linkers.
    Compiler,
    /// Several versions of one package.
    Versions,
    /// What is needed to build against a package: headers, static libraries.
    Development,
    /// What only people read.
    Documentation,
}

impl Concern {
    /// The word of the argument `allow` that settles it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Secrets => "secrets",
            Self::Writable => "writable",
            Self::Setuid => "setuid",
            Self::Dangling => "dangling",
            Self::Compiler => "compiler",
            Self::Versions => "versions",
            Self::Development => "development",
            Self::Documentation => "documentation",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::RULES;

    #[test]
    fn each_has_its_word() {
        let words = serde_json::to_string(&RULES.concerns).unwrap();
        let all: Vec<Concern> = serde_json::from_str(&words).unwrap();
        let their: Vec<&str> = all.iter().map(|concern| concern.word()).collect();
        assert_eq!(their, RULES.concerns);
        assert!(all.is_sorted());
    }
}
