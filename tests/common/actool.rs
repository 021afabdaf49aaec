//! The validator of the format's authors, where it is installed.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::thread;

use serde::Deserialize;

use crate::skip::skip;

/// What actool makes of one file, or of one tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Verdict {
    Ok,
    Error,
    Crash,
    /// It builds another image each time.
    Differs,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ok => "accepts",
            Self::Error => "refuses",
            Self::Crash => "crashes on",
            Self::Differs => "builds differing images of",
        })
    }
}

/// The tests that noted already that they lack actool.
static TOLD: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Whether actool can be run. A test that asks is noted as skipped when it cannot, once, however often it asks.
pub(crate) fn installed() -> bool {
    let found = Command::new("actool").arg("version").output().is_ok();
    let thread = thread::current();
    // The harness gives each test a thread with the test's name.
    let test = thread.name().unwrap_or("a test");
    if !found && TOLD.lock().unwrap().insert(test.to_owned()) {
        skip(test, "actool is not installed");
    }
    found
}

/// Runs actool on `file`, and gives its verdict and its words.
pub(crate) fn validate(file: &Path) -> (Verdict, String) {
    let output = Command::new("actool")
        .arg("validate")
        .arg(file)
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    let verdict = match output.status.code() {
        Some(0) => Verdict::Ok,
        Some(1) => Verdict::Error,
        _ => Verdict::Crash,
    };
    (verdict, words)
}
