//! Lookaside: signatures of images as files, where clients of registries look for them (containers/image,
//! "signature-protocols", "atomic container signature" in `docs/atomic-signature.md`).
//!
//! A signature is a signed message that says which digest goes by which name. It lies below a directory, which is a root
//! of a web server too, in `REPOSITORY@sha256=DIGITS/signature-1` and those that follow without a gap.

use std::collections::BTreeSet;
use std::fs::{self, File, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, anyhow, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use serde_json::{Value, json};

use crate::host::digest::Digest;
use crate::verbs::keys::{self, Key};
use crate::verbs::trusted::Trusted;

/// The name that Docker's images have without any other.
const DOCKER: &str = "docker.io";

/// What a signature is for, in the words of those who read it.
const TYPE: &str = "atomic container signature";

/// A tag has so many characters at most.
const LONGEST_TAG: usize = 128;

/// The name of an image in a registry: `REGISTRY/REPOSITORY:TAG`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    registry: String,
    repository: String,
    tag: String,
}

impl Name {
    /// The name that is written so; `tag` is for one that says none.
    pub(super) fn parse(text: &str, tag: &str) -> Result<Self> {
        let wrong = || format!("{text:?} is not REGISTRY/REPOSITORY or REGISTRY/REPOSITORY:TAG");
        let (registry, rest) = text
            .trim_start_matches("docker://")
            .split_once('/')
            .with_context(wrong)?;
        ensure!(
            !rest.contains('@'),
            "{text:?} names a digest, and a signature is for a name: write REGISTRY/REPOSITORY:TAG"
        );
        let is_host = registry.contains(['.', ':']) || registry == "localhost";
        ensure!(
            is_host,
            "{text:?} does not begin with a registry; write docker.io/{text} for one of Docker's"
        );
        let (repository, tag) = rest.split_once(':').unwrap_or((rest, tag));
        let is_part = |part: &str| {
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
            !part.is_empty() && part.chars().all(plain) && !part.starts_with('.')
        };
        let is_in_tag = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        let is_tag = (1..=LONGEST_TAG).contains(&tag.len())
            && tag.chars().all(is_in_tag)
            && !tag.starts_with(['.', '-']);
        let is_in_host = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
        ensure!(
            registry.chars().all(is_in_host) && repository.split('/').all(is_part) && is_tag,
            wrong()
        );
        // Clients make the short names of Docker's images long.
        let repository = if registry == DOCKER && !repository.contains('/') {
            format!("library/{repository}")
        } else {
            repository.to_owned()
        };
        Ok(Self {
            registry: registry.to_owned(),
            repository,
            tag: tag.to_owned(),
        })
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            registry,
            repository,
            tag,
        } = self;
        write!(f, "{registry}/{repository}:{tag}")
    }
}

/// Signs that the image `digest` goes by `name`, in a file below `directory`; gives back which, and whether it was there
/// already.
pub(super) fn sign(
    name: &Name,
    digest: Digest,
    key: &Key,
    directory: &Utf8Path,
) -> Result<(Utf8PathBuf, bool)> {
    let place = directory.join(format!("{}@sha256={}", name.repository, digest.hex()));
    let mut number = 1;
    loop {
        let file = place.join(format!("signature-{number}"));
        let Ok(message) = fs::read(&file) else { break };
        let said = keys::opened(&message)?;
        if said.is_some_and(|(text, by)| by == key.fingerprint && says(&text, name, digest)) {
            return Ok((file, true));
        }
        number += 1;
    }
    let created = SystemTime::now().duration_since(UNIX_EPOCH);
    let text = json!({
        "critical": {
            "identity": { "docker-reference": name.to_string() },
            "image": { "docker-manifest-digest": digest.to_string() },
            "type": TYPE,
        },
        "optional": {
            "creator": concat!("nix2aci ", env!("CARGO_PKG_VERSION")),
            "timestamp": created.map_or(0, |since| since.as_secs()),
        },
    });
    let message = key.sign(&text.to_string())?;
    let by = keys::opened(&message)?.map(|(_, by)| by);
    ensure!(
        by.as_ref() == Some(&key.fingerprint),
        "gpg has signed with {}, and not with {} first: look for local-user in its gpg.conf",
        by.as_deref().unwrap_or("no key"),
        key.fingerprint
    );
    fs::create_dir_all(&place).with_context(|| format!("making {place}"))?;
    let partial = place.join(format!(".signature.{}", process::id()));
    let named = put(&message, &partial, &place, number);
    let removed = fs::remove_file(&partial);
    let file = named?;
    removed.with_context(|| format!("removing {partial}"))?;
    Ok((file, false))
}

