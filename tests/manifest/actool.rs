//! The validator of the format's authors, where it is installed.

use std::fmt;
use std::path::Path;
use std::process::Command;

use serde::Deserialize;

/// What `actool validate` makes of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Verdict {
    Ok,
    Error,
    Crash,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ok => "accepts",
            Self::Error => "refuses",
            Self::Crash => "crashes on",
        })
    }
}

/// Whether actool can be run; says so when it cannot.
pub(crate) fn installed() -> bool {
    let found = Command::new("actool").arg("version").output().is_ok();
    if !found {
        println!("skipped: actool is not installed");
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

/// Writes an archive with `manifest` and an empty root.
pub(crate) fn archive(file: &Path, manifest: &str) {
    let mut archive = tar::Builder::new(std::fs::File::create(file).unwrap());
    let mut header = tar::Header::new_ustar();
    header.set_size(manifest.len() as u64);
    header.set_mode(0o644);
    archive
        .append_data(&mut header, "manifest", manifest.as_bytes())
        .unwrap();
    let mut header = tar::Header::new_ustar();
    header.set_entry_type(tar::EntryType::Directory);
    header.set_size(0);
    header.set_mode(0o755);
    archive
        .append_data(&mut header, "rootfs", std::io::empty())
        .unwrap();
    archive.finish().unwrap();
}
