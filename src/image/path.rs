//! Image path: where something stands inside an image; and what holds for paths of an image, an archive and a store.

use super::text::text;
use crate::rules::{Fault, RULES, broken};

text!(
    /// An absolute path without `.`, `..`, doubled or trailing slashes and control characters, e.g. `/var/lib/data`.
    ImagePath,
    check
);

impl ImagePath {
    /// `/`.
    #[must_use]
    pub fn root() -> Self {
        Self("/".to_owned())
    }
}

fn check(text: &str) -> Result<(), Fault> {
    let rule = &RULES.path;
    let inner = text == "/" || text.starts_with('/') && is_clean(text);
    let fits =
        text.len() <= rule.longest && text.split('/').all(|name| name.len() <= rule.longest_name);
    if inner && fits && !text.chars().any(char::is_control) {
        Ok(())
    } else {
        Err(broken(
            text,
            "is no absolute path without ., .., needless slashes and control characters",
        ))
    }
}

text!(
    /// An image path below the root.
    InnerPath,
    |text| match text {
        "/" => Err(broken(text, "is the root itself")),
        _ => check(text),
    }
);

text!(
    /// What a link points to.
    LinkTarget,
    |text| {
        if text.is_empty() || text.len() > RULES.path.longest || text.chars().any(char::is_control) {
            Err(broken(text, "is nothing that a link can lead to"))
        } else {
            Ok(())
        }
    }
);

/// As many links as Linux follows before it gives up.
pub(crate) const LINKS: usize = 40;

/// Longest name of one component, in bytes, on the file systems that images are unpacked to.
pub(crate) fn longest_name() -> usize {
    RULES.path.longest_name
}

/// Longest path, in bytes, that system calls take; Linux counts the zero byte at its end too.
pub(crate) fn longest() -> usize {
    RULES.path.longest
}

/// The names in `path`, those left out that lead nowhere; `..` is one of them.
pub(crate) fn components(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.split('/').filter(|name| !matches!(*name, "" | "."))
}

/// The directory above `path`; that of a top directory is empty.
pub(crate) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// The directories above `path`, nearest first, without `/`.
pub(crate) fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    let above = std::iter::successors(Some(parent(path)), |path| Some(parent(path)));
    above.take_while(|path| !path.is_empty())
}

/// Whether `path` is `directory` or below it.
pub(crate) fn is_within(path: &str, directory: &str) -> bool {
    let directory = directory.trim_end_matches('/');
    path.strip_prefix(directory)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a path has no empty, `.` or `..` component and no slash at its end.
pub(crate) fn is_clean(path: &str) -> bool {
    path.strip_prefix('/')
        .unwrap_or(path)
        .split('/')
        .all(|component| !matches!(component, "" | "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_path_is_clean() {
        let long = format!("/{}", "a".repeat(256));
        let deep = "/abc".repeat(1024);
        for (text, wanted) in [
            ("/", true),
            ("/a b/é", true),
            ("", false),
            ("opt", false),
            ("/opt/", false),
            ("//opt", false),
            ("/a/./b", false),
            ("/a/../b", false),
            ("/a\nb", false),
            ("/a\u{85}b", false),
            (&long, false),
            (&deep, false),
        ] {
            let path = ImagePath::try_from(text.to_owned());
            assert_eq!(path.is_ok(), wanted, "{text}");
        }
        assert!(InnerPath::try_from("/".to_owned()).is_err());
    }

    #[test]
    fn ancestors_go_up_to_the_root() {
        assert_eq!(ancestors("/a/b/c").collect::<Vec<_>>(), ["/a/b", "/a"]);
        assert_eq!(ancestors("/a").count(), 0);
        assert_eq!(ancestors("/").count(), 0);
    }

    #[test]
    fn a_directory_holds_itself_and_what_is_below() {
        for (path, directory, within) in [
            ("/etc", "/etc", true),
            ("/etc/a", "/etc/", true),
            ("/etcetera", "/etc", false),
            ("/", "/etc", false),
            ("/etc", "/", true),
        ] {
            assert_eq!(is_within(path, directory), within, "{path} in {directory}");
        }
    }

    #[test]
    fn names_that_lead_nowhere_are_no_components() {
        let names: Vec<&str> = components("//a/./b/../c/").collect();
        assert_eq!(names, ["a", "b", "..", "c"]);
        assert_eq!(parent("/a/b"), "/a");
        assert_eq!(parent("/a"), "");
    }
}
