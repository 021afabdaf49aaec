//! Verbs: what can be done with an image, outside of any build.
//!
//! The image is there, or it is made of its recipe as a build would make it, in a workspace of the user's cache, which has
//! the blobs of earlier runs. Then it is handed on: to standard output or a directory, to an engine of this machine, to a
//! registry, to other hosts.

mod cache;
mod deploy;
mod engine;
mod export_key;
mod keys;
mod load;
mod lookaside;
mod made;
mod maker;
mod options;
mod pieces;
mod presence;
mod publish;
mod push;
mod run;
mod save;
mod sign;
mod stream;
mod subject;
mod tools;
mod trusted;
mod verify;

use anyhow::{Context, Result};

pub use save::build_archive;

/// One verb, as the command line has it.
pub struct Verb {
    /// Its name.
    pub name: &'static str,
    /// What it takes and does.
    pub help: &'static str,
    /// What its first word is the place of, if it is.
    of: Option<&'static str>,
    /// How many words it takes, behind that.
    words: std::ops::RangeInclusive<usize>,
    /// The flags that it knows.
    flags: &'static [&'static str],
    /// The options that it knows: flags with a value.
    options: &'static [&'static str],
    /// What it passes on to another program.
    passes: Passes,
    run: fn(&Call) -> Result<()>,
}

/// What of its arguments a verb does not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Passes {
    Nothing,
    /// What stands behind `--`.
    Rest,
    /// All of them; `--` parts them.
    All,
}

/// What a verb is told.
#[derive(Debug, Default, PartialEq, Eq)]
struct Call {
    /// Where the image is, its recipe or the site: a directory, or a file in it.
    place: String,
    words: Vec<String>,
    flags: Vec<String>,
    /// Options, and the value of each.
    options: Vec<(String, String)>,
    /// What stands behind `--`.
    passed: Vec<String>,
}

impl Call {
    /// Whether the flag is there.
    fn has(&self, name: &str) -> bool {
        self.flags.iter().any(|flag| flag == name)
    }

    /// The value of an option, the last one where it is there several times.
    fn option(&self, name: &str) -> Option<&str> {
        let mut options = self.options.iter().rev();
        options
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// What most of them are done with.
const IMAGE: Option<&str> = Some("an image or a recipe");

/// All of them; the scripts beside a recipe, a thin image and a site are called so.
pub const VERBS: [Verb; 10] = [
    Verb {
        name: "save",
        help: save::HELP,
        of: IMAGE,
        words: 0..=1,
        flags: &[],
        options: &[],
        passes: Passes::Nothing,
        run: save::save,
    },
    Verb {
        name: "load",
        help: load::HELP,
        of: IMAGE,
        words: 0..=1,
        flags: &[],
        options: &[],
        passes: Passes::Rest,
        run: load::load,
    },
    Verb {
        name: "run",
        help: run::HELP,
        of: IMAGE,
        words: 0..=usize::MAX,
        flags: &[],
        options: &[],
        passes: Passes::All,
        run: run::run,
    },
    Verb {
        name: "push",
        help: push::HELP,
        of: IMAGE,
        words: 1..=1,
        flags: &[],
        options: &[push::SIGN_BY],
        passes: Passes::Rest,
        run: push::push,
    },
    Verb {
        name: "sign",
        help: sign::HELP,
        of: IMAGE,
        words: 2..=3,
        flags: &[],
        options: &[],
        passes: Passes::Nothing,
        run: sign::sign,
    },
    Verb {
        name: "verify",
        help: verify::HELP,
        of: IMAGE,
        words: 0..=1,
        flags: &[verify::STORE_PATHS],
        options: &[verify::KEY, verify::SIGNATURE, verify::AGAINST],
        passes: Passes::Rest,
        run: verify::verify,
    },
    Verb {
        name: "export-key",
        help: export_key::HELP,
        of: None,
        words: 1..=2,
        flags: &[],
        options: &[],
        passes: Passes::Nothing,
        run: export_key::export_key,
    },
    Verb {
        name: "cache",
        help: cache::HELP,
        of: IMAGE,
        words: 0..=0,
        flags: &[cache::EMPTY],
        options: &[],
        passes: Passes::Nothing,
        run: cache::cache,
    },
    Verb {
        name: "deploy",
        help: deploy::HELP,
        of: IMAGE,
        words: 1..=usize::MAX,
        flags: &[deploy::USER, deploy::USE_SUBSTITUTES],
        options: &[deploy::SSH_OPTION],
        passes: Passes::Rest,
        run: deploy::deploy,
    },
    Verb {
        name: "publish",
        help: publish::HELP,
        of: Some("a site"),
        words: 1..=1,
        flags: &[publish::NO_SIGN],
        options: &[publish::SIGN_BY, publish::SIGNATURES],
        passes: Passes::Nothing,
        run: publish::publish,
    },
];

/// What came of a verb.
#[derive(Debug)]
pub enum Outcome {
    /// It did what it says, or it could not.
    Done(Result<()>),
    /// It was asked to tell about itself.
    Help,
    /// It was told something that it does not understand.
    Misused(String),
}

impl Verb {
    /// The verb of this name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        const { &VERBS }.iter().find(|verb| verb.name == name)
    }

    /// Does what it is told by `arguments`, the first of which is where the image or its recipe is.
    #[must_use]
    pub fn run(&self, arguments: &[String]) -> Outcome {
        match self.parse(arguments) {
            Ok(Some(call)) => Outcome::Done((self.run)(&call)),
            Ok(None) => Outcome::Help,
            Err(error) => Outcome::Misused(error.to_string()),
        }
    }

    /// Reads the arguments; nothing where help is wanted.
    fn parse(&self, arguments: &[String]) -> Result<Option<Call>> {
        let mut call = Call::default();
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let (name, joined) = match word.split_once('=') {
                Some((name, value)) if self.options.contains(&name) => (name, Some(value)),
                _ => (word.as_str(), None),
            };
            match name {
                "--help" => return Ok(None),
                "-h" if self.passes != Passes::All => return Ok(None),
                "--" if self.passes != Passes::Nothing => {
                    call.passed = words.by_ref().cloned().collect();
                }
                flag if self.flags.contains(&flag) => call.flags.push(word.clone()),
                option if self.options.contains(&option) => {
                    let value = joined.or_else(|| words.next().map(String::as_str));
                    // What begins so is an option whose value was forgotten before it.
                    let value = value.filter(|value| !value.is_empty() && !value.starts_with('-'));
                    let value = value.with_context(|| format!("{option} wants a value"))?;
                    call.options.push((option.to_owned(), value.to_owned()));
                }
                flag if flag.starts_with('-') && self.passes != Passes::All => {
                    anyhow::bail!("{} does not know {word:?}", self.name)
                }
                _ => call.words.push(word.clone()),
            }
        }
        if let Some(of) = self.of {
            let place = (!call.words.is_empty()).then(|| call.words.remove(0));
            call.place = place.with_context(|| format!("the first word is the place of {of}"))?;
        }
        let (least, most) = (*self.words.start(), *self.words.end());
        if let Some(word) = call.words.get(most) {
            anyhow::bail!("{} does not know what {word:?} is for", self.name);
        }
        let usage = self.help.lines().next().unwrap_or_default();
        anyhow::ensure!(call.words.len() >= least, "a word is missing; {usage}");
        Ok(Some(call))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::RULES;

    fn parse(verb: &str, words: &[&str]) -> Result<Option<Call>> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        Verb::find(verb).unwrap().parse(&words)
    }

