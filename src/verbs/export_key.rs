//! `export-key`: the public key with which others verify.

use std::fs;
use std::io::{self, Write};
use std::process;

use anyhow::{Context, Result, bail};
use camino::Utf8Path;

use crate::host::log::tell;
use crate::verbs::Call;
use crate::verbs::keys::Key;

pub(super) const HELP: &str = "\
usage: export-key KEY [DIRECTORY]

Writes the public key, armored, into the directory, this one unless another is named. The file is called as rkt wants it
in trustedkeys/root.d and trustedkeys/prefix.d: after the key's fingerprint, in small letters. A policy.json takes it as
keyPath. KEY is a fingerprint, or a part of the name of a key that no other one has.";

pub(super) fn export_key(call: &Call) -> Result<()> {
    let [name, directory @ ..] = &call.words[..] else {
        bail!("a word is missing");
    };
    let directory = Utf8Path::new(directory.first().map_or(".", String::as_str));
    let key = Key::public(name)?;
    if !key.is_for_rkt() {
        tell(format_args!(
            "warning: the key {} is neither RSA nor DSA, and rkt takes no other; podman and skopeo do",
            key.fingerprint
        ));
    }
    let text = key.armored()?;
    fs::create_dir_all(directory).with_context(|| format!("making {directory}"))?;
    let file = directory.join(key.fingerprint.to_lowercase());
    let partial = directory.join(format!(".key.{}", process::id()));
    let written = fs::write(&partial, text).with_context(|| format!("writing {partial}"));
    let named = written
        .and_then(|()| fs::rename(&partial, &file).with_context(|| format!("naming {file}")));
    if named.is_err() {
        let _ = fs::remove_file(&partial);
    }
    named?;
    let shown = file.strip_prefix(".").unwrap_or(&file);
    writeln!(io::stdout(), "{shown}").context("writing to standard output")
}
