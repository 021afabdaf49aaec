//! Secrets: private keys by their block or their name, and passwords in files of variables.

use std::sync::LazyLock;

use memchr::memmem::{self, Finder};

use crate::rules::{RULES, has};

/// Files that are larger are not searched: keys and variables fill a few kilobytes, and what is large is data.
pub(super) const LARGEST: u64 = 256 << 10;

/// What every private key has in its first line.
static KEY: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("PRIVATE KEY"));

const BEGIN: &[u8] = b"-----BEGIN ";

/// The most bytes that stand between both: `ENCRYPTED`, `OPENSSH`, and what others may think of.
const LABEL: usize = 32;

/// Signs of the key itself that have to follow. Programs that write keys have the first line alone.
const BODY: usize = 40;

/// Lines that may stand before them: `Proc-Type`, `DEK-Info`, `Version`.
const HEADERS: usize = 8;

/// What secret the file `name` holds, if it holds one.
pub(super) fn of(name: &str, content: &[u8]) -> Option<String> {
    if content.is_empty() || content.len() as u64 > LARGEST {
        return None;
    }
    let is_key =
        has(&RULES.signs.keys, name) || KEY.find_iter(content).any(|at| begins_key(content, at));
    if is_key {
        return Some("a private key".to_owned());
    }
    is_of_variables(name)
        .then(|| variable(content))
        .flatten()
        .map(str::to_owned)
}

/// Whether the words at `at` stand in the first line of a private key. Line ends may be those of JSON, and quotes of a
/// programming language may stand around lines.
fn begins_key(content: &[u8], at: usize) -> bool {
    let (before, after) = content.split_at(at);
    let before = &before[before.len().saturating_sub(BEGIN.len() + LABEL)..];
    let Some(begin) = memmem::rfind(before, BEGIN) else {
        return false;
    };
    let mut label = before[begin + BEGIN.len()..].iter();
    let is_label =
        label.all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b' ');
    let after = &after[KEY.needle().len()..];
    let after = after.strip_prefix(b" BLOCK").unwrap_or(after);
    let Some(mut rest) = after.strip_prefix(b"-----").filter(|_| is_label) else {
        return false;
    };
    for _ in 0..HEADERS {
        rest = between_lines(rest);
        let body = rest.iter().take_while(|byte| is_base64(**byte)).count();
        if body >= BODY {
            return true;
        }
        let line = rest
            .iter()
            .take_while(|byte| !matches!(**byte, b'\n' | b'\\'))
            .count();
        let (line, next) = rest.split_at(line);
        if !line.contains(&b':') {
            return false;
        }
        rest = next;
    }
    false
}

/// What follows the end of a line, and the beginning of the next one.
fn between_lines(mut text: &[u8]) -> &[u8] {
    loop {
        text = match text {
            [b'\\', b'n' | b'r', rest @ ..]
            | [b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'\'', rest @ ..] => rest,
            _ => return text,
        };
    }
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

/// Whether a file is one of variables for a program to be started with.
fn is_of_variables(name: &str) -> bool {
    let mut parts = name.split('.').skip(1);
    let is_of_variables = parts.any(|part| part == "env");
    is_of_variables && !parts.any(|part| has(&RULES.signs.examples, part))
}

/// The first variable that holds a secret, in lines such as `export DB_PASSWORD="…"`.
fn variable(content: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(content).ok()?;
    text.lines().find_map(|line| {
        let line = line.trim();
        let (name, value) = line
            .strip_prefix("export ")
            .unwrap_or(line)
            .split_once('=')?;
        let (name, value) = (name.trim(), value.trim().trim_matches(['"', '\'']));
        is_given(name, value).then_some(name)
    })
}

/// Whether a variable holds a secret. What is put in later is none yet.
pub(super) fn is_given(name: &str, value: &str) -> bool {
    !value.is_empty() && !value.starts_with(['$', '<', '{', '%', '/']) && is_secret(name)
}

/// Whether a variable is called like one with a secret: `PASSWORD`, `DB_PASSWORD`.
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let mut words = RULES.signs.secrets.iter();
    words.any(|word| {
        let before = name.strip_suffix(word.as_str());
        before.is_some_and(|before| before.is_empty() || before.ends_with('_'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";

    fn found(name: &str, content: &str) -> Option<String> {
        of(name, content.as_bytes())
    }

    #[test]
    fn keys_are_known_by_their_block() {
        let key = |label: &str| format!("-----BEGIN {label}PRIVATE KEY-----\n{LINE}\n");
        for content in [
            key(""),
            key("RSA "),
            key("OPENSSH "),
            key("ENCRYPTED "),
            format!("before\n\n{}", key("EC ")),
            key("").replace('\n', "\r\n"),
            key("").replace('\n', "\\n"),
            format!("k = (\"-----BEGIN PRIVATE KEY-----\\n\"\n     \"{LINE}\")"),
            format!(
                "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n{LINE}\n"
            ),
            format!("-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: 1\n\n{LINE}\n"),
        ] {
            assert_eq!(
                found("a", &content).as_deref(),
                Some("a private key"),
                "{content}"
            );
        }
    }

    #[test]
    fn what_speaks_of_keys_is_none() {
        for content in [
            "-----BEGIN OPENSSH PRIVATE KEY-----\n\0more",
            "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
            "-----BEGIN %s PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----",
            "a PRIVATE KEY",
            "PRIVATE KEY",
        ] {
            assert_eq!(found("a", content), None, "{content}");
        }
        let public = format!("-----BEGIN PUBLIC KEY-----\n{LINE}\n");
        assert_eq!(found("a", &public), None);
        let long = format!("-----BEGIN {} PRIVATE KEY-----\n{LINE}", "A".repeat(99));
        assert_eq!(found("a", &long), None);
    }

    #[test]
    fn keys_are_known_by_their_name() {
        assert!(found("id_ed25519", "x").is_some());
        for name in ["id_ed25519.pub", "grid_rsa", "id_rsa.md"] {
            assert_eq!(found(name, "x"), None, "{name}");
        }
        assert_eq!(found("id_rsa", ""), None);
    }

    #[test]
    fn passwords_stand_in_files_of_variables() {
        for (name, content, wanted) in [
            (".env", "A=1\nDB_PASSWORD=x\n", Some("DB_PASSWORD")),
            ("a.env", "export api_key = \"x\"", Some("api_key")),
            (".env.local", "TOKEN='x'", Some("TOKEN")),
            (".env.example", "TOKEN=x", None),
            ("env", "TOKEN=x", None),
            ("a.env.md", "TOKEN=<yours>", None),
            ("a.conf", "TOKEN=x", None),
            (
                ".env",
                "TOKEN=\nSECRET=\"\"\nPASSWORD=$PASSWORD\nA_TOKEN=<yours>",
                None,
            ),
            (".env", "PASSWORD_FILE=/run/password\nBROKEN", None),
            (".env", "# TOKEN=x", None),
        ] {
            assert_eq!(found(name, content).as_deref(), wanted, "{name}: {content}");
        }
    }

    #[test]
    fn what_is_large_is_not_searched() {
        let mut content = format!("-----BEGIN PRIVATE KEY-----\n{LINE}\n").into_bytes();
        content.resize(usize::try_from(LARGEST).unwrap(), b'x');
        assert!(of("a", &content).is_some());
        content.push(b'x');
        assert_eq!(of("a", &content), None);
    }
}
