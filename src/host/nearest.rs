//! The nearest word: what a misspelt name was probably meant to be.
//!
//! A suggestion is made only when it is close; a far-fetched one misleads more than none.

/// The candidate that `word` most probably stands for, if one is close enough.
///
/// Upper and lower case count as equal; of equally near candidates the first is taken.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded: Vec<char> = fold(word);
    let limit = (folded.len() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (distance(&folded, &fold(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= limit && *distance < candidate.len())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The end of a message: `; did you mean "…"?`, or nothing when no candidate is near.
#[must_use]
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, candidates)
        .map_or_else(String::new, |found| format!("; did you mean \"{found}\"?"))
}

/// The candidates, those most like `word` first.
pub fn ranked<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let folded = fold(word);
    let mut ranked: Vec<&str> = candidates.into_iter().collect();
    ranked.sort_by_cached_key(|candidate| (distance(&folded, &fold(candidate)), *candidate));
    ranked
}

/// Only the beginning of a word is looked at, so that a hostile one costs no time.
fn fold(word: &str) -> Vec<char> {
    word.chars()
        .take(100)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// How many characters were inserted, left out, replaced or swapped with their neighbour.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let replaced = above[j] + usize::from(x != y);
            let mut least = replaced.min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        before = above;
        above = row;
    }
    above[b.len()]
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

    #[test]
    fn a_suggestion_is_the_end_of_a_message() {
        assert_eq!(did_you_mean("tpc", ["tcp"]), "; did you mean \"tcp\"?");
        assert_eq!(did_you_mean("sctp?", ["x"]), "");
    }
}
