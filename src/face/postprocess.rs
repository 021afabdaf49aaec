//! The script's text: what `postprocess.sh` beside an image does for its user, outside of any build.
//!
//! It links the image into a directory, roots it against garbage collection and signs it, if it is an App Container
//! Image. The text is the same for every image but for a few values, and refers to no store path: the script finds the
//! image beside itself.

use camino::Utf8Path;

use crate::image::path::is_within;
use crate::image::{Image, Mount, Name};
use crate::input::attrs::Attrs;
use crate::input::spec::{Face, Spec};
use crate::plan::Plan;
use crate::tree::{Attributes, Tree};

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
    /// What `rkt run` has to be told of the volumes.
    pub volumes: &'a str,
}

/// What `rkt run` has to be told of the user's volumes: arguments with blanks between them, which no shell changes.
///
/// Without them rkt gives each mount point an empty directory of root's, into which a program of another user cannot
/// write. So each writable one gets an empty volume with the owner and the mode of the image's own directory there.
/// What is only read has to come from somewhere, and only the one who runs the image knows that. The runtimes of OCI
/// images need no such arguments: they take owner and mode from the image.
#[must_use]
fn volumes(image: &Image, tree: &Tree, store_dir: &str) -> String {
    // The store paths of a thin image have a list of their own.
    let own = image.mounts.iter().filter(|(_, mount)| {
        let path = mount.path.as_str();
        path == store_dir || !is_within(path, store_dir)
    });
    let arguments: Vec<_> = own.map(|(name, mount)| volume(name, mount, tree)).collect();
    arguments.join(" ")
}

fn volume(name: &Name, mount: &Mount, tree: &Tree) -> String {
    if mount.read_only {
        return format!("--volume={name},kind=host,source=/path/on/this/host,readOnly=true");
    }
    let directory = tree.get(mount.path.as_str());
    let directory = directory.filter(|entry| entry.children().is_some());
    let Attributes { mode, uid, gid } =
        directory.map_or(Attributes::root(0o755), |entry| entry.attributes);
    format!("--volume={name},kind=empty,uid={uid},gid={gid},mode={mode:04o}")
}

/// The text of `postprocess.sh` for the image of `plan`, to be written as an executable file beside the image.
///
/// Every file in that directory whose name begins with the stem and a dot belongs to the image. With an App Container
/// Image they are linked; the layout of an OCI image is linked as a whole.
#[must_use]
pub(crate) fn of(plan: &Plan, attrs: &Attrs) -> String {
    let Spec { image, form, .. } = &attrs.spec;
    let store_dir = attrs.closure.store_dir().as_str();
    script(&Script {
        face: form.face,
        stem: &image.stem(),
        reference: form.reference.as_str(),
        store_dir: store_dir.into(),
        sign: form.sign,
        volumes: &volumes(image, &plan.tree, store_dir),
    })
}

/// The text with its values filled in.
#[must_use]
pub fn script(image: &Script<'_>) -> String {
    include_str!("postprocess.sh")
        .replacen("'@face@'", image.face.name(), 1)
        .replacen("'@reference@'", &quoted(image.reference), 1)
        .replacen("'@stem@'", &quoted(image.stem), 1)
        .replacen("'@store@'", &quoted(image.store_dir.as_str()), 1)
        .replacen("'@sign@'", if image.sign { "yes" } else { "no" }, 1)
        .replacen("'@volumes@'", &quoted(image.volumes), 1)
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
            volumes: "--volume=data,kind=empty,uid=71,gid=71,mode=0750",
        })
    }

    #[test]
    fn golden() {
        expect_file!["../../tests/golden/postprocess.sh"].assert_eq(&busybox(Face::Aci, true));
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
