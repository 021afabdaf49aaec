//! The nearest word: what a misspelt name was probably meant to be.
//!
//! A suggestion is made only when it is close; a far-fetched one misleads more than none.

/// So much of a word is looked at, so that a hostile one costs no time.
const LONGEST: usize = 100;

/// How many characters were inserted, left out, replaced or swapped with their neighbour; upper and lower case count as
/// equal.
fn distance(a: &str, b: &str) -> usize {
    let fold = |word: &str| -> String {
        let characters = word.chars().take(LONGEST);
        characters.map(|c| c.to_ascii_lowercase()).collect()
    };
    strsim::osa_distance(&fold(a), &fold(b))
}

/// The candidate that `word` most probably stands for, if one is close enough; of equally near ones the first.
#[must_use]
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let limit = (word.chars().take(LONGEST).count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= limit && *distance < candidate.len())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The candidates, those most like `word` first.
pub(crate) fn ranked<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Vec<&'a str> {
    let mut ranked: Vec<&str> = candidates.into_iter().collect();
    ranked.sort_by_cached_key(|candidate| (distance(word, candidate), *candidate));
    ranked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant() {
        let words = [
            "pre-start",
            "post-stop",
            "resource/memory",
            "CAP_KILL",
            "tcp",
        ];
        for (word, expected) in [
            ("pre-strat", Some("pre-start")),
            ("pre-stop", None),
            ("post-strop", Some("post-stop")),
            ("resource/memroy", Some("resource/memory")),
            ("cap_kill", Some("CAP_KILL")),
            ("tpc", Some("tcp")),
            ("icmp", None),
            ("", None),
            ("something else", None),
        ] {
            assert_eq!(nearest(word, words), expected, "{word}");
        }
    }
}
