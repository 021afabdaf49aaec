//! Telling: a few lines for the end of a build, each with what brings the thing, the mend, and the word that settles it.

use std::collections::BTreeMap;

use crate::host::log::size;
use crate::input::attrs::Attrs;
use crate::input::concern::Concern;
use crate::input::store_path::StorePath;
use crate::tree::findings::{Finding, planned};
use crate::tree::why::{Named, Why};

/// How many lines there are at most.
const LINES: usize = 5;

/// How long a line gets by naming more than one thing.
const COLUMNS: usize = 200;

/// How long one of the things is that a line names; of a longer one, the middle is left out.
const LONGEST: usize = 110;

/// What of `findings`, which are settled, is told to the author of the image.
pub(crate) fn lines(attrs: &Attrs, findings: &[Finding]) -> Vec<String> {
    let allowed = &attrs.spec.budget.allow;
    let mut kinds: BTreeMap<Concern, Vec<&Finding>> = BTreeMap::new();
    for finding in findings
        .iter()
        .filter(|finding| !allowed.contains(&finding.concern))
    {
        kinds.entry(finding.concern).or_default().push(finding);
    }
    let teller = Teller {
        attrs,
        named: Named::of(attrs),
    };
    let full = if kinds.len() > LINES {
        LINES - 1
    } else {
        LINES
    };
    let mut lines: Vec<String> = kinds
        .iter()
        .take(full)
        .map(|(concern, findings)| teller.line(*concern, findings))
        .collect();
    let rest: Vec<String> = kinds
        .iter()
        .skip(full)
        .map(|(concern, findings)| {
            format!("{} ({})", concern.word(), groups(*concern, findings).len())
        })
        .collect();
    if !rest.is_empty() {
        lines.push(format!(
            "more to look at: {} (the report names all); allow takes these words",
            rest.join(", ")
        ));
    }
    lines
}

/// Findings that are told as one: the versions of one package.
fn groups<'a>(concern: Concern, findings: &[&'a Finding]) -> Vec<Vec<&'a Finding>> {
    if concern != Concern::Versions {
        return findings.iter().map(|finding| vec![*finding]).collect();
    }
    let mut groups: Vec<Vec<&Finding>> = Vec::new();
    for finding in findings {
        let mut alike = groups.iter_mut();
        match alike.find(|group| group[0].about == finding.about) {
            Some(group) => group.push(finding),
            None => groups.push(vec![finding]),
        }
    }
    groups
}

/// What things of a kind are, and what to do about them.
fn words(concern: Concern) -> (&'static str, &'static str) {
    match concern {
        Concern::Secrets => (
            "secrets for all who have the image",
            "have them mounted when it runs",
        ),
        Concern::Writable => (
            "writable to anyone",
            "give it an owner (uid) and mode = \"0755\"",
        ),
        Concern::Setuid => (
            "with the rights of its owner, whoever starts it",
            "take the bit out of the mode",
        ),
        Concern::Dangling => (
            "links to nothing",
            "mend them, or bring by files what is missing",
        ),
        Concern::Compiler => (
            "a compiler comes along",
            "leave out what brings it (nixpkgs: removeReferencesTo)",
        ),
        Concern::Versions => (
            "several versions of one package",
            "build what brings them with one (override)",
        ),
        Concern::Development => (
            "what only builds need comes along",
            "leave out what brings it (nixpkgs: removeReferencesTo)",
        ),
        Concern::Documentation => (
            "documentation comes along",
            "leave out what brings it (nixpkgs: removeReferencesTo)",
        ),
    }
}

struct Teller<'a> {
    attrs: &'a Attrs,
    named: Named,
}

impl Teller<'_> {
    fn line(&self, concern: Concern, findings: &[&Finding]) -> String {
        let (what, mend) = words(concern);
        let groups = groups(concern, findings);
        let number = groups.len();
        let end = format!("; {mend}, or allow = [ {:?} ]", concern.word());
        let mut line = what.to_owned();
        for (told, group) in groups.iter().enumerate() {
            let item = self.item(group);
            let before = if told == 0 { ": " } else { ", " };
            let more = format!(" and {} more (the report names all)", number - told);
            let length = [&line, before, &item, &more, &end];
            let length: usize = length.iter().map(|part| part.chars().count()).sum();
            if told > 0 && length > COLUMNS {
                line.push_str(&more);
                break;
            }
            line.push_str(before);
            line.push_str(&item);
        }
        line + &end
    }

    /// One thing, with what brings it.
    fn item(&self, group: &[&Finding]) -> String {
        let several = group.iter().map(|finding| shortened(&self.one(finding)));
        let mut several: Vec<String> = several.collect();
        several.sort();
        several.join(" and ")
    }

    fn one(&self, finding: &Finding) -> String {
        let Finding {
            concern,
            path,
            about,
            number,
            size: bytes,
        } = finding;
        let Some(store_path) = finding.store_path(&self.attrs.closure) else {
            let argument = planned::argument(&self.attrs.spec, *concern, path);
            let whose = match argument {
                Some(argument) if argument.contains(&format!("{path:?}")) => argument,
                Some(argument) => format!("{path} of {argument}"),
                None => path.clone(),
            };
            return match concern {
                Concern::Dangling => format!("{whose} -> {about}"),
                _ => format!("{whose} ({about})"),
            };
        };
        let chain = chain(&Why::among(&self.named, self.attrs, &store_path));
        let below = path.strip_prefix(store_path.as_str()).unwrap_or_default();
        let below = below.trim_start_matches('/');
        match concern {
            Concern::Dangling => format!("{below} of {chain}, to {about}"),
            Concern::Versions => chain,
            Concern::Secrets | Concern::Writable | Concern::Setuid => {
                format!("{below} of {chain} ({about})")
            }
            _ if below.is_empty() => format!("{chain} ({})", size(*bytes)),
            _ => match number {
                0 | 1 => format!("{chain} ({below}, {})", size(*bytes)),
                more => format!("{chain} ({below} and {} more, {})", more - 1, size(*bytes)),
            },
        }
    }
}

/// The names of what brings a store path, those in the middle counted.
fn chain(why: &Why) -> String {
    let names: Vec<&str> = why.chain.iter().map(StorePath::name).collect();
    match names.as_slice() {
        [first, between @ .., last] if between.len() > 1 => {
            format!("{first} -> ({} more) -> {last}", between.len())
        }
        names => names.join(" -> "),
    }
}

/// A text without its middle, where it is long.
fn shortened(text: &str) -> String {
    let number = text.chars().count();
    if number <= LONGEST {
        return text.to_owned();
    }
    let half = LONGEST / 2;
    let first: String = text.chars().take(half).collect();
    let last: String = text.chars().skip(number - half).collect();
    format!("{first}…{last}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_long_texts_both_ends_are_told() {
        let text = "ä".repeat(LONGEST);
        assert_eq!(shortened(&text), text);
        let long = shortened(&format!("a{}z", "ä".repeat(4000)));
        assert_eq!(long.chars().count(), LONGEST + 1);
        assert!(long.starts_with("aä") && long.ends_with("äz") && long.contains("ä…ä"));
    }
}
