//! The script's text: what `postprocess.sh` beside an image does for its user, outside of any build.
//!
//! It links the image into a directory, roots it against garbage collection and signs it, if it is an App Container
//! Image. The text is the same for every image but for a few values, and refers to no store path: the script finds the
//! image beside itself.

use camino::Utf8Path;

use crate::spec::Face;

/// What the script has to know of its image.
#[derive(Debug, Clone, Copy)]
pub struct Script<'a> {
    /// Which form the image has.
    pub face: Face,
    /// Name of the image's files without their suffix, e.g. `busybox-1.36.1-static`.
    pub stem: &'a str,
    /// What the image is called in registries, e.g. `busybox:1.36.1-static`.
    pub reference: &'a str,
    /// The store directory, e.g. `/nix/store`: only what lies there needs a garbage-collector root.
    pub store_dir: &'a Utf8Path,
    /// Whether the image is signed; OCI images are not.
    pub sign: bool,
}

/// The text of `postprocess.sh` for `image`, to be written as an executable file beside the image.
///
/// Every file in that directory whose name begins with the stem and a dot belongs to the image. With an App Container
/// Image they are linked; the layout of an OCI image is linked as a whole.
#[must_use]
pub fn script(image: &Script<'_>) -> String {
    include_str!("postprocess.sh")
        .replacen("'@face@'", image.face.name(), 1)
        .replacen("'@reference@'", &quoted(image.reference), 1)
        .replacen("'@stem@'", &quoted(image.stem), 1)
        .replacen("'@store@'", &quoted(image.store_dir.as_str()), 1)
        .replacen("'@sign@'", if image.sign { "yes" } else { "no" }, 1)
}

/// `text` as one word of the shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect_file;

    fn busybox(face: Face, sign: bool) -> String {
        script(&Script {
            face,
            stem: "busybox-1.36.1-static",
            reference: "busybox:1.36.1-static",
            store_dir: "/nix/store".into(),
            sign,
        })
    }

    #[test]
    fn golden() {
        expect_file!["../tests/golden/postprocess.sh"].assert_eq(&busybox(Face::Aci, true));
    }

    #[test]
    fn nothing_but_the_image_tells_scripts_apart() {
        let signed = busybox(Face::Aci, true);
        let unsigned = busybox(Face::Aci, false);
        assert_eq!(signed.replace("sign=yes", "sign=no"), unsigned);
        let layout = busybox(Face::Oci, false);
        assert_eq!(unsigned.replace("face=aci", "face=oci"), layout);
        assert!(!signed.contains("'@"), "a value was not filled in");
    }

    #[test]
    fn every_value_is_one_word() {
        assert_eq!(quoted("a b$(c)`d`\"e\""), "'a b$(c)`d`\"e\"'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
