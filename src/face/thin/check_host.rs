//! The script `NAME-VERSION.check-host`: which store paths of a thin image a host lacks, and what brings them.

use std::collections::BTreeSet;

use camino::Utf8Path;

use crate::input::store_path::StorePath;

/// The script's text, to be written as an executable file. The unit beside a layout starts the layout itself, so the
/// script tells when that is not there.
pub(super) fn script(stem: &str, layout: Option<&Utf8Path>, paths: &BTreeSet<StorePath>) -> String {
    let list: Vec<&str> = paths.iter().map(StorePath::as_str).collect();
    include_str!("check-host.sh")
        .replacen("@image@", stem, 1)
        .replacen("@layout@", layout.map_or("", Utf8Path::as_str), 1)
        .replacen("@paths@", &list.join("\n"), 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::thin::tests::paths;
    use expect_test::expect_file;

    #[test]
    fn golden() {
        let layout = Some("/nix/store/x-hello-oci".into());
        let text = script("hello-2.12", layout, &paths());
        expect_file!["../../../tests/golden/check-host"].assert_eq(&text);
    }
}
