//! Licence expressions: what packages say of their licences, in the words of SPDX (specification 2.3, annex D).
//!
//! An identifier is one that the list of SPDX has. What has none, a text or a name, stands for itself: in an expression as
//! a `LicenseRef-`, which the document explains.

use std::collections::HashMap;
use std::sync::LazyLock;

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use crate::input::facts::{Licence, Named};
use crate::rules::{EXCEPTIONS, LICENCES};

/// So much of a name is in what stands for it.
const LONGEST: usize = 60;

/// A licence, or several with what joins them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expression {
    /// By its identifier.
    Id(String),
    /// One that SPDX does not know.
    Other(Other),
    /// An expression of several identifiers that is no list: choices, exceptions, later versions.
    Text(String),
    /// All of several.
    All(Vec<Expression>),
    /// Any of several.
    Any(Vec<Expression>),
}

/// A licence without an identifier.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Other {
    pub(super) name: String,
    pub(super) url: Option<String>,
}

impl Expression {
    /// What a package says; nothing where it says nothing.
    pub(super) fn new(licence: &Licence) -> Option<Self> {
        match licence {
            Licence::One(named) => one(named),
            Licence::All(all) => joined(all, Self::All),
            Licence::Any(any) => joined(any, Self::Any),
            Licence::With(named, exception) => with(named, exception),
            Licence::Plus(named) => match one(named)? {
                Self::Id(id) => Some(Self::Text(format!("{id}+"))),
                other => Some(other),
            },
        }
    }

    /// The licences that all have to be kept, each once.
    pub(super) fn all(&self) -> Vec<&Self> {
        match self {
            Self::All(all) => {
                let mut flat: Vec<&Self> = Vec::new();
                for expression in all.iter().flat_map(Self::all) {
                    if !flat.contains(&expression) {
                        flat.push(expression);
                    }
                }
                flat
            }
            _ => vec![self],
        }
    }

    /// The licences in it that have no identifier.
    pub(super) fn others(&self) -> Vec<&Other> {
        match self {
            Self::Other(other) => vec![other],
            Self::Id(_) | Self::Text(_) => Vec::new(),
            Self::All(several) | Self::Any(several) => {
                several.iter().flat_map(Self::others).collect()
            }
        }
    }

    /// The expression as SPDX writes it.
    pub(super) fn text(&self) -> String {
        let join = |parts: &[&Self], operator| {
            let parts: Vec<String> = parts.iter().map(|part| part.within()).collect();
            parts.join(operator)
        };
        match self {
            Self::Id(text) | Self::Text(text) => text.clone(),
            Self::Other(other) => other.reference(),
            Self::All(_) => join(&self.all(), " AND "),
            Self::Any(any) => join(&any.iter().collect::<Vec<_>>(), " OR "),
        }
    }

    /// The expression as a part of another one.
    fn within(&self) -> String {
        let text = self.text();
        if text.contains(' ') {
            format!("({text})")
        } else {
            text
        }
    }
}

impl Other {
    /// What stands for it in an expression. Where the name has characters that are not for that, its hash tells it from
    /// others that then look alike.
    pub(super) fn reference(&self) -> String {
        let is_fit = |c: char| c.is_ascii_alphanumeric() || ".-".contains(c);
        let fit: String = self
            .name
            .chars()
            .map(|c| if is_fit(c) { c } else { '-' })
            .collect();
        if fit == self.name && fit.len() <= LONGEST {
            return format!("LicenseRef-{fit}");
        }
        let hash = HEXLOWER.encode(&Sha256::digest(&self.name)[..4]);
        let fit = fit[..fit.len().min(LONGEST)].trim_matches('-');
        format!("LicenseRef-{fit}-{hash}")
    }
}

fn joined(licences: &[Licence], join: fn(Vec<Expression>) -> Expression) -> Option<Expression> {
    let mut parts: Vec<Expression> = licences.iter().filter_map(Expression::new).collect();
    match parts.len() {
        0 | 1 => parts.pop(),
        _ => Some(join(parts)),
    }
}

fn one(named: &Named) -> Option<Expression> {
    if let Some(id) = named.id.as_deref().and_then(|id| known(&LICENCE, id)) {
        return Some(Expression::Id(id.to_owned()));
    }
    let name = named.name.as_deref().or(named.id.as_deref())?.trim();
    match (name, known(&LICENCE, name)) {
        ("", _) => None,
        (_, Some(id)) => Some(Expression::Id(id.to_owned())),
        (_, None) => Some(parsed(name).map_or_else(
            || {
                Expression::Other(Other {
                    name: name.to_owned(),
                    url: named.url.clone(),
                })
            },
            Expression::Text,
        )),
    }
}

fn with(named: &Named, exception: &Named) -> Option<Expression> {
    let licence = one(named)?;
    let words = exception.id.as_deref().or(exception.name.as_deref());
    let Some(words) = words else {
        return Some(licence);
    };
    Some(match (licence, known(&EXCEPTION, words)) {
        (Expression::Id(id), Some(exception)) => Expression::Text(format!("{id} WITH {exception}")),
        (licence, _) => Expression::Other(Other {
            name: match licence {
                Expression::Other(other) => format!("{} WITH {words}", other.name),
                known => format!("{} WITH {words}", known.text()),
            },
            url: exception.url.clone().or_else(|| named.url.clone()),
        }),
    })
}

/// A list of identifiers by how they are found: SPDX does not distinguish capitals.
type Known = LazyLock<HashMap<String, &'static str>>;

static LICENCE: Known = LazyLock::new(|| by_small_letters(LICENCES));

