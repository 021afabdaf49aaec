//! Lookaside: signatures of images as files, where clients of registries look for them (containers/image,
//! "signature-protocols", "atomic container signature" in `docs/atomic-signature.md`).
//!
//! A signature is a signed message that says which digest goes by which name. It lies below a directory, which is a root
//! of a web server too, in `REPOSITORY@sha256=DIGITS/signature-1` and those that follow without a gap.

use std::fs::{self, File, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use serde_json::{Value, json};

use crate::host::digest::Digest;
use crate::verbs::keys::{self, Key};

/// The name that Docker's images have without any other.
const DOCKER: &str = "docker.io";

/// What a signature is for, in the words of those who read it.
const TYPE: &str = "atomic container signature";

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
        let is_tag = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        ensure!(
            repository.split('/').all(is_part) && !tag.is_empty() && tag.chars().all(is_tag),
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

/// Signs that the image `digest` goes by `name`, in a file below `directory`; gives back which. One that is there already
/// is left.
pub(super) fn sign(
    name: &Name,
    digest: Digest,
    key: &Key,
    directory: &Utf8Path,
) -> Result<Utf8PathBuf> {
    let place = directory.join(format!("{}@sha256={}", name.repository, digest.hex()));
    let mut number = 1;
    loop {
        let file = place.join(format!("signature-{number}"));
        let Ok(message) = fs::read(&file) else { break };
        let said = keys::opened(&message)?;
        if said.is_some_and(|(text, by)| by == key.fingerprint && says(&text, name, digest)) {
            return Ok(file);
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
    fs::create_dir_all(&place).with_context(|| format!("making {place}"))?;
    let partial = place.join(format!(".signature.{}", process::id()));
    let write = || -> Result<()> {
        let mut file = File::create(&partial)?;
        file.write_all(&message)?;
        file.set_permissions(Permissions::from_mode(0o644))?;
        Ok(())
    };
    write().with_context(|| format!("writing {partial}"))?;
    // Another one who signs at the same time keeps what is theirs.
    let named = loop {
        let file = place.join(format!("signature-{number}"));
        match fs::hard_link(&partial, &file) {
            Ok(()) => break Ok(file),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => break Err(error).with_context(|| format!("naming {file}")),
        }
    };
    fs::remove_file(&partial).with_context(|| format!("removing {partial}"))?;
    named
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
        ] {
            let error = Name::parse(text, "1").unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
    }
}
