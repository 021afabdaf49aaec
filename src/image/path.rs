//! Paths as text: rules that hold for paths of an image, of an archive and of a store alike.

/// Longest name of one component, in bytes, on the file systems that images are unpacked to.
pub(crate) const NAME_LENGTH: usize = 255;

/// Longest path, in bytes, that system calls take; Linux counts the zero byte at its end too.
pub(crate) const PATH_LENGTH: usize = 4095;

/// As many links as Linux follows before it gives up.
pub(crate) const LINKS: usize = 40;

/// The names in `path`, those left out that lead nowhere; `..` is one of them.
pub(crate) fn components(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.split('/').filter(|name| !matches!(*name, "" | "."))
}

/// The directory above `path`; that of a top directory is empty.
pub(crate) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
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
