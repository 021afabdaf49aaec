//! Package URL: a name for a package that tools of all ecosystems read, `pkg:TYPE/NAMESPACE/NAME@VERSION?QUALIFIERS`
//! (ECMA-427).

use data_encoding::HEXUPPER;

/// The URL of a package of Nix. Qualifiers are given in the order of their names.
pub(super) fn of_nix(name: &str, version: Option<&str>, qualifiers: &[(&str, &str)]) -> String {
    url("nix", name, version, qualifiers)
}

/// The URL of an image in a registry.
pub(super) fn of_oci(repository: &str, digest: &str, tag: &str) -> String {
    let name = repository.rsplit('/').next().unwrap_or(repository);
    url("oci", name, Some(digest), &[("tag", tag)])
}

fn url(kind: &str, name: &str, version: Option<&str>, qualifiers: &[(&str, &str)]) -> String {
    let mut url = format!("pkg:{kind}/{}", encoded(name));
    if let Some(version) = version {
        url.push('@');
        url.push_str(&encoded(version));
    }
    for (number, (key, value)) in qualifiers.iter().enumerate() {
        url.push(if number == 0 { '?' } else { '&' });
        url.push_str(key);
        url.push('=');
        url.push_str(&encoded(value));
    }
    url
}

/// The text with escapes for all that could be read as a part of the URL. A colon is never one behind the first.
fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b".-_~:".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push_str(&HEXUPPER.encode(&[byte]));
        }
    }
    encoded
}

/// Name and version of the package that a URL names; nothing where it is no such URL.
pub(super) fn name_and_version(url: &str) -> Option<(String, Option<String>)> {
    let is_plain = url.bytes().all(|byte| byte.is_ascii_graphic());
    let rest = url.strip_prefix("pkg:").filter(|_| is_plain)?;
    let path = rest.split(['?', '#']).next()?.trim_matches('/');
    let (kind, path) = path.split_once('/')?;
    let is_kind = |c: char| c.is_ascii_alphanumeric() || ".-+".contains(c);
    if kind.is_empty() || !kind.chars().all(is_kind) {
        return None;
    }
    let name = path.rsplit('/').next()?;
    let (name, version) = match name.rsplit_once('@') {
        Some((name, version)) => (name, Some(version)),
        None => (name, None),
    };
    let version = match version {
        None | Some("") => None,
        Some(version) => Some(decoded(version)?),
    };
    let name = decoded(name)?;
    (!name.is_empty()).then_some((name, version))
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut pieces = text.split('%');
    bytes.extend(pieces.next()?.bytes());
    for piece in pieces {
        let (digits, rest) = piece.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend(rest.bytes());
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_be_read_as_a_part_is_escaped() {
        for (name, version, qualifiers, url) in [
            ("busybox", Some("1.36.1"), &[][..], "pkg:nix/busybox@1.36.1"),
            ("source", None, &[("hash", "0")], "pkg:nix/source?hash=0"),
            (
                "gtk+",
                Some("1:2.0+dfsg?=x"),
                &[("hash", "a&b"), ("output", "bin")],
                "pkg:nix/gtk%2B@1:2.0%2Bdfsg%3F%3Dx?hash=a%26b&output=bin",
            ),
            ("ä/@", Some("~1_2-3"), &[], "pkg:nix/%C3%A4%2F%40@~1_2-3"),
        ] {
            assert_eq!(of_nix(name, version, qualifiers), url);
            let read = (name.to_owned(), version.map(str::to_owned));
            assert_eq!(name_and_version(url), Some(read));
        }
        assert_eq!(
            of_oci("example.com/web", "sha256:00", "1.0"),
            "pkg:oci/web@sha256:00?tag=1.0"
        );
    }

    #[test]
    fn urls_of_others_are_read() {
        for (url, read) in [
            (
                "pkg:deb/debian/libc6@2.36-9%2Bdeb12u4?arch=amd64&distro=debian-12",
                Some(("libc6", Some("2.36-9+deb12u4"))),
            ),
            (
                "pkg:npm/%40angular/core@12.3.1#sub/path",
                Some(("core", Some("12.3.1"))),
            ),
            ("pkg:github/a/b", Some(("b", None))),
            ("pkg:generic/a@", Some(("a", None))),
            ("pkg:generic", None),
            ("pkg:generic/", None),
            ("pkg:generic/a b", None),
            ("pkg:/a@1", None),
            ("pkg:generic/a%2", None),
            ("pkg:generic/a%ff", None),
            ("https://example.com/a@1", None),
            ("", None),
        ] {
            let read = read.map(|(name, version)| (name.to_owned(), version.map(str::to_owned)));
            assert_eq!(name_and_version(url), read, "{url}");
        }
    }
}
