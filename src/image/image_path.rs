//! Image path: where something stands inside an image.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use super::invalid::{Invalid, shown};
use crate::image::path::{NAME_LENGTH, PATH_LENGTH};

/// An absolute path without `.`, `..`, doubled or trailing slashes and control characters, e.g. `/var/lib/data`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ImagePath(String);

impl ImagePath {
    /// The path as text, beginning with `/`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The directories above this one, nearest first, without `/`.
    pub(super) fn ancestors(&self) -> impl Iterator<Item = &str> {
        let mut rest = self.as_str();
        std::iter::from_fn(move || {
            rest = &rest[..rest.rfind('/')?];
            (!rest.is_empty()).then_some(rest)
        })
    }
}

impl FromStr for ImagePath {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let clean = cleaned(text);
        let fault = if text.is_empty() {
            "is empty; write an absolute path of the image".to_owned()
        } else if let Some(c) = text.chars().find(|c| c.is_control()) {
            format!("has the control character {c:?}, which no path of an image may have")
        } else if text
            .split('/')
            .any(|component| component.len() > NAME_LENGTH)
        {
            "has a component of more than 255 bytes, which no file system can store".to_owned()
        } else if text.len() > PATH_LENGTH {
            "has more than 4095 bytes, which no system call takes".to_owned()
        } else if !text.starts_with('/') {
            format!("is not absolute; write {clean:?}")
        } else if clean != text {
            format!("is not in its shortest form; write {clean:?}")
        } else {
            return Ok(Self(clean));
        };
        Err(Invalid::new(format!("{} {fault}", shown(text))))
    }
}

impl fmt::Display for ImagePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The absolute path that `text` names when read from `/`.
fn cleaned(text: &str) -> String {
    let mut components = Vec::new();
    for component in text.split('/') {
        match component {
            "" | "." => {}
            ".." => {
                components.pop();
            }
            _ => components.push(component),
        }
    }
    format!("/{}", components.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn refusals_say_what_and_how_to_mend() {
        let long = format!("/{}", "a".repeat(256));
        let deep = "/abc".repeat(1024);
        for (text, essence) in [
            ("", "is empty"),
            ("opt", "is not absolute; write \"/opt\""),
            ("/opt/", "write \"/opt\""),
            ("//opt", "write \"/opt\""),
            ("/a/./b", "write \"/a/b\""),
            ("/a/../b", "write \"/b\""),
            ("/..", "write \"/\""),
            ("/a\nb", "control character '\\n'"),
            ("/a\0b", "control character '\\0'"),
            (&long, "255 bytes"),
            (&deep, "4095 bytes"),
        ] {
            let message = text.parse::<ImagePath>().unwrap_err().to_string();
            assert!(message.contains(essence), "{text}: {message}");
        }
    }

    #[test]
    fn ancestors_go_up_to_the_root() {
        let path: ImagePath = "/a/b/c".parse().unwrap();
        assert_eq!(path.ancestors().collect::<Vec<_>>(), ["/a/b", "/a"]);
        let path: ImagePath = "/".parse().unwrap();
        assert_eq!(path.ancestors().count(), 0);
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_clean(text in prop_oneof!["[/.a]{0,8}", any::<String>()]) {
            if let Ok(path) = text.parse::<ImagePath>() {
                prop_assert!(path.as_str() == "/" || path.as_str().strip_prefix('/').is_some_and(
                    |rest| rest.split('/').all(|component| !matches!(component, "" | "." | ".."))));
            }
        }

        #[test]
        fn the_suggested_path_is_accepted(text in "[/.a-c]{0,12}") {
            prop_assert!(cleaned(&text).parse::<ImagePath>().is_ok());
        }
    }
}
