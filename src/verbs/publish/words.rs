//! The words that `publish` is called with.

use anyhow::{Context, Result, bail, ensure};
use camino::Utf8PathBuf;

/// What `publish` is told.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Words {
    /// Where the site is: a directory, or a file in it.
    pub(super) site: Utf8PathBuf,
    pub(super) directory: Utf8PathBuf,
    /// The key that signs.
    pub(super) sign_by: Option<String>,
    pub(super) no_sign: bool,
    /// Where signatures may be.
    pub(super) signatures: Option<Utf8PathBuf>,
}

impl Words {
    /// Reads the arguments; nothing where help is wanted.
    pub(super) fn parse(arguments: &[String]) -> Result<Option<Self>> {
        let mut found = Self::default();
        let mut places = Vec::new();
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let (flag, mut joined) = match word.split_once('=') {
                Some((flag, value)) if flag.starts_with("--") => (flag, Some(value.to_owned())),
                _ => (word.as_str(), None),
            };
            let mut value = |what: &str| {
                let value = joined.take().or_else(|| words.next().cloned());
                let value = value.filter(|value| !value.is_empty() && !value.starts_with('-'));
                value.with_context(|| format!("{flag} wants {what} behind it"))
            };
            match flag {
                "--help" | "-h" => return Ok(None),
                "--sign-by" => found.sign_by = Some(value("a key")?),
                "--signatures" => found.signatures = Some(value("a folder")?.into()),
                "--no-sign" => found.no_sign = true,
                _ if word.starts_with('-') => bail!("publish does not know {word:?}"),
                _ => places.push(word),
            }
            if let Some(value) = joined {
                bail!("{flag} takes nothing, and {value:?} is behind it");
            }
        }
        ensure!(
            !(found.no_sign && (found.sign_by.is_some() || found.signatures.is_some())),
            "--no-sign asks for no signatures; leave it out, or the others"
        );
        match places[..] {
            [site, directory] if !directory.is_empty() => {
                found.site = site.into();
                found.directory = directory.into();
                Ok(Some(found))
            }
            [_, _, word, ..] => bail!("publish does not know what {word:?} is for"),
            _ => bail!("the directory is missing that the web server shows"),
        }
    }
}
