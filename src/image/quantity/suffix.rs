//! Suffix: the end of a quantity, a power of ten or of two.

use crate::image::invalid::shown;

/// Suffixes and the powers of ten that they stand for, highest first.
pub(super) const DECIMAL: [(&str, i32); 10] = [
    ("E", 18),
    ("P", 15),
    ("T", 12),
    ("G", 9),
    ("M", 6),
    ("k", 3),
    ("", 0),
    ("m", -3),
    ("u", -6),
    ("n", -9),
];

/// Suffixes and the powers of two that they stand for, highest first.
pub(super) const BINARY: [(&str, u32); 6] = [
    ("Ei", 60),
    ("Pi", 50),
    ("Ti", 40),
    ("Gi", 30),
    ("Mi", 20),
    ("Ki", 10),
];

/// The powers of ten and two that `suffix` stands for.
pub(super) fn scale(number: &str, suffix: &str) -> Result<(i32, u32), String> {
    if let Some((_, ten)) = DECIMAL.iter().find(|(known, _)| *known == suffix) {
        return Ok((*ten, 0));
    }
    if let Some((_, two)) = BINARY.iter().find(|(known, _)| *known == suffix) {
        return Ok((0, *two));
    }
    if let Some(exponent) = suffix.strip_prefix(['e', 'E'])
        && let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent)
        && digits.bytes().all(|b| b.is_ascii_digit())
        && let Ok(ten) = exponent.parse()
    {
        return Ok((ten, 0));
    }
    Err(format!(
        "ends with {}, which is no suffix (n u m k M G T P E Ki Mi Gi Ti Pi Ei){}",
        shown(suffix),
        suffix_mend(number, suffix)
    ))
}

/// The end of a message: what to write instead of `suffix`, if that can be guessed.
fn suffix_mend(number: &str, suffix: &str) -> String {
    let word = suffix.trim().to_ascii_lowercase();
    let bare = word.strip_suffix('b').unwrap_or(&word);
    let (letter, binary) = match bare.strip_suffix('i') {
        Some(letter) => (letter, true),
        None => (bare, false),
    };
    let decimal = DECIMAL
        .iter()
        .find(|(known, power)| *power > 0 && known.eq_ignore_ascii_case(letter));
    match decimal {
        None if bare.is_empty() => format!("; write {number}"),
        None => String::new(),
        Some((known, power)) => {
            let prefix = known.to_ascii_uppercase();
            let more = format!("{number}{prefix}i");
            match (binary, *power, number) {
                (true, ..) => format!("; write {more}"),
                (false, 3, "1") => "; write 1k (1000) or 1Ki (1024)".to_owned(),
                (false, ..) => {
                    format!("; write {number}{known} (powers of 1000) or {more} (powers of 1024)")
                }
            }
        }
    }
}