static EXCEPTION: Known = LazyLock::new(|| by_small_letters(EXCEPTIONS));

fn by_small_letters(list: &'static str) -> HashMap<String, &'static str> {
    list.lines()
        .map(|id| (id.to_ascii_lowercase(), id))
        .collect()
}

/// The identifier that a word means.
fn known(list: &Known, word: &str) -> Option<&'static str> {
    list.get(&word.to_ascii_lowercase()).copied()
}

/// A text that is an expression of known identifiers, in the spelling of SPDX.
fn parsed(text: &str) -> Option<String> {
    let spaced = text.replace('(', " ( ").replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    let (mut written, mut depth) = (String::new(), 0_usize);
    loop {
        // A licence, behind as many brackets as there are.
        while words.next_if_eq(&"(").is_some() {
            depth += 1;
            written.push('(');
        }
        let word = words.next()?;
        let (word, later) = match word.strip_suffix('+') {
            Some(before) if known(&LICENCE, word).is_none() => (before, "+"),
            _ => (word, ""),
        };
        written.push_str(known(&LICENCE, word)?);
        written.push_str(later);
        if words.next_if_eq(&"WITH").is_some() {
            written.push_str(" WITH ");
            written.push_str(known(&EXCEPTION, words.next()?)?);
        }
        while words.next_if_eq(&")").is_some() {
            depth = depth.checked_sub(1)?;
            written.push(')');
        }
        match words.next() {
            None => return (depth == 0).then_some(written),
            Some(operator @ ("AND" | "OR")) => {
                written.push(' ');
                written.push_str(operator);
                written.push(' ');
            }
            Some(_) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn expression(licence: Value) -> Option<Expression> {
        Expression::new(&serde_json::from_value(licence).unwrap())
    }

    fn text(licence: Value) -> Option<String> {
        Some(expression(licence)?.text())
    }

    #[test]
    fn lists_are_in_order_and_have_no_blanks() {
        for list in [LICENCES, EXCEPTIONS] {
            let lines: Vec<&str> = list.lines().collect();
            assert!(lines.is_sorted());
            assert!(lines.iter().all(|line| !line.contains(' ')));
        }
        assert!(known(&LICENCE, "LLVM-exception").is_none());
    }

    #[test]
    fn what_packages_say_becomes_an_expression() {
        let mit = || json!({ "one": { "id": "MIT", "name": "MIT License" } });
        let gpl = || json!({ "one": { "id": "GPL-2.0-only" } });
        let named = |name: &str| json!({ "one": { "name": name } });
        for (licence, expected) in [
            (mit(), Some("MIT")),
            (named("apache-2.0"), Some("Apache-2.0")),
            (named("Unfree"), Some("LicenseRef-Unfree")),
            (named(" "), None),
            (json!({ "one": {} }), None),
            (json!({ "all": [] }), None),
            (json!({ "all": [mit()] }), Some("MIT")),
            (
                json!({ "all": [mit(), gpl(), mit()] }),
                Some("MIT AND GPL-2.0-only"),
            ),
            (
                json!({ "any": [mit(), gpl()] }),
                Some("MIT OR GPL-2.0-only"),
            ),
            (
                json!({ "all": [mit(), { "any": [mit(), gpl()] }, { "all": [gpl()] }] }),
                Some("MIT AND (MIT OR GPL-2.0-only) AND GPL-2.0-only"),
            ),
            (
                json!({ "any": [{ "all": [mit(), gpl()] }, named("Unfree")] }),
                Some("(MIT AND GPL-2.0-only) OR LicenseRef-Unfree"),
            ),
            (
                json!({ "with": [{ "id": "Apache-2.0" }, { "id": "LLVM-exception" }] }),
                Some("Apache-2.0 WITH LLVM-exception"),
            ),
            (
                json!({ "with": [{ "id": "MIT" }, { "name": "of our own" }] }),
                Some("LicenseRef-MIT-WITH-of-our-own-7e4f1bdf"),
            ),
            (json!({ "plus": { "id": "EUPL-1.1" } }), Some("EUPL-1.1+")),
            // An exception alone is no licence.
            (named("LLVM-exception"), Some("LicenseRef-LLVM-exception")),
            (
                named("(mit OR Apache-2.0) AND GPL-2.0-or-later WITH Bison-exception-2.2"),
                Some("(MIT OR Apache-2.0) AND GPL-2.0-or-later WITH Bison-exception-2.2"),
            ),
            (named("MIT OR"), Some("LicenseRef-MIT-OR-6e0fcfbd")),
            (
                named("MIT OR (ISC"),
                Some("LicenseRef-MIT-OR--ISC-ea9c286e"),
            ),
            (
                named("MIT and ISC"),
                Some("LicenseRef-MIT-and-ISC-c64bceeb"),
            ),
        ] {
            let shown = licence.to_string();
            assert_eq!(text(licence).as_deref(), expected, "{shown}");
        }
    }

    #[test]
    fn a_list_is_told_apart() {
        let licence = json!({ "all": [
            { "one": { "id": "MIT" } },
            { "all": [{ "one": { "name": "Unfree", "url": "https://example.com" } }] },
        ] });
        let expression = expression(licence).unwrap();
        let unfree = Other {
            name: "Unfree".into(),
            url: Some("https://example.com".into()),
        };
        assert_eq!(expression.others(), [&unfree]);
        assert_eq!(
            expression.all(),
            [
                &Expression::Id("MIT".into()),
                &Expression::Other(unfree.clone())
            ]
        );
    }
}
