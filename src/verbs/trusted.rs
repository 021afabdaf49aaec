//! Trusted: a public key whose signatures count, and what gpg says of one.

use std::process;

use anyhow::{Context, Result, bail, ensure};
use camino::Utf8Path;

use crate::host::scratch::Scratch;
use crate::verbs::keys::{self, Key};

/// A public key, in gpg's own keyring or in a file.
pub(super) struct Trusted {
    fingerprint: String,
    /// A home of gpg's with the key of a file, and no other.
    home: Option<Scratch>,
}

impl Trusted {
    /// The key in the file `key`, or the one that is called so.
    pub(super) fn find(key: &str) -> Result<Self> {
        let file = Utf8Path::new(key);
        if !file.is_file() {
            let Key { fingerprint, .. } = Key::public(key)?;
            return Ok(Self {
                fingerprint,
                home: None,
            });
        }
        let mut trusted = Self {
            fingerprint: String::new(),
            home: Some(Scratch::new()?),
        };
        let output = trusted.gpg(&["--import", "--", key], &[])?;
        ensure!(
            output.status.success(),
            "{key} is no public key: {}",
            keys::reason(&output)
        );
        let list = trusted.gpg(&["--with-colons", "--list-keys"], &[])?;
        let list = String::from_utf8_lossy(&list.stdout).into_owned();
        let found = keys::keys(&list);
        let none = || format!("there is no public key in {key}");
        trusted.fingerprint = keys::one(key, found, none)?.fingerprint;
        Ok(trusted)
    }

    /// Its fingerprint.
    pub(super) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Checks a signature that lies beside what it signs.
    pub(super) fn check(&self, signature: &Utf8Path, file: &Utf8Path) -> Result<()> {
        ensure!(
            signature.exists(),
            "there is no signature {signature}; --signature FILE says where it is"
        );
        let words = ["--status-fd", "1", "--verify", "--"];
        let words = [&words[..], &[signature.as_str(), file.as_str()]].concat();
        let output = self.gpg(&words, &[])?;
        self.judge(&String::from_utf8_lossy(&output.stdout), &output)
            .with_context(|| format!("the signature {signature}"))
    }

    /// Opens a signed message.
    pub(super) fn open(&self, message: &[u8]) -> Result<Vec<u8>> {
        let words = ["--status-fd", "2", "--output", "-", "--decrypt"];
        let output = self.gpg(&words, message)?;
        self.judge(&String::from_utf8_lossy(&output.stderr), &output)?;
        Ok(output.stdout)
    }

    /// Whether what gpg has said of a signature makes it one of this key.
    fn judge(&self, said: &str, output: &process::Output) -> Result<()> {
        let status = |word: &str| {
            let mut lines = said
                .lines()
                .filter_map(|line| line.strip_prefix("[GNUPG:] "));
            lines.find_map(|line| line.strip_prefix(word).map(str::trim))
        };
        if let Some(by) = status("ERRSIG ") {
            // The last of the words is the fingerprint, where gpg knows it.
            let by = by.split(' ').next_back().filter(|by| by.len() > 1);
            bail!(
                "is by {}, and not by {}",
                by.map_or("another key".to_owned(), |by| format!("the key {by}")),
                self.fingerprint
            );
        }
        for (word, why) in [
            ("BADSIG ", "is of something else, or that was changed"),
            ("REVKEYSIG ", "is by a key that is revoked"),
            ("EXPKEYSIG ", "is by a key that has expired"),
            ("EXPSIG ", "has expired"),
        ] {
            if status(word).is_some() {
                bail!(why);
            }
        }
        let valid = status("GOODSIG ").and_then(|_| status("VALIDSIG "));
        let Some(by) = valid.and_then(|valid| valid.split(' ').next_back()) else {
            bail!("is none that gpg can read: {}", keys::reason(output));
        };
        ensure!(
            by == self.fingerprint,
            "is by the key {by}, and not by {}",
            self.fingerprint
        );
        Ok(())
    }

    fn gpg(&self, words: &[&str], input: &[u8]) -> Result<process::Output> {
        let home = self.home.as_ref();
        let home = home.map_or(Vec::new(), |home| vec!["--homedir", home.path().as_str()]);
        keys::gpg(&[&home[..], words].concat(), input)
    }
}
