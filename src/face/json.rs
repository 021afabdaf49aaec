//! JSON of outputs: written so that nothing in it reads as a reference to a store path, and read.

use std::collections::HashSet;
use std::fs;

use anyhow::{Context, Result};
use camino::Utf8Path;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::input::closure::Closure;
use crate::input::store_path::{BASE32, HASH_LENGTH};

/// Which bytes hash parts have.
const IN_HASHES: [bool; 256] = {
    let mut table = [false; 256];
    let mut at = 0;
    while at < BASE32.len() {
        table[BASE32.as_bytes()[at] as usize] = true;
        at += 1;
    }
    table
};

/// The document as JSON in which Nix finds no store path.
pub(crate) fn json(closure: &Closure, document: &impl Serialize) -> Result<String> {
    let text = serde_json::to_string(document).context("writing a JSON document")?;
    String::from_utf8(without_hash_parts(closure, &text)).context("writing a JSON document")
}

/// The same with line breaks, for people.
pub(crate) fn pretty(closure: &Closure, document: &impl Serialize) -> Result<String> {
    let text = serde_json::to_string_pretty(document).context("writing a JSON document")?;
    String::from_utf8(without_hash_parts(closure, &text)).context("writing a JSON document")
}

/// Reads a document of an output.
pub(crate) fn read<T: DeserializeOwned>(path: &Utf8Path) -> Result<T> {
    let context = || format!("reading {path}");
    let text = fs::read_to_string(path).with_context(context)?;
    serde_json::from_str(&text).with_context(context)
}

/// The JSON `text`, each hash part of a store path broken by an escape, which reads the same.
///
/// Nix takes every hash part of a store path in an output for a reference, and the documents are not compressed. It is
/// the last character of a hash part that is escaped: the first ones may end an escape that began before them.
fn without_hash_parts(closure: &Closure, text: &str) -> Vec<u8> {
    let hashes: HashSet<&[u8]> = closure
        .iter()
        .map(|(path, _)| path.hash_part().as_bytes())
        .collect();
    let mut broken = Vec::with_capacity(text.len());
    // How many characters that hash parts have stand behind each other.
    let mut run = 0;
    for byte in text.bytes() {
        broken.push(byte);
        run = if IN_HASHES[usize::from(byte)] {
            run + 1
        } else {
            0
        };
        if run < HASH_LENGTH {
            continue;
        }
        let end = broken.len() - HASH_LENGTH;
        if hashes.contains(&broken[end..]) {
            broken.pop();
            broken.extend(format!("\\u{byte:04x}").bytes());
            // The digits of the escape are such characters, too.
            run = 4;
        }
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::closure::tests::closure;

    #[test]
    fn an_escape_before_a_hash_part_stays_whole() {
        // The hash part of the one store path is the letter n, 32 times.
        let closure = closure(&[("v", &[])]);
        for text in [
            // The first letter of the hash part is that of the line break.
            format!("line\n{}", "n".repeat(31)),
            "n".repeat(32),
            "n".repeat(100),
            format!("\u{1}{}", "n".repeat(32)),
            "n".repeat(31),
        ] {
            let json = json(&closure, &text).unwrap();
            assert!(!json.contains(&"n".repeat(32)), "{json}");
            assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }
}
