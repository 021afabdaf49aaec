//! The build log: lines for the reader, and stages for Nix's own progress bar.

use std::env;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::time::{Duration, Instant};

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
    let _ = writeln!(io::stderr(), "{line}");
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
    use super::size;

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
}
