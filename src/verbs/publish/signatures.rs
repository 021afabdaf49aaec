//! Signatures: those that are there are checked with the site's key and no other; those that are not are made.

use std::fs;

use anyhow::{Context, Result, bail, ensure};
use camino::Utf8Path;

use crate::face::site::catalog::{Catalog, Entry};
use crate::host::log::tell;
use crate::host::threads;
use crate::verbs::keys;
use crate::verbs::publish::println_or_not;
use crate::verbs::publish::tree::{self, Tree};
use crate::verbs::trusted::Trusted;

/// What to do about an image that cannot be signed.
const GONE: &str = ", and this site has the image no more, to sign that: publish one that has, or remove the directory and \
    publish anew";

/// What makes and checks signatures.
pub(super) struct Signatures<'a> {
    /// The key of the user's that signs what is not signed.
    sign_by: Option<&'a str>,
    /// Where signatures may be.
    folder: Option<&'a Utf8Path>,
    /// The site's.
    key: Trusted,
}

impl<'a> Signatures<'a> {
    /// Reads the key of a site, which is the file `keys` of the tree.
    pub(super) fn new(
        tree: &Tree<'_>,
        keys: &str,
        sign_by: Option<&'a str>,
        folder: Option<&'a Utf8Path>,
    ) -> Result<Self> {
        let key = Trusted::in_file(&tree.path(keys), "publicKey")?;
        if !key.is_for_rkt() {
            tell("publish: warning: publicKey is neither RSA nor DSA, and rkt takes no other");
        }
        Ok(Self {
            sign_by,
            folder,
            key,
        })
    }

    /// The fingerprint of the key.
    pub(super) fn fingerprint(&self) -> &str {
        self.key.fingerprint()
    }

    /// Sees to it that each image of `next` that is to be signed has the key's signature beside it. What is signed is the file
    /// of the `site` that is published, which is `new`: what is shown others may have changed.
    pub(super) fn complete(
        &self,
        tree: &Tree<'_>,
        next: &Catalog,
        site: &Utf8Path,
        new: &Catalog,
    ) -> Result<()> {
        let signed = next.images.iter().filter(|entry| entry.sign);
        let signed: Vec<&Entry> = signed.collect();
        for entry in &signed {
            if !tree.has(&entry.signature()) {
                self.find(entry, tree)?;
            }
        }
        let mut wrongs = 0;
        threads::ahead(
            signed.len(),
            |number| self.fault(tree, signed[number]),
            |number, wrong| {
                tree.go_on()?;
                let (entry, Some(wrong)) = (signed[number], wrong) else {
                    return Ok(());
                };
                let is_there = || new.images.iter().any(|known| known.file == entry.file);
                match self.sign_by {
                    Some(key) if is_there() => self.sign(key, tree, site, entry),
                    by => {
                        let why = if by.is_some() { GONE } else { "" };
                        tell(format_args!("publish: {}: {wrong}{why}", entry.file));
                        wrongs += 1;
                        Ok(())
                    }
                }
            },
        )?;
        let mend = if self.sign_by.is_some() {
            ""
        } else {
            ": sign with --sign-by KEY, name the folder of the signatures by --signatures FOLDER, or pass --no-sign"
        };
        ensure!(wrongs == 0, "nothing is published{mend}");
        Ok(())
    }

    /// Signs an image of the `site`, and holds the signature against the site's key.
    fn sign(&self, key: &str, tree: &Tree<'_>, site: &Utf8Path, entry: &Entry) -> Result<()> {
        println_or_not(&format!("Signing {}", entry.file));
        let signature = tree.path(&entry.signature());
        if signature.exists() {
            // The name may be that of a file that is shown.
            fs::remove_file(&signature).with_context(|| format!("removing {signature}"))?;
        }
        sign(key, &site.join(&entry.file), &signature)?;
        tree::finish(&signature)?;
        match self.fault(tree, entry)? {
            None => Ok(()),
            Some(wrong) => bail!(
                "the key {key:?} is not publicKey, {}: {wrong}; name that one, or build the site with the other",
                self.fingerprint()
            ),
        }
    }

    /// Takes the signature of an image from the folder that was named, if one is there: under the name that the image has
    /// here, or under that of postprocess.sh.
    fn find(&self, entry: &Entry, tree: &Tree<'_>) -> Result<()> {
        let Some(folder) = self.folder else {
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

    /// What is wrong with the signature of an image, if anything.
    fn fault(&self, tree: &Tree<'_>, entry: &Entry) -> Result<Option<String>> {
        let (file, signature) = (tree.path(&entry.file), tree.path(&entry.signature()));
        if !signature.exists() {
            return Ok(Some("there is no signature of it".to_owned()));
        }
        // rkt takes no other.
        let text = fs::read(&signature).with_context(|| format!("reading {signature}"))?;
        let is_armored = text.starts_with(b"-----BEGIN PGP SIGNATURE-----");
        Ok(match self.key.check(&signature, &file) {
            Err(error) => Some(format!("its signature {error:#}")),
            Ok(()) => (!is_armored).then(|| "its signature is not armored".to_owned()),
        })
    }
}

/// Writes the signature of a file by a key of the user's.
fn sign(key: &str, file: &Utf8Path, signature: &Utf8Path) -> Result<()> {
    let words = ["--armor", "--digest-algo", "SHA512", "--local-user", key];
    let to = ["--output", signature.as_str(), "--detach-sign", "--"];
    let signed = keys::gpg(None, &[&words[..], &to, &[file.as_str()]].concat(), &[])?;
    ensure!(
        signed.status.success() && signature.exists(),
        "gpg cannot sign {file} with {key:?}: {}; gpg --list-secret-keys tells which keys there are",
        keys::reason(&signed)
    );
    Ok(())
}
