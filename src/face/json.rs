//! JSON in the output: documents in which nothing reads as a reference to a store path.

use std::collections::HashSet;

use anyhow::{Context, Result};
use serde::Serialize;

use crate::input::closure::Closure;
use crate::input::store_path::{BASE32, HASH_LENGTH};

/// The document as JSON in which Nix finds no store path.
pub(crate) fn json(closure: &Closure, document: &impl Serialize) -> Result<String> {
    let text = serde_json::to_string(document).context("writing a JSON document")?;
    Ok(without_hash_parts(closure, &text))
}

/// The JSON `text`, each hash part of a store path broken by an escape, which reads the same.
///
/// Nix takes every hash part of a store path in an output for a reference, and the documents are not compressed. It is
/// the last character of a hash part that is escaped: the first ones may end an escape that began before them.
fn without_hash_parts(closure: &Closure, text: &str) -> String {
    let hashes: HashSet<&[u8]> = closure
        .iter()
        .map(|(path, _)| path.hash_part().as_bytes())
        .collect();
    let mut broken = String::with_capacity(text.len());
    // How many characters that hash parts have stand behind each other.
    let mut run = 0;
    for character in text.chars() {
        broken.push(character);
        run = if BASE32.contains(character) {
            run + 1
        } else {
            0
        };
        let end = broken.len().saturating_sub(HASH_LENGTH);
        if run >= HASH_LENGTH && hashes.contains(&broken.as_bytes()[end..]) {
            broken.pop();
            broken.extend(format!("\\u{:04x}", u32::from(character)).chars());
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
