//! Health: how a runtime finds out whether the program still does its work.

use serde::Deserialize;

use super::command::Handler;
use super::text::text;
use crate::rules::{Fault, Number, RULES};

/// A program that succeeds as long as all is well, and when it is run. What is not said, a runtime knows.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct HealthCheck {
    /// The program and its arguments.
    pub test: Handler,
    /// The time between two runs.
    #[serde(default)]
    pub interval: Option<Span>,
    /// The time after which a run has failed.
    #[serde(default)]
    pub timeout: Option<Span>,
    /// The time in which failures do not count, since the program is starting.
    #[serde(default)]
    pub start_period: Option<Span>,
    /// How many runs have to fail one after the other.
    #[serde(default)]
    pub retries: Option<Retries>,
}

impl HealthCheck {
    /// The test as Docker writes it: the word for a program that is started without a shell, and the program.
    pub fn docker_words(&self) -> impl Iterator<Item = &str> {
        ["CMD"].into_iter().chain(self.test.command().words())
    }

    /// The test as podman's options have it, where a text is a shell's command, but for a list in JSON and for one word
    /// behind `CMD`.
    #[must_use]
    pub fn podman_command(&self) -> String {
        let words: Vec<&str> = self.test.command().words().collect();
        match words.as_slice() {
            [program] => format!("CMD {program}"),
            words => serde_json::json!(words).to_string(),
        }
    }

    /// When it is run, as far as that is said: what podman calls it, and its value.
    pub fn when(&self) -> impl Iterator<Item = (&'static str, String)> {
        let spans = [
            ("interval", &self.interval),
            ("timeout", &self.timeout),
            ("start-period", &self.start_period),
        ];
        let spans = spans
            .into_iter()
            .filter_map(|(name, span)| Some((name, span.as_ref()?.to_string())));
        let retries = self.retries.iter();
        spans.chain(retries.map(|retries| ("retries", retries.get().to_string())))
    }
}

text!(
    /// A span of time, e.g. `30s`.
    Span,
    |text| RULES.texts.span.check(text)
);

impl Span {
    /// The same in nanoseconds, as Docker has it.
    #[must_use]
    pub fn nanoseconds(&self) -> u64 {
        let digits = self.as_str().trim_end_matches(char::is_alphabetic);
        let unit: u64 = match &self.as_str()[digits.len()..] {
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            _ => 3_600_000_000_000,
        };
        // The rule allows six digits.
        digits.parse().unwrap_or(0) * unit
    }
}

/// A number of failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "i64")]
pub struct Retries(u16);

impl Retries {
    /// The number.
    #[must_use]
    pub fn get(self) -> u16 {
        self.0
    }
}

impl TryFrom<i64> for Retries {
    type Error = Fault;

    fn try_from(number: i64) -> Result<Self, Fault> {
        let rule: &Number = &RULES.numbers.retries;
        rule.check(number).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn podman_needs_no_shell_for_a_test() {
        for (test, command) in [
            (vec!["/bin/check"], "CMD /bin/check"),
            (vec!["/bin/check", "a b"], r#"["/bin/check","a b"]"#),
        ] {
            let check = serde_json::json!({ "test": test });
            let check: HealthCheck = serde_json::from_value(check).unwrap();
            assert_eq!(check.podman_command(), command);
        }
    }

    #[test]
    fn a_span_has_one_unit() {
        for (text, nanoseconds) in [
            ("1ms", 1_000_000),
            ("30s", 30_000_000_000),
            ("2m", 120_000_000_000),
            ("999999h", 3_599_996_400_000_000_000),
        ] {
            let span = Span::try_from(text.to_owned()).unwrap();
            assert_eq!(span.nanoseconds(), nanoseconds, "{text}");
        }
        for text in ["", "0s", "30", "1m30s", "1000000h", "1.5s", "1 s", "1d"] {
            assert!(Span::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
