//! The script `NAME-VERSION.check-host`: which store paths of a thin image a host lacks, and what brings them.

use std::collections::BTreeSet;

use camino::Utf8Path;

use crate::face::html::filled;
use crate::face::word;
use crate::input::form::Face;
use crate::input::store_path::{StoreDir, StorePath};

/// The script's text, to be written as an executable file. The unit beside a layout starts the layout itself, so the
/// script tells when that is not there. What is brought is the `output` that the script stands in, with all that it refers
/// to, unless that is elsewhere than in the store, as the image of a recipe is.
pub(super) fn script(
    stem: &str,
    face: Face,
    output: &Utf8Path,
    store_dir: &StoreDir,
    paths: &BTreeSet<StorePath>,
) -> String {
    let list: Vec<&str> = paths.iter().map(StorePath::as_str).collect();
    let layout = (face == Face::Oci).then_some(output);
    let stored = (output.parent() == Some(store_dir.as_str().into())).then_some(output);
    let parts = [
        ("@image@", word(stem)),
        ("@layout@", word(layout.map_or("", Utf8Path::as_str))),
        ("@output@", word(stored.map_or("", Utf8Path::as_str))),
        ("@paths@", list.join("\n")),
    ];
    filled(include_str!("check-host.sh"), &parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::thin::tests::paths;
    use expect_test::expect_file;

    fn of(face: Face, output: &str) -> String {
        let store = StoreDir::new("/nix/store").unwrap();
        script("hello-2.12", face, output.into(), &store, &paths())
    }

    #[test]
    fn what_is_elsewhere_is_not_brought() {
        for (output, line) in [
            ("/home/me/hello", "output=''"),
            ("/nix/store/x-hello/copy", "output=''"),
            ("/nix/store/x-hello", "output=/nix/store/x-hello"),
        ] {
            let text = of(Face::Aci, output);
            let lines: Vec<&str> = text.lines().collect();
            assert!(lines.contains(&line), "{output}");
            assert!(lines.contains(&"layout=''"), "{output}");
        }
    }

    #[test]
    fn a_place_is_one_word() {
        let text = of(Face::Oci, "/home/me/it's here");
        assert!(
            text.contains("\nlayout='/home/me/it'\\''s here'\n"),
            "{text}"
        );
    }

    #[test]
    fn golden() {
        let text = of(Face::Oci, "/nix/store/x-hello-oci");
        expect_file!["../../../tests/golden/check-host"].assert_eq(&text);
    }
}
