//! The script's text: what `postprocess.sh` beside an image does for its user, outside of any build.
//!
//! It links the image into a directory, roots it against garbage collection and signs it, if it is an App Container
//! Image. The text is the same for every image but for a few values, and refers to no store path but those of images
//! below: the script finds its own image beside itself.

use anyhow::{Context, Result};
use camino::Utf8Path;

use crate::face::oci::running::{self, ON_HOST, Running, words};
use crate::image::{Mount, Name};
use crate::input::attrs::Attrs;
use crate::input::form::Face;
use crate::input::spec::Spec;
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
    /// What the command that runs the image has to say: of an App Container Image terminal and volumes, of an OCI image
    /// only what no script can know.
    pub arguments: &'a str,
    /// What the script `run` of an OCI image says by itself.
    pub own: &'a str,
    /// Where the images are that this one stands on, a line each.
    pub below: &'a str,
}

/// What rkt has to be told to run the image: arguments with blanks between them.
fn arguments(plan: &Plan, attrs: &Attrs) -> String {
    let image = &attrs.spec.image;
    let store_dir = attrs.closure.store_dir().as_str();
    // rkt's pods have the host's addresses, or one of their own, so there is nothing to say of ports.
    let terminal = image.terminal.then(|| "--interactive".to_owned());
    let volumes = running::own_mounts(image, store_dir);
    let volumes = volumes.map(|(name, mount)| volume(name, mount, &plan.tree));
    terminal
        .into_iter()
        .chain(volumes)
        .collect::<Vec<_>>()
        .join(" ")
}

/// What `rkt run` has to be told of a volume.
///
/// Without it rkt gives each mount point an empty directory of root's, into which a program of another user cannot
/// write. So each writable one gets an empty volume with the owner and the mode of the image's own directory there.
/// What is only read has to come from somewhere, and only the one who runs the image knows that.
fn volume(name: &Name, mount: &Mount, tree: &Tree) -> String {
    if mount.read_only {
        return format!("--volume={name},kind=host,source={ON_HOST},readOnly=true");
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
    let (arguments, own) = if form.face == Face::Oci {
        let running = Running::of(image, store_dir);
        (words(&running.given()), words(&running.arguments()))
    } else {
        (arguments(plan, attrs), String::new())
    };
    script(&Script {
        face: form.face,
        stem: &image.stem(),
        reference: form.reference.as_str(),
        store_dir: store_dir.into(),
        sign: form.sign,
        arguments: &arguments,
        own: &own,
        below: &below(attrs),
    })
}

/// The text of `postprocess.sh` for the index of `attrs`.
pub(crate) fn of_index(attrs: &Attrs) -> String {
    let Spec { image, form, .. } = &attrs.spec;
    let reference = &form.reference;
    script(&Script {
        face: form.face,
        stem: &format!("{}-{}-index", image.name.last_component(), reference.tag()),
        reference: reference.as_str(),
        store_dir: attrs.closure.store_dir().as_str().into(),
        sign: false,
        arguments: "",
        own: "",
        below: "",
    })
}

/// The images on which an App Container Image stands directly. An OCI image has the layers of those below it itself.
fn below(attrs: &Attrs) -> String {
    let Spec { image, form, .. } = &attrs.spec;
    let dependencies = image.dependencies.iter().filter(|_| form.face == Face::Aci);
    let outputs = dependencies.filter_map(|dependency| dependency.output.as_deref());
    outputs.collect::<Vec<_>>().join("\n")
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
        .replacen("'@arguments@'", &quoted(image.arguments), 1)
        .replacen("'@own@'", &quoted(image.own), 1)
        .replacen("'@below@'", &quoted(image.below), 1)
}

/// What the command that runs an image has to say, read from the script beside that.
pub(crate) fn arguments_of(script: &str) -> Result<String> {
    let behind = script.split_once("\narguments='");
    let (_, behind) = behind.context("it does not say how the image is run")?;
    // A quote within ends the word, stands for itself and begins the word again.
    let behind = behind.replace(r"'\''", "\0");
    let (arguments, _) = behind.split_once('\'').context("a quote is open in it")?;
    Ok(arguments.replace('\0', "'"))
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
            arguments: "--volume=data,kind=empty,uid=71,gid=71,mode=0750",
            own: "",
            below: "",
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
    fn arguments_are_read_as_they_were_written() {
        let script = |arguments| {
            script(&Script {
                face: Face::Oci,
                stem: "web-1",
                reference: "web:1",
                store_dir: "/nix/store".into(),
                sign: true,
                arguments,
                own: "",
                below: "",
            })
        };
        for arguments in ["", "-p 80:80", "-v 'a b':/c '' \\'"] {
            assert_eq!(arguments_of(&script(arguments)).unwrap(), arguments);
        }
        assert!(arguments_of("#!/bin/sh\n").is_err());
    }

    #[test]
    fn every_value_is_one_word() {
        assert_eq!(quoted("a b$(c)`d`\"e\""), "'a b$(c)`d`\"e\"'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
