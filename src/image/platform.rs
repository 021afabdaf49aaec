//! Platform: the pair of operating system and architecture that an image's programs are for.

use std::fmt;

use serde::Deserialize;

use crate::rules::{Fault, Machine, PlatformRule, RULES};

/// A pair that some form of images has a name for, spelt as appc spells it, else as Go does.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub struct Platform {
    os: String,
    arch: String,
}

/// A platform as the spec has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    os: String,
    arch: String,
}

impl TryFrom<Written> for Platform {
    type Error = Fault;

    fn try_from(Written { os, arch }: Written) -> Result<Self, Fault> {
        Self::new(&os, &arch)
    }
}

impl Platform {
    /// The platform with these names.
    ///
    /// # Errors
    /// When no form of images has a name for it.
    pub fn new(os: &str, arch: &str) -> Result<Self, Fault> {
        let (os, arch) = (os.to_owned(), arch.to_owned());
        let known = RULES
            .platforms
            .get(&os)
            .is_some_and(|archs| archs.contains_key(&arch));
        if known {
            Ok(Self { os, arch })
        } else {
            Err(Fault::new(format!(
                "{os:?} on {arch:?} is not known to runtimes"
            )))
        }
    }

    /// That of this machine; nothing where no form of images has a name for it.
    pub(crate) fn of_this_machine() -> Option<Self> {
        let processor = std::env::consts::ARCH.to_owned();
        let (os, archs) = RULES.platforms.get_key_value("linux")?;
        let is_ours = |rule: &PlatformRule| {
            rule.packages.contains(&processor) || rule.elsewhere.contains(&processor)
        };
        let (arch, _) = archs.iter().find(|(_, rule)| is_ours(rule))?;
        Self::new(os, arch).ok()
    }

    /// The operating system.
    #[must_use]
    pub fn os(&self) -> &str {
        &self.os
    }

    /// The architecture.
    #[must_use]
    pub fn arch(&self) -> &str {
        &self.arch
    }

    /// Whether it runs programs for such a processor.
    pub(crate) fn runs(&self, machine: Machine) -> bool {
        self.rule().is_some_and(|rule| rule.elf.contains(&machine))
    }

    /// The architectures of this operating system whose own programs are for such a processor.
    pub(crate) fn archs_of(&self, machine: Machine) -> impl Iterator<Item = &'static str> {
        let archs = RULES.platforms.get(&self.os).into_iter().flatten();
        archs
            .filter(move |(_, rule)| rule.elf.first() == Some(&machine))
            .map(|(arch, _)| arch.as_str())
    }

    fn rule(&self) -> Option<&'static PlatformRule> {
        RULES.platforms.get(&self.os)?.get(&self.arch)
    }

    /// Whether rkt starts such images; nothing where appc does not know the platform.
    pub(crate) fn runs_in_rkt(&self) -> Option<bool> {
        self.rule()?.rkt
    }

    /// Architecture and variant in OCI's spelling, which is Go's; nothing where there is none.
    pub(crate) fn in_oci(&self) -> Option<(&'static str, Option<&'static str>)> {
        let names = &self.rule()?.oci;
        let variant = names.get(1).map(String::as_str);
        names.first().map(|name| (name.as_str(), variant))
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
    fn each_form_of_images_knows_its_platforms() {
        for (os, arch, rkt, oci) in [
            ("linux", "amd64", Some(true), Some(("amd64", None))),
            ("linux", "aarch64", Some(true), Some(("arm64", Some("v8")))),
            ("linux", "aarch64_be", Some(true), None),
            ("linux", "s390x", Some(false), Some(("s390x", None))),
            ("linux", "riscv64", None, Some(("riscv64", None))),
            ("linux", "loong64", None, Some(("loong64", None))),
            ("freebsd", "amd64", Some(false), Some(("amd64", None))),
        ] {
            let platform = Platform::new(os, arch).unwrap();
            assert_eq!(platform.runs_in_rkt(), rkt, "{platform}");
            assert_eq!(platform.in_oci(), oci, "{platform}");
        }
        for (os, arch) in [
            ("linux", "arm64"),
            ("linux", ""),
            ("windows", "amd64"),
            ("Linux", "amd64"),
        ] {
            assert!(Platform::new(os, arch).is_err(), "{os}/{arch}");
        }
    }
}