    #[test]
    fn what_is_passed_on_is_not_read() {
        let call = parse("push", &["r.json", "host/a:1", "--", "--help", "--", "-v"]);
        assert_eq!(
            call.unwrap().unwrap(),
            Call {
                place: "r.json".into(),
                words: vec!["host/a:1".into()],
                flags: Vec::new(),
                options: Vec::new(),
                passed: ["--help", "--", "-v"].map(str::to_owned).into(),
            }
        );
        assert!(parse("push", &["r.json", "--help"]).unwrap().is_none());
        assert!(parse("cache", &["r.json", "--empty"]).unwrap().is_some());
    }

    #[test]
    fn an_option_has_a_value() {
        let words = ["r", "h/a", "--sign-by", "me", "--sign-by=you=me"];
        let call = parse("push", &words).unwrap().unwrap();
        assert_eq!(call.option("--sign-by"), Some("you=me"));
        assert_eq!(call.words, ["h/a"]);
        let call = parse("export-key", &["me"]).unwrap().unwrap();
        assert_eq!(
            (call.place.as_str(), &call.words[..]),
            ("", &["me".to_owned()][..])
        );
    }

    #[test]
    fn what_is_not_understood_is_told() {
        for (verb, words, told) in [
            (
                "push",
                &["r", "h/a", "--sign-by"][..],
                "--sign-by wants a value",
            ),
            (
                "push",
                &["r", "h/a", "--sign-by", "--"],
                "--sign-by wants a value",
            ),
            (
                "push",
                &["r", "h/a", "--sign-by="],
                "--sign-by wants a value",
            ),
            ("save", &[], "the place of an image"),
            (
                "save",
                &["r", "a", "b"],
                "save does not know what \"b\" is for",
            ),
            ("save", &["r", "--"], "save does not know \"--\""),
            ("save", &["r", "--fast"], "save does not know \"--fast\""),
            ("push", &["r"], "a word is missing; usage: push ["),
            ("publish", &["site"], "a word is missing; usage: publish"),
            (
                "publish",
                &["site", "a", "--no-sign=yes"],
                "publish does not know \"--no-sign=yes\"",
            ),
            ("cache", &["r", "--full"], "cache does not know \"--full\""),
        ] {
            let error = parse(verb, words).unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
    }

    #[test]
    fn each_verb_has_a_script() {
        let known = RULES.verbs.recipe.iter().chain(&RULES.verbs.thin);
        let known = known.chain([&RULES.site.publish]);
        assert!(VERBS.iter().map(|verb| verb.name).eq(known));
        for name in RULES.verbs.oci.iter().chain(&RULES.verbs.aci) {
            assert!(Verb::find(name).is_some(), "{name}");
        }
        for verb in VERBS {
            assert!(verb.help.starts_with(&format!("usage: {}", verb.name)));
        }
    }
}
