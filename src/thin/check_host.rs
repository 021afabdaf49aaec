//! The script `NAME-VERSION.check-host`: which store paths of a thin image a host lacks, and what brings them.

use std::collections::BTreeSet;

use crate::store_path::StorePath;

/// The script's text, to be written as an executable file.
pub(super) fn script(stem: &str, paths: &BTreeSet<StorePath>) -> String {
    let list: Vec<&str> = paths.iter().map(StorePath::as_str).collect();
    include_str!("check-host.sh")
        .replacen("@image@", stem, 1)
        .replacen("@paths@", &list.join("\n"), 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::thin::tests::paths;
    use expect_test::expect_file;

    #[test]
    fn golden() {
        expect_file!["../../tests/golden/check-host"].assert_eq(&script("hello-2.12", &paths()));
    }
}
