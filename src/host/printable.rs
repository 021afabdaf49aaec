//! Printable text: what comes from names, links and files, fit for a line of a log.
//!
//! A file's name may hold anything. A line break in it would begin a line of its own, which Nix may take for an order
//! (`@nix {…}`); controls of a terminal and of the direction of writing would show what is not there.

use std::fmt::{self, Write};

/// Shows a value in one line, each character escaped that is not seen or changes how others are seen.
pub(crate) struct Printable<T>(pub(crate) T);

impl<T: fmt::Display> fmt::Display for Printable<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Escaping(f), "{}", self.0)
    }
}

/// Escapes what is written to a formatter.
struct Escaping<'f, 'g>(&'f mut fmt::Formatter<'g>);

impl Write for Escaping<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            if misleads(character) {
                write!(self.0, "{}", character.escape_default())?;
            } else {
                self.0.write_char(character)?;
            }
        }
        Ok(())
    }
}

/// Controls, among them those of bidirectional text (Unicode Standard Annex 9), and separators of lines.
fn misleads(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_misleads_is_escaped_and_nothing_else() {
        for (text, shown) in [
            ("a b", "a b"),
            ("ä\u{301}日本語🦀 \\ \" '", "ä\u{301}日本語🦀 \\ \" '"),
            ("a\n@nix {}", "a\\n@nix {}"),
            (
                "\r\t\0\u{1b}[2J\u{7f}\u{9b}",
                "\\r\\t\\u{0}\\u{1b}[2J\\u{7f}\\u{9b}",
            ),
            (
                "\u{202a}\u{202e}\u{2066}\u{2069}",
                "\\u{202a}\\u{202e}\\u{2066}\\u{2069}",
            ),
            ("\u{200e}\u{200f}\u{61c}", "\\u{200e}\\u{200f}\\u{61c}"),
            ("\u{2028}\u{2029}", "\\u{2028}\\u{2029}"),
        ] {
            assert_eq!(Printable(text).to_string(), shown);
        }
    }
}
