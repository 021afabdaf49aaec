//! Rules: what a value must be, as data. The Nix side reads the same files, so each fact stands once.
//!
//! The evaluation tells an author what is wrong, with the mend, before anything is built; here the same facts keep a
//! wrong value from becoming one of the [image's](crate::image) types. Patterns match whole texts, and are written in
//! what Nix's regular expressions (POSIX, extended) and those of Rust have in common.

mod fault;
mod text;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

pub(crate) use fault::{Fault, broken};
pub(crate) use text::{Number, Text};

/// The facts, read once.
pub(crate) static RULES: LazyLock<Rules> =
    LazyLock::new(|| match serde_json::from_str(include_str!("rules.json")) {
        Ok(rules) => rules,
        Err(error) => unreachable!("rules.json is compiled in, and tested: {error}"),
    });

/// All capabilities of Linux, one a line.
pub(crate) const CAPABILITIES: &str = include_str!("capabilities.txt");

/// The system calls of Linux on the architectures that appc names, one a line.
pub(crate) const SYSTEM_CALLS: &str = include_str!("syscalls.txt");

/// The error numbers of Linux, one a line.
pub(crate) const ERRORS: &str = include_str!("errors.txt");

/// The signals of Linux, one a line.
pub(crate) const SIGNALS: &str = include_str!("signals.txt");

/// The licences of SPDX by their identifiers, one a line.
pub(crate) const LICENCES: &str = include_str!("licences.txt");

/// The exceptions to licences, in the same way.
pub(crate) const EXCEPTIONS: &str = include_str!("exceptions.txt");

/// Whether `word` is a line of `list`.
pub(crate) fn lists(list: &str, word: &str) -> bool {
    list.lines().any(|line| line == word)
}

/// Everything in `rules.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Rules {
    pub(crate) texts: Texts,
    pub(crate) numbers: Numbers,
    pub(crate) path: PathRule,
    pub(crate) argument: Length,
    pub(crate) stem: Length,
    pub(crate) quantity: QuantityRule,
    pub(crate) compression: BTreeMap<String, Levels>,
    pub(crate) faces: BTreeMap<String, FaceRule>,
    #[cfg_attr(not(test), expect(dead_code, reason = "the Nix side reads it"))]
    pub(crate) skeleton: Vec<String>,
    pub(crate) outputs: Outputs,
    /// What of an image may be worth a second look, most serious first.
    #[cfg_attr(not(test), expect(dead_code, reason = "the Nix side reads it"))]
    pub(crate) concerns: Vec<String>,
    pub(crate) signs: Signs,
    pub(crate) verbs: Verbs,
    pub(crate) site: SiteRule,
    pub(crate) seccomp_sets: Vec<String>,
    #[cfg_attr(not(test), expect(dead_code, reason = "the Nix side reads it"))]
    pub(crate) rkt_seccomp: Vec<String>,
    /// Operating system to architecture, both as appc spells them, else as Go does.
    pub(crate) platforms: BTreeMap<String, BTreeMap<String, PlatformRule>>,
}

/// What can be done with an image, by what there is of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Verbs {
    pub(crate) oci: Vec<String>,
    pub(crate) recipe: Vec<String>,
    /// Of App Container Images, which have no scripts beside them, as packages alone.
    #[cfg_attr(not(test), expect(dead_code, reason = "the evaluation makes these"))]
    pub(crate) aci: Vec<String>,
    /// Those of thin images alone.
    pub(crate) thin: Vec<String>,
    /// Those of them that look at no image.
    pub(crate) alone: Vec<String>,
}

/// What every site has, so that no image on it can be called so.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct SiteRule {
    /// The page of a directory.
    pub(crate) page: String,
    /// What is on the site, for programs.
    pub(crate) list: String,
    /// The key that the images are signed with.
    pub(crate) keys: String,
    /// What brings it into a directory that a server shows.
    pub(crate) publish: String,
    /// What stands for the version in the name of the newest image.
    pub(crate) latest: String,
}

/// Texts by what they are.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Texts {
    pub(crate) identifier: Text,
    pub(crate) name: Text,
    pub(crate) version: Text,
    pub(crate) label_value: Text,
    pub(crate) account: Text,
    pub(crate) variable: Text,
    pub(crate) mode: Text,
    pub(crate) date: Text,
    pub(crate) address: Text,
    pub(crate) flag: Text,
    #[serde(rename = "imageID")]
    pub(crate) image_id: Text,
    pub(crate) quantity: Text,
    pub(crate) context_part: Text,
    pub(crate) context_level: Text,
    pub(crate) setting: Text,
    pub(crate) line: Text,
    pub(crate) span: Text,
    pub(crate) repository: Text,
    pub(crate) tag: Text,
    pub(crate) store_name: Text,
    pub(crate) cpe: Text,
    pub(crate) domain: Text,
}

/// Whole numbers by what they are.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Numbers {
    pub(crate) id: Number,
    pub(crate) port: Number,
    pub(crate) port_count: Number,
    pub(crate) size: Number,
    pub(crate) oom_score_adj: Number,
    pub(crate) cpu_shares: Number,
    pub(crate) signal: Number,
    pub(crate) retries: Number,
    pub(crate) max_layers: Number,
    pub(crate) max_paths: Number,
}

