//! Skipping aloud: a test that lacks a tool of the host says so, and is counted by `test.sh`.

use std::fs::OpenOptions;
use std::io::Write as _;

/// Notes that `test` was not run, and why. The file that `NIX2ACI_SKIPPED` names collects these lines.
pub(crate) fn skip(test: &str, why: &str) {
    let line = format!("{test}: {why}\n");
    eprint!("skipped {line}");
    if let Some(path) = std::env::var_os("NIX2ACI_SKIPPED") {
        let mut file = OpenOptions::new()
            .append(true)
            .create(true)
            .open(path)
            .unwrap();
        file.write_all(line.as_bytes()).unwrap();
    }
}
