//! Platform: the pair of operating system and architecture that an image's programs are for.

use std::fmt;

use super::invalid::{Invalid, shown};
use crate::host::nearest::did_you_mean;

/// What the schema knows, by operating system, in its own spelling.
const KNOWN: [(&str, &[&str]); 3] = [
    (
        "linux",
        &[
            "amd64",
            "i386",
            "aarch64",
            "aarch64_be",
            "armv6l",
            "armv7l",
            "armv7b",
            "ppc64",
            "ppc64le",
            "s390x",
        ],
    ),
    ("freebsd", &["amd64", "i386", "arm"]),
    ("darwin", &["x86_64", "i386"]),
];

/// Architectures of Linux for which rkt has a place to run them.
const RUN_BY_RKT: [&str; 8] = [
    "amd64",
    "i386",
    "aarch64",
    "aarch64_be",
    "armv6l",
    "armv7l",
    "armv7b",
    "ppc64le",
];

/// What others call an architecture: operating system, their word, appc's word.
const ELSEWHERE: [(&str, &str, &str); 16] = [
    ("linux", "x86_64", "amd64"),
    ("linux", "x86-64", "amd64"),
    ("linux", "x64", "amd64"),
    ("linux", "arm64", "aarch64"),
    ("linux", "386", "i386"),
    ("linux", "x86", "i386"),
    ("linux", "i686", "i386"),
    ("linux", "arm", "armv7l"),
    ("linux", "armhf", "armv7l"),
    ("linux", "armv7", "armv7l"),
    ("linux", "armv6", "armv6l"),
    ("linux", "powerpc64le", "ppc64le"),
    ("freebsd", "x86_64", "amd64"),
    ("freebsd", "386", "i386"),
    ("darwin", "amd64", "x86_64"),
    ("darwin", "386", "i386"),
];

/// A pair that the schema knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Platform {
    os: &'static str,
    arch: &'static str,
}

impl Platform {
    /// The platform with these names, as appc spells them.
    pub fn new(os: &str, arch: &str) -> Result<Self, Invalid> {
        let (os, known) = Self::known(os)?;
        let found = known.iter().find(|known| **known == arch);
        found.map(|arch| Self { os, arch }).ok_or_else(|| {
            Invalid::new(format!(
                "{} is not an architecture that appc has for {os} ({}){}",
                shown(arch),
                known.join(" "),
                Self::suggestion(os, known, arch),
            ))
        })
    }

    /// Checks the operating system alone, to tell its mistakes under its own argument.
    pub(super) fn check_os(os: &str) -> Result<(), Invalid> {
        Self::known(os).map(|_| ())
    }

    fn known(os: &str) -> Result<(&'static str, &'static [&'static str]), Invalid> {
        let found = KNOWN.into_iter().find(|(known, _)| *known == os);
        found.ok_or_else(|| {
            let meant = if os == "macos" {
                "; did you mean \"darwin\"?".to_owned()
            } else {
                did_you_mean(os, KNOWN.map(|(known, _)| known))
            };
            Invalid::new(format!(
                "{} is not an operating system of appc (linux freebsd darwin){meant}",
                shown(os)
            ))
        })
    }

    fn suggestion(os: &str, known: &[&'static str], arch: &str) -> String {
        let elsewhere = ELSEWHERE
            .iter()
            .find(|(for_os, word, _)| *for_os == os && word.eq_ignore_ascii_case(arch));
        match elsewhere {
            Some((_, _, ours)) => format!("; did you mean \"{ours}\"?"),
            // One letter more or less makes another machine: only the case is ever mended here.
            None => known
                .iter()
                .find(|known| known.eq_ignore_ascii_case(arch))
                .map_or_else(String::new, |known| format!("; did you mean \"{known}\"?")),
        }
    }

    /// The operating system.
    #[must_use]
    pub fn os(self) -> &'static str {
        self.os
    }

    /// The architecture.
    #[must_use]
    pub fn arch(self) -> &'static str {
        self.arch
    }

    /// Whether rkt starts images for this platform on any machine at all.
    #[must_use]
    pub fn runs_in_rkt(self) -> bool {
        self.os == "linux" && RUN_BY_RKT.contains(&self.arch)
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.arch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_pair_is_accepted_as_it_stands() {
        for (os, archs) in KNOWN {
            for arch in archs {
                let platform = Platform::new(os, arch).unwrap();
                assert_eq!((platform.os(), platform.arch()), (os, *arch));
            }
        }
    }

    #[test]
    fn every_mend_is_a_known_pair() {
        for (os, _, ours) in ELSEWHERE {
            Platform::new(os, ours).unwrap();
        }
    }

    #[test]
    fn refusals_offer_the_spelling_of_appc() {
        for (os, arch, essence) in [
            ("linux", "arm64", "did you mean \"aarch64\"?"),
            ("linux", "386", "did you mean \"i386\"?"),
            ("linux", "x86_64", "did you mean \"amd64\"?"),
            ("linux", "AMD64", "did you mean \"amd64\"?"),
            ("darwin", "amd64", "did you mean \"x86_64\"?"),
            ("linux", "", "\"\" is not an architecture"),
            ("windows", "amd64", "\"windows\" is not an operating system"),
            ("Linux", "amd64", "did you mean \"linux\"?"),
            ("macos", "amd64", "did you mean \"darwin\"?"),
        ] {
            let message = Platform::new(os, arch).unwrap_err().to_string();
            assert!(message.contains(essence), "{os}/{arch}: {message}");
        }
        let message = Platform::new("linux", "riscv64").unwrap_err().to_string();
        assert!(!message.contains("did you mean"), "{message}");
    }

    #[test]
    fn only_some_run() {
        for (os, arch, runs) in [
            ("linux", "amd64", true),
            ("linux", "ppc64le", true),
            ("linux", "ppc64", false),
            ("linux", "s390x", false),
            ("freebsd", "amd64", false),
            ("darwin", "x86_64", false),
        ] {
            assert_eq!(Platform::new(os, arch).unwrap().runs_in_rkt(), runs);
        }
    }
}
