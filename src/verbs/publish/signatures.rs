//! Signatures: those that are there are checked with the site's key and no other; those that are not are made.

use std::fs;
use std::io::{self, IsTerminal};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use crate::face::site::catalog::{Catalog, Entry};
use crate::host::log::tell;
use crate::verbs::publish::println_or_not;
use crate::verbs::publish::tree::{self, Tree};
use crate::verbs::publish::words::Words;
use crate::verbs::tools::Tool;

const GPG: Tool = Tool {
    program: "gpg",
    packages: ["gnupg", "gnupg"],
};

/// What each line for programs begins with.
const STATUS: &str = "[GNUPG:] ";

/// The numbers of the algorithms whose keys rkt takes: RSA and DSA (RFC 4880, section 9.1).
const TAKEN: [&str; 3] = ["1", "3", "17"];

/// What makes and checks signatures.
pub(super) struct Signatures<'a> {
    words: &'a Words,
    /// A home of gpg with the site's key alone.
    home: Utf8PathBuf,
    fingerprint: String,
}

impl<'a> Signatures<'a> {
    /// Reads the key of a site, which is the file `keys` of the tree.
    pub(super) fn new(tree: &Tree<'_>, keys: &str, words: &'a Words) -> Result<Self> {
        let home = tree.aside("gpg")?;
        let mut signatures = Self {
            words,
            home,
            fingerprint: String::new(),
        };
        let path = tree.path(keys);
        let (read, said) = signatures.ask(&["--import", path.as_str()])?;
        ensure!(read, "gpg cannot read publicKey: {}", last(&said));
        let (_, listed) = signatures.ask(&["--with-colons", "--list-keys"])?;
        let keys = listed.lines().filter(|line| line.starts_with("pub:"));
        let keys: Vec<&str> = keys.collect();
        ensure!(
            keys.len() == 1,
            "publicKey has {} keys, and rkt takes the first one alone; write gpg --armor --export KEY >key.asc with one",
            keys.len()
        );
        let algorithm = keys[0].split(':').nth(3).unwrap_or_default();
        if !TAKEN.contains(&algorithm) {
            tell("publish: warning: publicKey is neither RSA nor DSA, and rkt takes no other");
        }
        let fingerprint = listed.lines().find(|line| line.starts_with("fpr:"));
        let fingerprint = fingerprint.and_then(|line| line.split(':').nth(9));
        fingerprint
            .context("gpg does not tell the fingerprint of publicKey")?
            .clone_into(&mut signatures.fingerprint);
        Ok(signatures)
    }

    /// The fingerprint of the key.
    pub(super) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Sees to it that each image of `next` that is to be signed has the key's signature beside it. What is signed is the file
    /// of the `site` that is published, which is `new`: what is shown others may have changed.
    pub(super) fn complete(
        &mut self,
        tree: &Tree<'_>,
        next: &Catalog,
        site: &Utf8Path,
        new: &Catalog,
    ) -> Result<()> {
        let mut wrongs = 0;
        for entry in next.images.iter().filter(|entry| entry.sign) {
            let file = tree.path(&entry.file);
            let signature = tree.path(&entry.signature());
            if !signature.exists() {
                self.find(entry, tree)?;
            }
            let wrong = if signature.exists() {
                self.fault(&file, &signature)?
            } else {
                Some("there is no signature of it".to_owned())
            };
            let Some(wrong) = wrong else { continue };
            let Some(key) = &self.words.sign_by else {
                tell(format_args!("publish: {}: {wrong}", entry.file));
                wrongs += 1;
                continue;
            };
            if !new.images.iter().any(|known| known.file == entry.file) {
                tell(format_args!(
                    "publish: {}: {wrong}, and this site has the image no more, to sign that: publish one that has, or remove the \
                     directory and publish anew",
                    entry.file
                ));
                wrongs += 1;
                continue;
            }
            println_or_not(&format!("Signing {}", entry.file));
            if signature.exists() {
                // The name may be that of a file that is shown.
                fs::remove_file(&signature).with_context(|| format!("removing {signature}"))?;
            }
            sign(key, &site.join(&entry.file), &signature)?;
            tree::finish(&signature)?;
            if let Some(wrong) = self.fault(&file, &signature)? {
                bail!(
                    "the key {key:?} is not publicKey, {}: {wrong}; name that one, or build the site with the other",
                    self.fingerprint
                );
            }
        }
        ensure!(
            wrongs == 0 || self.words.sign_by.is_none(),
            "nothing is published"
        );
        ensure!(
            wrongs == 0,
            "nothing is published: sign with --sign-by KEY, name the folder of the signatures by --signatures FOLDER, or pass \
             --no-sign"
        );
        Ok(())
    }