/// Writes a signature as the file `partial` and gives it the first free name in `place`, from `number` on.
fn put(
    message: &[u8],
    partial: &Utf8Path,
    place: &Utf8Path,
    mut number: usize,
) -> Result<Utf8PathBuf> {
    let write = || -> Result<()> {
        let mut file = File::create(partial)?;
        file.write_all(message)?;
        file.set_permissions(Permissions::from_mode(0o644))?;
        Ok(())
    };
    write().with_context(|| format!("writing {partial}"))?;
    // Another one who signs at the same time keeps what is theirs.
    loop {
        let file = place.join(format!("signature-{number}"));
        match fs::hard_link(partial, &file) {
            Ok(()) => return Ok(file),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(error).with_context(|| format!("naming {file}")),
        }
    }
}

/// Whether a signed text says that the image `digest` goes by `name`.
fn says(text: &[u8], name: &Name, digest: Digest) -> bool {
    let Ok(text) = serde_json::from_slice::<Value>(text) else {
        return false;
    };
    let critical = &text["critical"];
    critical["type"] == TYPE
        && critical["identity"]["docker-reference"] == name.to_string()
        && critical["image"]["docker-manifest-digest"] == digest.to_string()
}

/// The signature of the image `digest` in a file, or in a directory that is a lookaside, if `key` has made it; tells by which
/// names the image goes.
pub(super) fn check(place: &Utf8Path, digest: Digest, key: &Trusted) -> Result<String> {
    if !place.is_dir() {
        return check_file(place, digest, key);
    }
    let name = format!("@sha256={}", digest.hex());
    let mut files = below(place, &name)?;
    files.sort();
    let (mut names, mut first) = (BTreeSet::new(), None);
    for file in files {
        match check_file(&file, digest, key) {
            Ok(name) => _ = names.insert(name),
            Err(error) => first = first.or(Some(error)),
        }
    }
    if !names.is_empty() {
        return Ok(names.into_iter().collect::<Vec<_>>().join(", "));
    }
    Err(first.unwrap_or_else(|| anyhow!("there is no signature of {digest} in {place}")))
}

/// The signatures below `place` in directories whose names end so.
fn below(place: &Utf8Path, end: &str) -> Result<Vec<Utf8PathBuf>> {
    let context = || format!("reading the directory {place}");
    let mut files = Vec::new();
    for entry in place.read_dir_utf8().with_context(context)? {
        let path = entry.with_context(context)?.into_path();
        if path.is_dir() {
            files.extend(below(&path, end)?);
        } else if place.as_str().ends_with(end) {
            files.push(path);
        }
    }
    Ok(files)
}

fn check_file(file: &Utf8Path, digest: Digest, key: &Trusted) -> Result<String> {
    let message = fs::read(file).with_context(|| format!("reading {file}"))?;
    let judged = || -> Result<String> {
        let text: Value = serde_json::from_slice(&key.open(&message)?).unwrap_or_default();
        let critical = &text["critical"];
        ensure!(critical["type"] == TYPE, "is not one of an image");
        let of = &critical["image"]["docker-manifest-digest"];
        let of = of.as_str().unwrap_or_default();
        ensure!(
            of == digest.to_string(),
            "is of another image, {of}, where this is {digest}"
        );
        let name = critical["identity"]["docker-reference"].as_str();
        Ok(name.unwrap_or_default().to_owned())
    };
    judged().with_context(|| format!("the signature {file}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_whole() {
        for (text, wanted) in [
            ("localhost:5000/a/b", "localhost:5000/a/b:1"),
            ("docker://host.example/a:2", "host.example/a:2"),
            ("docker.io/redis", "docker.io/library/redis:1"),
            ("docker.io/me/redis:x", "docker.io/me/redis:x"),
        ] {
            assert_eq!(Name::parse(text, "1").unwrap().to_string(), wanted);
        }
        for (text, told) in [
            ("redis", "is not REGISTRY/REPOSITORY"),
            ("me/redis", "docker.io/me/redis"),
            ("h.x/a@sha256:00", "names a digest"),
            ("h.x/../a", "is not REGISTRY"),
            ("h.x/a:", "is not REGISTRY"),
            ("h.x/A", "is not REGISTRY"),
            ("h.x/a:.b", "is not REGISTRY"),
            ("h.x/a:-b", "is not REGISTRY"),
            ("h x:1/a", "is not REGISTRY"),
            ("h.x\n/a", "is not REGISTRY"),
        ] {
            let error = Name::parse(text, "1").unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
    }
}
