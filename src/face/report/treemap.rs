//! The treemap: what weighs most, as a tree small enough to be drawn.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use serde::Serialize;

use super::files::Entry;

/// So many files and directories are told by name, those that weigh most; the others of a directory are one.
pub(super) const NAMED: usize = 12_000;

/// A part of an image.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Part {
    /// The number of the store path that this is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) store_path: Option<usize>,
    /// What it is called; nothing of several that are small.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    /// How many entries of the directory this stands for, where these are several that are small.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) others: Option<u64>,
    pub(super) bytes: u64,
    pub(super) files: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) children: Vec<Part>,
}

/// The parts of `tops`, of which at most `most` entries below them have names.
pub(super) fn parts(tops: &[Entry], most: usize) -> Vec<Part> {
    let mut all = Vec::new();
    for top in tops {
        number(top, &mut all);
    }
    let mut is_named = vec![false; all.len()];
    let mut waiting = BinaryHeap::new();
    let mut first = 0;
    for top in tops {
        is_named[first] = true;
        push_children(first, &all, &mut waiting);
        first += count(top);
    }
    for _ in 0..most {
        let Some((_, Reverse(number))) = waiting.pop() else {
            break;
        };
        is_named[number] = true;
        push_children(number, &all, &mut waiting);
    }
    let mut first = 0;
    let part = |top| {
        let part = part(top, &mut first, &is_named);
        Part {
            // What a top is called, who has made the tops knows.
            name: None,
            ..part
        }
    };
    tops.iter().map(part).collect()
}

/// An entry, with the numbers of its children.
struct Numbered {
    bytes: u64,
    children: Vec<usize>,
}

/// Numbers an entry and all below it, parents first.
fn number(entry: &Entry, all: &mut Vec<Numbered>) {
    let own = all.len();
    all.push(Numbered {
        bytes: entry.bytes,
        children: Vec::with_capacity(entry.children.len()),
    });
    for child in &entry.children {
        let next = all.len();
        all[own].children.push(next);
        number(child, all);
    }
}

fn count(entry: &Entry) -> usize {
    1 + entry.children.iter().map(count).sum::<usize>()
}

fn push_children(number: usize, all: &[Numbered], waiting: &mut BinaryHeap<(u64, Reverse<usize>)>) {
    for child in &all[number].children {
        waiting.push((all[*child].bytes, Reverse(*child)));
    }
}

/// The part that the entry numbered `next` is, by which the number grows to that of the entry behind.
fn part(entry: &Entry, next: &mut usize, is_named: &[bool]) -> Part {
    *next += 1;
    let mut children = Vec::new();
    let mut small: Vec<&Entry> = Vec::new();
    for child in &entry.children {
        if is_named[*next] {
            children.push(part(child, next, is_named));
        } else {
            *next += count(child);
            small.push(child);
        }
    }
    children.sort_by(|a, b| (b.bytes, &a.name).cmp(&(a.bytes, &b.name)));
    // A directory of which nothing has a name is drawn as one.
    if !children.is_empty() && !small.is_empty() {
        let only = <[&Entry; 1]>::try_from(small.as_slice()).ok();
        children.push(Part {
            store_path: None,
            name: only.map(|[entry]| entry.name.clone()),
            others: only.is_none().then_some(small.len() as u64),
            bytes: small.iter().map(|entry| entry.bytes).sum(),
            files: small.iter().map(|entry| entry.files).sum(),
            children: Vec::new(),
        });
    }
    Part {
        store_path: None,
        name: Some(entry.name.clone()),
        others: None,
        bytes: entry.bytes,
        files: entry.files,
        children,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use proptest::prelude::*;

    fn drawn(parts: &[Part], depth: usize) -> String {
        let line = |part: &Part| {
            let name = part
                .name
                .clone()
                .unwrap_or_else(|| format!("{:?}", part.others));
            let own = format!(
                "{}{name} {} {}\n",
                "  ".repeat(depth),
                part.bytes,
                part.files
            );
            own + &drawn(&part.children, depth + 1)
        };
        parts.iter().map(line).collect()
    }

    fn entry(paths: &[(&str, u64)]) -> Entry {
        let mut entry = Entry::default();
        for (path, bytes) in paths {
            entry.add(path.split('/'), *bytes);
        }
        entry
    }

    #[test]
    fn what_is_small_is_summed() {
        let tops = [
            entry(&[
                ("lib/large", 70),
                ("lib/a", 2),
                ("lib/b", 3),
                ("bin/x", 40),
                ("t/1", 1),
            ]),
            entry(&[("one", 50)]),
        ];
        expect![[r"
            None 116 5
              lib 75 3
                large 70 1
                Some(2) 5 2
              bin 40 1
              t 1 1
            None 50 1
              one 50 1
        "]]
        .assert_eq(&drawn(&parts(&tops, 4), 0));
        expect![[r"
            None 116 5
            None 50 1
        "]]
        .assert_eq(&drawn(&parts(&tops, 0), 0));
    }

    fn sums(part: &Part) -> bool {
        part.children.is_empty()
            || part.bytes == part.children.iter().map(|child| child.bytes).sum::<u64>()
                && part.files == part.children.iter().map(|child| child.files).sum::<u64>()
                && part.children.iter().all(sums)
    }

    fn total(parts: &[Part]) -> usize {
        parts.len()
            + parts
                .iter()
                .map(|part| total(&part.children))
                .sum::<usize>()
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_few_are_told(
            files in prop::collection::vec(("[ab](/[ab]){0,2}/[c-z]", 0..1000_u64), 1..80),
            most in 0..40_usize,
        ) {
            let mut top = Entry::default();
            for (path, bytes) in &files {
                top.add(path.split('/'), *bytes);
            }
            let parts = parts(&[top], most);
            prop_assert_eq!(parts[0].bytes, files.iter().map(|(_, bytes)| bytes).sum::<u64>());
            prop_assert!(parts.iter().all(sums));
            // One more for each directory that is named, and for the top.
            prop_assert!(total(&parts) <= 2 * most + 2);
        }
    }
}
