//! Which of two versions is newer, by the rules of Nix (`builtins.compareVersions`).

use std::cmp::Ordering;

/// Compares two versions.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (components(a), components(b));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (one, other) => component(one.unwrap_or_default(), other.unwrap_or_default()),
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// Runs of digits, and runs of other characters; `.` and `-` part them.
fn components(version: &str) -> impl Iterator<Item = &str> {
    let mut rest = version;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(['.', '-']);
        let first = rest.chars().next()?;
        let same =
            |c: char| !['.', '-'].contains(&c) && c.is_ascii_digit() == first.is_ascii_digit();
        let end = rest.find(|c| !same(c)).unwrap_or(rest.len());
        let (component, behind) = rest.split_at(end);
        rest = behind;
        Some(component)
    })
}

/// A number is newer than a word, a word than nothing, and nothing than `pre`.
fn component(a: &str, b: &str) -> Ordering {
    let rank = |text: &str| match text {
        "pre" => 0,
        "" => 1,
        _ if is_number(text) => 3,
        _ => 2,
    };
    let known = rank(a).cmp(&rank(b));
    known.then_with(|| {
        if is_number(a) {
            let [a, b] = [a, b].map(|number| number.trim_start_matches('0'));
            a.len().cmp(&b.len()).then_with(|| a.cmp(b))
        } else {
            a.cmp(b)
        }
    })
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_as_nix_does() {
        for [older, newer] in [
            ["1.0", "2.3"],
            ["2.1", "2.3"],
            ["2.3", "2.5"],
            ["2.3", "2.3.1"],
            ["2.3a", "2.3.1"],
            ["2.3pre1", "2.3"],
            ["2.3pre3", "2.3pre12"],
            ["2.3a", "2.3c"],
            ["2.3pre1", "2.3c"],
            ["1.9", "1.10"],
            ["99999999999999999999", "100000000000000000000"],
            ["1.35.0", "1.35.0+1"],
            ["1.36.1", "1.36.1-static"],
            ["1", "1.a"],
            ["1pre", "1"],
        ] {
            assert_eq!(compare(older, newer), Ordering::Less, "{older} {newer}");
            assert_eq!(compare(newer, older), Ordering::Greater, "{newer} {older}");
        }
        for [one, other] in [["1.0", "1-0"], ["01", "1"], ["", ""]] {
            assert_eq!(compare(one, other), Ordering::Equal);
        }
    }
}
