//! Texts: names and words that have a rule, each a type of its own that holds no other text.

use crate::rules::{CAPABILITIES, ERRORS, Fault, RULES, SIGNALS, SYSTEM_CALLS, broken, lists};

/// Makes a type of a text from a check of it: `fn(&str) -> Result<(), Fault>`.
macro_rules! text {
    ($(#[$about:meta])* $name:ident, $check:expr) => {
        $(#[$about])*
        #[derive(
            Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
        )]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl $name {
            /// The text itself.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::rules::Fault;

            fn try_from(text: String) -> Result<Self, $crate::rules::Fault> {
                let check: fn(&str) -> Result<(), $crate::rules::Fault> = $check;
                check(&text).map(|()| Self(text))
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}
pub(crate) use text;

text!(
    /// AC Identifier, e.g. `example.com/busybox`: name of an image, a label, an annotation (appc, "AC Identifier Type").
    Identifier,
    |text| RULES.texts.identifier.check(text)
);

impl Identifier {
    /// What follows the last slash: the image's name within its place, used for file names.
    #[must_use]
    pub fn last_component(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }
}

text!(
    /// AC Name, e.g. `data`: what a mount point or a port is called (appc, "AC Name Type").
    Name,
    |text| RULES.texts.name.check(text)
);

impl Name {
    /// The name nearest to `text`: lower case, each run of other characters made one `-`, cut where names end;
    /// `unnamed` when not a single letter or digit is left.
    #[must_use]
    pub fn sanitised(text: &str) -> Self {
        let text = text.to_ascii_lowercase();
        let parts = text.split(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit());
        let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        let joined = parts.join("-");
        let cut: String = joined.chars().take(RULES.texts.name.longest()).collect();
        let name = cut.trim_end_matches('-');
        Self(if name.is_empty() { "unnamed" } else { name }.to_owned())
    }
}

text!(
    /// Version of an image, e.g. `1.36.1`. It becomes part of references, file names and URLs, all without escapes.
    Version,
    |text| RULES.texts.version.check(text)
);

text!(
    /// Value of a label, without what ends or escapes something in a reference or URL.
    LabelValue,
    |text| RULES.texts.label_value.check(text)
);

text!(
    /// Name of a label other than `version`, `os` and `arch`, which are no free labels, and `name`, which none may be.
    LabelName,
    |text| match text {
        "name" | "version" | "os" | "arch" => Err(broken(text, "is not a free label")),
        _ => RULES.texts.identifier.check(text),
    }
);

text!(
    /// Name of a variable of the environment.
    Variable,
    |text| RULES.texts.variable.check(text)
);

text!(
    /// What Linux passes to a program: an argument, or the value of a variable.
    Argument,
    |text| {
        let longest = RULES.argument.longest;
        if text.contains('\0') {
            Err(broken(text, "has a NUL"))
        } else if text.len() > longest {
            Err(broken(text, &format!("is longer than {longest} bytes")))
        } else {
            Ok(())
        }
    }
);

text!(
    /// Image ID: `sha512-` and the SHA-512 of an uncompressed archive (appc, "Image Archives").
    ImageId,
    |text| RULES.texts.image_id.check(text)
);

text!(
    /// A capability of Linux, e.g. `CAP_NET_ADMIN`.
    Capability,
    |text| listed(text, CAPABILITIES, "is no capability of Linux")
);

text!(
    /// A system call such as `reboot`, or a set of them that rkt knows, such as `@appc.io/all`.
    SystemCall,
    |text| {
        if RULES.seccomp_sets.iter().any(|set| set == text) {
            Ok(())
        } else {
            listed(text, SYSTEM_CALLS, "is no system call of Linux, nor a set that rkt knows")
        }
    }
);

text!(
    /// An error number of Linux, e.g. `EPERM`.
    ErrorNumber,
    |text| listed(text, ERRORS, "is no error of Linux")
);

text!(
    /// A signal of Linux, by its name, e.g. `SIGTERM`, or its number.
    Signal,
    |text| {
        if text.starts_with(|c: char| c.is_ascii_digit() && c != '0') {
            let number = text.parse().map_err(|_| broken(text, "is no number of a signal"))?;
            RULES.numbers.signal.check::<i64>(number).map(drop)
        } else {
            listed(text, SIGNALS, "is no signal of Linux")
        }
    }
);

text!(
    /// Name of a kernel setting, e.g. `net.ipv4.tcp_mtu_probing`.
    Setting,
    |text| RULES.texts.setting.check(text)
);

text!(
    /// A text of one line.
    Line,
    |text| RULES.texts.line.check(text)
);

text!(
    /// User, role or type of an `SELinux` context.
    ContextPart,
    |text| RULES.texts.context_part.check(text)
);

text!(
    /// Level of an `SELinux` context, the one part that may have colons.
    ContextLevel,
    |text| RULES.texts.context_level.check(text)
);

text!(
    /// What an image is called in registries and layouts: `REPOSITORY:TAG`.
    Reference,
    |text| {
        let (repository, tag) = text.split_once(':').unwrap_or((text, ""));
        RULES.texts.repository.check(repository)?;
        RULES.texts.tag.check(tag)
    }
);

impl Reference {
    /// What follows the colon.
    #[must_use]
    pub fn tag(&self) -> &str {
        self.0.split_once(':').map_or("", |(_, tag)| tag)
    }

    /// The same, as tools spell it out that take images without a registry for those of Docker's.
    #[must_use]
    pub fn in_full(&self) -> String {
        match self.0.split_once('/') {
            Some((registry, _)) if registry == "localhost" || registry.contains('.') => {
                self.0.clone()
            }
            Some(_) => format!("docker.io/{self}"),
            None => format!("docker.io/library/{self}"),
        }
    }
}

fn listed(text: &str, list: &str, rule: &str) -> Result<(), Fault> {
    if lists(list, text) {
        Ok(())
    } else {
        Err(broken(text, rule))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn last_component_is_what_files_are_named_after() {
        for (name, last) in [
            ("example.com/tools/busybox", "busybox"),
            ("busybox", "busybox"),
        ] {
            let name = Identifier::try_from(name.to_owned()).unwrap();
            assert_eq!(name.last_component(), last);
        }
    }

    #[test]
    fn a_cut_leaves_no_dash_at_the_end() {
        let text = format!("{}-b", "a".repeat(62));
        assert_eq!(Name::sanitised(&text).as_str(), "a".repeat(62));
        assert_eq!(Name::sanitised("+-.").as_str(), "unnamed");
    }

    #[test]
    fn a_reference_is_spelt_out_for_tools_that_know_a_registry() {
        for (reference, full) in [
            ("app:1", "docker.io/library/app:1"),
            ("me/app:1", "docker.io/me/app:1"),
            ("example.com/app:1", "example.com/app:1"),
            ("localhost/app:1", "localhost/app:1"),
        ] {
            let reference = Reference::try_from(reference.to_owned()).unwrap();
            assert_eq!(reference.in_full(), full);
            assert_eq!(reference.tag(), "1");
        }
        for wrong in ["app", "app:", ":1", "App:1", "app:-1"] {
            assert!(Reference::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn sanitised_is_always_valid(text in prop_oneof!["[a-cA-C0-2 ._~/+-]{0,90}", any::<String>()]) {
            let name = Name::sanitised(&text);
            prop_assert_eq!(Name::try_from(name.to_string()), Ok(name));
        }
    }
}
