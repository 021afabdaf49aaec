//! Joining: the accounts of an image and of those below it in one file each, so that none replaces another silently.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use crate::host::problem::Problems;
use crate::image::Image;
use crate::tree::accounts;
use crate::tree::below::Below;
use crate::tree::merge::Merge;
use crate::tree::skeleton::{AccountFiles, FIRST_ID};
use crate::tree::{Attributes, Entry, Origin};

/// Joins the files of accounts. The user and group of `image` are added where nobody has brought them, if that is
/// `wanted`.
pub(crate) fn accounts(
    merge: &mut Merge<'_>,
    below: &Below,
    image: &Image,
    wanted: bool,
    problems: &mut Problems,
) -> Result<()> {
    let free = free(below);
    let skeleton = AccountFiles::of(image, free);
    for path in accounts::FILES {
        let brought = below.accounts.iter().filter(|(_, at, _)| *at == path);
        let mut joined = Joined::default();
        for (name, _, entry) in brought {
            if let Some(text) = problems.check("dependencies", accounts::text(entry)) {
                joined.add(&text, &format!("the image {name}"), path, problems);
            }
        }
        if joined.lines.is_empty() {
            continue;
        }
        let there = merge.tree.get(path).cloned();
        let own = there.as_ref().filter(|entry| !below.has(path, entry));
        match (own, path) {
            (Some(own), _) => {
                if let Some(text) = problems.check("files", accounts::text(own)) {
                    joined.add(&text, "this image", path, problems);
                }
            }
            (None, "/etc/passwd") if wanted => joined.add_missing(&skeleton.passwd),
            (None, "/etc/group") if wanted => joined.add_missing(&skeleton.group),
            (None, _) => {}
        }
        let text = joined.text();
        let rendered = below.tree.get(path);
        if rendered.is_some_and(|entry| {
            accounts::text(entry).is_ok_and(|known| known.lines().eq(text.lines()))
        }) {
            if let Some(entry) = rendered {
                merge.put(path, entry.clone())?.ok();
            }
            continue;
        }
        let attributes = there.map_or(Attributes::root(0o644), |entry| entry.attributes);
        let entry = Entry {
            attributes,
            ..Entry::text(text, Origin::Files)
        };
        // What stands in the way has precedence.
        merge.put(path, entry)?.ok();
    }
    Ok(())
}

/// A number that no account below has.
fn free(below: &Below) -> u32 {
    let texts = below
        .accounts
        .iter()
        .filter_map(|(_, _, entry)| accounts::text(entry).ok());
    let mut taken = BTreeSet::new();
    for text in texts {
        let numbers = text
            .lines()
            .filter_map(|line| number(line)?.parse::<u32>().ok());
        taken.extend(numbers);
    }
    (FIRST_ID..u32::MAX)
        .find(|id| !taken.contains(id))
        .unwrap_or(FIRST_ID)
}

/// The lines of several files, in the order in which their accounts were first met.
#[derive(Default)]
struct Joined {
    lines: Vec<String>,
    /// Where the line of an account is, and who brought it.
    places: BTreeMap<String, (usize, String)>,
}

impl Joined {
    /// Adds a file, whose lines replace those of the same accounts, unless that would make another account of one.
    fn add(&mut self, text: &str, whose: &str, path: &str, problems: &mut Problems) {
        for line in text.lines() {
            let Some(name) = name(line) else {
                if !self.lines.iter().any(|known| known == line) {
                    self.lines.push(line.to_owned());
                }
                continue;
            };
            let Some((place, other)) = self.places.get_mut(name) else {
                self.push(name, line, whose);
                continue;
            };
            let known = &mut self.lines[*place];
            let numbered = !["/etc/shadow", "/etc/gshadow"].contains(&path);
            if !numbered || number(known) == number(line) {
                *known = united(known, line, path);
                whose.clone_into(other);
            } else {
                problems.add(
                    "dependencies",
                    format!(
                        "{name} is {:?} in the {path} of {other}, and {line:?} in that of {whose}; give it the same \
                         number in both",
                        *known
                    ),
                );
            }
        }
    }

    /// Adds the lines of accounts that are not there.
    fn add_missing(&mut self, text: &str) {
        for line in text.lines() {
            if let Some(name) = name(line)
                && !self.places.contains_key(name)
            {
                self.push(name, line, "the skeleton");
            }
        }
    }

    fn push(&mut self, name: &str, line: &str, whose: &str) {
        let place = (self.lines.len(), whose.to_owned());
        self.places.insert(name.to_owned(), place);
        self.lines.push(line.to_owned());
    }

    fn text(&self) -> String {
        self.lines.iter().flat_map(|line| [line, "\n"]).collect()
    }
}

fn name(line: &str) -> Option<&str> {
    line.split_once(':').map(|(name, _)| name)
}

/// The number of a user or a group.
fn number(line: &str) -> Option<&str> {
    line.split(':').nth(2)
}

/// The line of an account that has two: the `new` one, in which a group has the members of both.
fn united(old: &str, new: &str, path: &str) -> String {
    let (Some((old_fields, old_members)), Some((fields, members))) =
        (old.rsplit_once(':'), new.rsplit_once(':'))
    else {
        return new.to_owned();
    };
    if path != "/etc/group" || old_fields.split(':').count() != 3 {
        return new.to_owned();
    }
    let all = old_members.split(',').chain(members.split(','));
    let mut united: Vec<&str> = Vec::new();
    for member in all.filter(|member| !member.is_empty()) {
        if !united.contains(&member) {
            united.push(member);
        }
    }
    format!("{fields}:{}", united.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(path: &str, texts: &[&str]) -> Result<String, String> {
        let (mut joined, mut problems) = (Joined::default(), Problems::default());
        for (number, text) in texts.iter().enumerate() {
            joined.add(text, &format!("image {number}"), path, &mut problems);
        }
        problems
            .or(joined.text())
            .map_err(|problems| problems.to_string())
    }

    #[test]
    fn accounts_of_all_are_there_and_the_highest_says_how_they_are() {
        let text = joined(
            "/etc/passwd",
            &[
                "root:x:0:0::/root:/bin/sh\ndb:x:70:70::/:/bin/false\n",
                "root:x:0:0::/root:/bin/bash\nweb:x:80:80::/:/bin/false",
            ],
        );
        assert_eq!(
            text.unwrap(),
            "root:x:0:0::/root:/bin/bash\ndb:x:70:70::/:/bin/false\nweb:x:80:80::/:/bin/false\n"
        );
    }

    #[test]
    fn groups_have_the_members_of_both() {
        let text = joined(
            "/etc/group",
            &["wheel:x:10:a,b\n", "wheel:x:10:b,c\nnew:x:1:\n"],
        );
        assert_eq!(text.unwrap(), "wheel:x:10:a,b,c\nnew:x:1:\n");
    }

    #[test]
    fn one_name_is_one_account() {
        let refused = joined("/etc/passwd", &["web:x:80:80::/:/", "web:x:33:33::/:/"]);
        let refused = refused.unwrap_err();
        for part in [
            "web:x:80:80",
            "image 0",
            "web:x:33:33",
            "image 1",
            "same number",
        ] {
            assert!(refused.contains(part), "{refused}");
        }
    }
}
