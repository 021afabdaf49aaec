//! Trusted: a public key whose signatures count, and what gpg says of one.

use std::process::Output;

use anyhow::{Result, bail, ensure};
use camino::Utf8Path;

use crate::host::scratch::Scratch;
use crate::verbs::keys::{self, Key};

/// A public key, in gpg's own keyring or in a file.
pub(super) struct Trusted {
    key: Key,
    /// A home of gpg's with the key of a file, and no other.
    home: Option<Scratch>,
}

impl Trusted {
    /// The key in the file `key`, or the one that is called so.
    pub(super) fn find(key: &str) -> Result<Self> {
        let file = Utf8Path::new(key);
        if file.is_file() {
            return Self::in_file(file, key);
        }
        Ok(Self {
            key: Key::public(key)?,
            home: None,
        })
    }

    /// The one key in `file`, which is called `name` in messages.
    pub(super) fn in_file(file: &Utf8Path, name: &str) -> Result<Self> {
        let home = Scratch::new()?;
        let gpg = |words: &[&str]| keys::gpg(Some(&home), words, &[]);
        let read = gpg(&["--import", "--", file.as_str()])?;
        ensure!(
            read.status.success(),
            "{name} is no public key: {}",
            keys::reason(&read)
        );
        let listed = gpg(&["--with-colons", "--list-keys"])?;
        let found = keys::keys(&String::from_utf8_lossy(&listed.stdout));
        ensure!(
            found.len() == 1,
            "{name} has {} public keys, where one is wanted: gpg --armor --export KEY >key.asc writes one",
            found.len()
        );
        Ok(Self {
            key: keys::one(name, found, String::new)?,
            home: Some(home),
        })
    }

    /// Whether rkt takes its signatures.
    pub(super) fn is_for_rkt(&self) -> bool {
        self.key.is_for_rkt()
    }

    /// Its fingerprint.
    pub(super) fn fingerprint(&self) -> &str {
        &self.key.fingerprint
    }

    /// An error that says what a signature is, unless it is this key's of the file that it lies beside.
    pub(super) fn check(&self, signature: &Utf8Path, file: &Utf8Path) -> Result<()> {
        let words = ["--status-fd", "1", "--verify", "--"];
        let words = [&words[..], &[signature.as_str(), file.as_str()]].concat();
        let output = self.gpg(&words, &[])?;
        self.judge(&String::from_utf8_lossy(&output.stdout), &output)
    }

    /// Opens a signed message.
    pub(super) fn open(&self, message: &[u8]) -> Result<Vec<u8>> {
        let words = ["--status-fd", "2", "--output", "-", "--decrypt"];
        let output = self.gpg(&words, message)?;
        self.judge(&String::from_utf8_lossy(&output.stderr), &output)?;
        Ok(output.stdout)
    }

    /// Whether what gpg has said of a signature makes it one of this key.
    fn judge(&self, said: &str, output: &Output) -> Result<()> {
        let lines = said
            .lines()
            .filter_map(|line| line.strip_prefix("[GNUPG:] "));
        let all = |word: &'static str| {
            let lines = lines.clone();
            lines.filter_map(move |line| line.strip_prefix(word).map(str::trim))
        };
        let status = |word| all(word).next();
        if let Some(by) = status("ERRSIG ") {
            // The last of the words is the fingerprint, where gpg knows it.
            let by = by.split(' ').next_back().filter(|by| by.len() > 1);
            bail!(
                "is by {}, and not by {}",
                by.map_or("another key".to_owned(), |by| format!("the key {by}")),
                self.fingerprint()
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
            all("GOODSIG ").count() == 1,
            "is one of several, and runtimes take the first one alone"
        );
        ensure!(
            by == self.fingerprint(),
            "is by the key {by}, and not by {}",
            self.fingerprint()
        );
        Ok(())
    }

    fn gpg(&self, words: &[&str], input: &[u8]) -> Result<Output> {
        keys::gpg(self.home.as_ref(), words, input)
    }
}