/// Bounds of paths, in bytes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct PathRule {
    pub(crate) longest: usize,
    pub(crate) longest_name: usize,
    /// Characters at which a runtime would cut the path of a mount point.
    pub(crate) not_in_mounts: String,
}

/// A bound, in bytes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Length {
    pub(crate) longest: usize,
}

/// Bounds of quantities.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct QuantityRule {
    pub(crate) most: u64,
    /// With less memory rkt starts nothing.
    pub(crate) least_memory: u64,
}

/// The levels of a method of compression; a method without any has none.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Levels {
    #[serde(default)]
    pub(crate) levels: Option<(u32, u32)>,
    /// Unless another one is asked for.
    #[serde(default)]
    pub(crate) level: Option<u32>,
}

/// How outputs are called that are not the main one, at the end of the names of store paths.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Outputs {
    documentation: Vec<String>,
    others: Vec<String>,
}

impl Outputs {
    /// Whether one that is called so is for readers.
    pub(crate) fn is_documentation(&self, name: &str) -> bool {
        self.documentation.iter().any(|output| output == name)
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.documentation
            .iter()
            .chain(&self.others)
            .map(String::as_str)
    }
}

/// By which names things are known that hardly belong into an image.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Signs {
    /// Packages that are compilers, or linkers.
    pub(crate) compilers: Vec<String>,
    /// Their programs.
    pub(crate) tools: Vec<String>,
    /// Endings of headers.
    pub(crate) headers: Vec<String>,
    /// Files with private keys.
    pub(crate) keys: Vec<String>,
    /// Ends of the names of variables that hold secrets.
    pub(crate) secrets: Vec<String>,
    /// Endings of files that show what another one looks like.
    pub(crate) examples: Vec<String>,
}

/// Whether `word` is one of `list`.
pub(crate) fn has(list: &[String], word: &str) -> bool {
    list.iter().any(|known| known == word)
}

/// What a form of images takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FaceRule {
    pub(crate) compression: Vec<String>,
}

/// Who knows a platform, and under which name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlatformRule {
    /// Processors of packages.
    #[serde(default)]
    pub(crate) packages: Vec<String>,
    /// What other tools call it.
    #[serde(default)]
    pub(crate) elsewhere: Vec<String>,
    /// Whether rkt runs such images; nothing where appc has no such platform.
    #[serde(default)]
    pub(crate) rkt: Option<bool>,
    /// Architecture and variant as OCI images have them; nothing where they have none.
    #[serde(default)]
    pub(crate) oci: Vec<String>,
    /// The headers of programs that run on it, its own first: machine (`e_machine`), bits of an address, which byte of a
    /// number comes first.
    pub(crate) elf: Vec<Machine>,
}

/// What an ELF header says of the processor that a program is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) struct Machine(pub(crate) u16, pub(crate) u8, pub(crate) Order);

/// Which byte of a number comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Order {
    Little,
    Big,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_is_one() {
        let texts: BTreeMap<String, Text> = {
            let all: serde_json::Value = serde_json::from_str(include_str!("rules.json")).unwrap();
            serde_json::from_value(all["texts"].clone()).unwrap()
        };
        for (name, text) in texts {
            assert!(!text.matches("\0"), "{name} takes a NUL");
            assert!(!text.matches(&"a".repeat(text.longest() + 1)), "{name}");
        }
        assert!(!RULES.skeleton.is_empty());
    }

    #[test]
    fn a_text_matches_from_first_to_last() {
        for (text, wanted) in [
            ("a-b", true),
            ("a--b", false),
            ("a", true),
            ("", false),
            ("a\n", false),
            ("A", false),
        ] {
            assert_eq!(RULES.texts.name.matches(text), wanted, "{text:?}");
        }
        let fault = RULES.texts.name.check("a_b").unwrap_err().to_string();
        assert!(fault.starts_with("\"a_b\" must be lower-case"), "{fault}");
    }

    #[test]
    fn dates_are_of_the_calendar() {
        for (text, wanted) in [
            ("2014-10-27T19:32:27.67Z", true),
            ("2000-02-29T23:59:59-12:30", true),
            ("2024-02-29T00:00:00Z", true),
            ("1900-02-29T00:00:00Z", false),
            ("2014-02-30T00:00:00Z", false),
            ("2014-04-31T00:00:00Z", false),
            ("2014-10-27T24:00:00Z", false),
            ("2014-12-31T23:59:60Z", false),
            ("2014-10-27T19:32:27", false),
            ("2014-10-27t19:32:27Z", false),
            ("2014-10-27T19:32:27.Z", false),
        ] {
            assert_eq!(RULES.texts.date.matches(text), wanted, "{text}");
        }
    }

    #[test]
    fn addresses_are_of_the_web() {
        for (text, wanted) in [
            ("HTTP://example.com/", true),
            ("http://localhost:8080/a%20b?c=d&e=f#g", true),
            ("https://[::1]:443/x", true),
            ("https://example.com./~user/(x)", true),
            ("ftp://x", false),
            ("https://", false),
            ("https://me@example.com/", false),
            ("https://a..b/", false),
            ("https://a:99999/", false),
            ("https://[::x]/", false),
            ("https://a/b c", false),
            ("https://a/ä", false),
            ("https://a/%zz", false),
        ] {
            assert_eq!(RULES.texts.address.matches(text), wanted, "{text}");
        }
    }
}
