//! The build log: lines for the reader, and stages for Nix's own progress bar.

use std::env;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::time::{Duration, Instant};

use crate::host::printable::Printable;
use crate::host::problem::Problems;

/// How many names of a long chain stand at each of its ends.
const NAMED: usize = 4;

/// How often a stage tells how far it is.
const INTERVAL: Duration = Duration::from_millis(500);

/// Where the build tells what it does.
#[derive(Debug)]
pub struct Log {
    image: String,
    /// What Nix reads `@nix` lines from, where it does.
    nix: Option<File>,
    told: Instant,
}

impl Log {
    /// A log whose lines begin with the name of the image.
    #[must_use]
    pub fn new(image: &str) -> Self {
        let nix = env::var("NIX_LOG_FD").ok().and_then(|number| {
            let number: u32 = number.parse().ok()?;
            let path = format!("/proc/self/fd/{number}");
            OpenOptions::new().append(true).open(path).ok()
        });
        Self {
            image: image.to_owned(),
            nix,
            told: Instant::now(),
        }
    }

    /// Writes a line for the reader.
    pub fn line(&self, text: impl std::fmt::Display) {
        tell(format_args!("{}: {text}", self.image));
    }

    /// Writes a line about something that may not be meant so.
    pub fn warning(&self, text: impl std::fmt::Display) {
        tell(format_args!("{}: warning: {text}", self.image));
    }

    /// Tells Nix which stage the build has reached.
    pub fn stage(&mut self, name: &str) {
        self.told = Instant::now();
        let message = serde_json::json!({ "action": "setPhase", "phase": name });
        if let Some(nix) = &mut self.nix {
            // The bar is a courtesy: a log that cannot be written must not fail the build.
            let _ = nix.write_all(format!("@nix {message}\n").as_bytes());
        }
    }

    /// Tells Nix how far the stage is, now and then.
    pub fn progress(&mut self, name: &str, done: u64, all: u64) {
        if self.told.elapsed() >= INTERVAL {
            let percent = (u128::from(done) * 100).checked_div(u128::from(all));
            let percent = percent.unwrap_or(100).min(100);
            self.stage(&format!("{name} {percent}% of {}", size(all)));
        }
    }
}

/// Writes a line to standard error. One that cannot be written must not fail the build.
pub fn tell(line: impl std::fmt::Display) {
    let _ = writeln!(io::stderr(), "{}", Printable(line));
}

/// Writes why the build failed to standard error: the chain of causes in one line, and a line for each problem.
pub fn tell_error(error: &anyhow::Error) {
    let _ = writeln!(io::stderr(), "nix2aci: {}", chain_of_causes(error));
}

fn chain_of_causes(error: &anyhow::Error) -> String {
    let cause = |cause: &(dyn std::error::Error + 'static)| match cause.downcast_ref::<Problems>() {
        Some(problems) => problems.to_string(),
        None => Printable(cause).to_string(),
    };
    error.chain().map(cause).collect::<Vec<_>>().join(": ")
}

/// A chain of names, one leading to the next. Of a long one the middle is counted.
#[must_use]
pub(crate) fn chain(names: &[&str]) -> String {
    let (first, last) = (
        &names[..names.len().min(NAMED)],
        names.len().saturating_sub(NAMED),
    );
    let left_out = last.saturating_sub(first.len());
    if left_out < 2 {
        return names.join(" -> ");
    }
    let (first, last) = (first.join(" -> "), names[last..].join(" -> "));
    format!("{first} -> ({left_out} more) -> {last}")
}

/// A number of bytes for people, in decimal units.
#[must_use]
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    // Tenths of the unit, so that whole numbers do.
    let mut tenths = u128::from(bytes) * 10 / 1000;
    let mut unit = 0;
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        tenths /= 1000;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

/// `1 entry`, `2 entries`: a number with its noun.
#[must_use]
pub fn count(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::anyhow;

    #[test]
    fn sizes_read_well() {
        for (bytes, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (999_999, "999.9 kB"),
            (1_500_000, "1.5 MB"),
            (2_190_000_000, "2.1 GB"),
            (u64::MAX, "18446.7 PB"),
        ] {
            assert_eq!(size(bytes), text);
        }
    }

    #[test]
    fn long_chains_are_shortened_in_the_middle() {
        let names: Vec<String> = (1..=100_000).map(|number| number.to_string()).collect();
        let chain = |length| {
            let names: Vec<&str> = names[..length].iter().map(String::as_str).collect();
            super::chain(&names)
        };
        assert_eq!(chain(0), "");
        assert_eq!(chain(1), "1");
        assert_eq!(chain(9), "1 -> 2 -> 3 -> 4 -> 5 -> 6 -> 7 -> 8 -> 9");
        assert_eq!(
            chain(100_000),
            "1 -> 2 -> 3 -> 4 -> (99992 more) -> 99997 -> 99998 -> 99999 -> 100000"
        );
    }

    #[test]
    fn an_error_has_one_line_and_each_problem_one() {
        let error = anyhow!("a\n@nix {{}}").context("b\u{1b}[2J");
        assert_eq!(chain_of_causes(&error), "b\\u{1b}[2J: a\\n@nix {}");
        let mut problems = Problems::default();
        problems.add("exec", "c\nd");
        let error = anyhow::Error::new(problems).context("image \u{202e}");
        assert_eq!(
            chain_of_causes(&error),
            "image \\u{202e}: 1 problem in its description\n  exec: c\\nd"
        );
    }
}