    /// Takes the signature of an image from the folder that was named, if one is there: under the name that the image has
    /// here, or under that of postprocess.sh.
    fn find(&self, entry: &Entry, tree: &Tree<'_>) -> Result<()> {
        let Some(folder) = &self.words.signatures else {
            return Ok(());
        };
        let base = entry.path.rsplit('/').next().unwrap_or(&entry.path);
        let short = format!("{base}-{}.{}.asc", entry.version, entry.form.extension());
        let names = [entry.signature(), short];
        let found = names
            .iter()
            .map(|name| folder.join(name))
            .find(|path| path.exists());
        found.map_or(Ok(()), |path| tree.copy(&path, &entry.signature()))
    }

    /// What is wrong with a signature, if anything.
    fn fault(&self, file: &Utf8Path, signature: &Utf8Path) -> Result<Option<String>> {
        let words = [
            "--trust-model",
            "always",
            "--verify",
            signature.as_str(),
            file.as_str(),
        ];
        let (good, said) = self.ask(&words)?;
        let status = |word: &str| {
            let lines = said.lines().filter_map(|line| line.strip_prefix(STATUS));
            lines
                .filter(|line| line.split(' ').next() == Some(word))
                .count()
        };
        // rkt looks at the first signature of a file, and at an armored one.
        let text = fs::read(signature).with_context(|| format!("reading {signature}"))?;
        Ok(if status("BADSIG") > 0 {
            Some("its signature is of other bytes".to_owned())
        } else if status("NO_PUBKEY") > 0 {
            Some("its signature is by another key than publicKey".to_owned())
        } else if !good || status("GOODSIG") != 1 {
            Some(format!("its signature is not good ({})", last(&said)))
        } else if !text.starts_with(b"-----BEGIN PGP SIGNATURE-----") {
            Some("its signature is not armored".to_owned())
        } else {
            None
        })
    }

    /// What gpg says to these arguments, which knows the site's key alone; whether it is content.
    fn ask(&self, arguments: &[&str]) -> Result<(bool, String)> {
        let own = [
            "--homedir",
            self.home.as_str(),
            "--batch",
            "--no-tty",
            "--no-autostart",
        ];
        let command = GPG.command(
            own.iter()
                .chain(["--status-fd", "1"].iter())
                .chain(arguments),
        )?;
        said(command)
    }
}

/// Writes the signature of a file by a key of the user's.
fn sign(key: &str, file: &Utf8Path, signature: &Utf8Path) -> Result<()> {
    let mut command = GPG.command(["--armor", "--digest-algo", "SHA512", "--status-fd", "1"])?;
    // The agent asks for a passphrase on the terminal, if there is one.
    if io::stderr().is_terminal() {
        if let Ok(terminal) = fs::read_link("/proc/self/fd/2") {
            command.env("GPG_TTY", terminal);
        }
    } else {
        command.args(["--batch", "--no-tty"]);
    }
    command.args(["--local-user", key, "--output", signature.as_str()]);
    command.args(["--detach-sign", "--", file.as_str()]);
    let (good, said) = said(command)?;
    ensure!(
        good && signature.exists(),
        "gpg cannot sign {file} with {key:?}: {}; gpg --list-secret-keys tells which keys there are",
        last(&said)
    );
    Ok(())
}

/// Whether a command is content, and what it says.
fn said(mut command: Command) -> Result<(bool, String)> {
    command.stdin(Stdio::null()).env("LC_ALL", "C.UTF-8");
    let output = command.output().context("starting gpg")?;
    let mut said = String::from_utf8_lossy(&output.stdout).into_owned();
    said.push_str(&String::from_utf8_lossy(&output.stderr));
    Ok((output.status.success(), said))
}

/// The last thing that gpg said to people.
fn last(said: &str) -> String {
    let mut lines = said.lines().filter_map(|line| line.strip_prefix("gpg: "));
    lines.next_back().unwrap_or("it says nothing").to_owned()
}
