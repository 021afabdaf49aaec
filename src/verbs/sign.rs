//! `sign`: a signature that says by which name an image goes, for the clients of registries.

use std::io::{self, Write};

use anyhow::{Context, Result, bail};
use camino::Utf8Path;

use crate::face::oci::{finished, index};
use crate::verbs::Call;
use crate::verbs::keys::Key;
use crate::verbs::lookaside::{self, Name};
use crate::verbs::subject::Subject;

pub(super) const HELP: &str = "\
usage: sign KEY REGISTRY/REPOSITORY[:TAG] [DIRECTORY]

Signs with a key of gpg's that the image goes by this name, once all of it was found to be what its digests say. Without a
tag it is the image's own. Of an index, each image is signed too. KEY is a fingerprint, or a part of the name of a key
that no other one has.

The signature goes into the directory, ./signatures unless one is named. Served as it is, or as a directory of the
machine, it is what registries.d of podman and skopeo calls a lookaside; nothing is sent to the registry.";

/// Where signatures go.
const SIGNATURES: &str = "signatures";

pub(super) fn sign(call: &Call) -> Result<()> {
    let [key, name, directory @ ..] = &call.words[..] else {
        bail!("a word is missing");
    };
    let directory = directory.first().map_or(SIGNATURES, String::as_str);
    // What is misspelt is told before anything is read.
    Name::parse(name, "tag")?;
    let subject = Subject::open(&call.place, None)?;
    subject.must_be_oci("sign")?;
    let key = Key::that_signs(key)?;
    let made = subject.make_and_verify()?;
    let layout = made.directory();
    let entry = finished::entry(&layout)?;
    let name = Name::parse(name, finished::tag(&entry)?)?;
    let mut digests = vec![entry.digest];
    for image in index::layouts(&layout)?.iter().filter(|it| **it != layout) {
        digests.push(finished::entry(image)?.digest);
    }
    for digest in digests {
        let (file, was_there) = lookaside::sign(&name, digest, &key, Utf8Path::new(directory))?;
        let signed = if was_there {
            "Signed already:"
        } else {
            "Signed"
        };
        writeln!(
            io::stdout(),
            "{signed} {name}, {digest}, with {}: {file}",
            key.fingerprint
        )
        .context("writing to standard output")?;
    }
    Ok(())
}
