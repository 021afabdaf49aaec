//! The script's text: what `postprocess.sh` beside an image does for its user, outside of any build.
//!
//! It links the image into a directory, roots it against garbage collection and signs it, if it is an App Container
//! Image. The text is the same for every image but for a few values, and refers to no store path but those of images
//! below: the script finds its own image beside itself.

use camino::Utf8Path;

use crate::face::word;
use crate::image::path::is_within;
use crate::image::{Image, Mount, Name, Port, Protocol};
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
    /// What the command that runs the image has to say of terminal, ports and volumes.
    pub arguments: &'a str,
    /// Where the images are that this one stands on, a line each.
    pub below: &'a str,
}

/// What the command that runs the image has to say: arguments with blanks between them.
fn arguments(plan: &Plan, attrs: &Attrs) -> String {
    let Spec { image, form, .. } = &attrs.spec;
    let store_dir = attrs.closure.store_dir().as_str();
    // The store paths of a thin image have a list of their own.
    let mounts = image.mounts.iter().filter(|(_, mount)| {
        let path = mount.path.as_str();
        path == store_dir || !is_within(path, store_dir)
    });
    let is_oci = form.face == Face::Oci;
    let terminal = if is_oci { "-it" } else { "--interactive" };
    let terminal = image.terminal.then(|| terminal.to_owned());
    // rkt's pods have the host's addresses, or one of their own.
    let ports = image.ports.values().filter(|_| is_oci);
    let ports = ports.map(|port| publish(port, image));
    let volumes = mounts.map(|(name, mount)| {
        if is_oci {
            named_volume(image, name, mount)
        } else {
            volume(name, mount, &plan.tree)
        }
    });
    let arguments = terminal.into_iter().chain(ports).chain(volumes);
    arguments.collect::<Vec<_>>().join(" ")
}

/// The argument of podman and docker that leads from the host to a port, for all users: ports below 1024 are root's, so
/// others of the host lead there, where the image has not those itself.
fn publish(port: &Port, image: &Image) -> String {
    let (first, last) = (*port.range.start(), *port.range.end());
    let is_free = |first: u16, last: u16| {
        let others = image.ports.values();
        let mut others = others.filter(|other| other.protocol == port.protocol);
        !others.any(|other| *other.range.start() <= last && first <= *other.range.end())
    };
    let moved = (first < ROOTS && last < u16::MAX - MOVED)
        .then(|| (first + MOVED, last + MOVED))
        .filter(|(first, last)| is_free(*first, *last));
    let (from, to) = moved.unwrap_or((first, last));
    let range = |first: u16, last: u16| {
        if first == last {
            first.to_string()
        } else {
            format!("{first}-{last}")
        }
    };
    let protocol = match port.protocol {
        Protocol::Tcp => "",
        Protocol::Udp => "/udp",
    };
    format!("-p {}:{}{protocol}", range(from, to), range(first, last))
}

/// Ports below this one are root's.
const ROOTS: u16 = 1024;

/// So far above such a port is one that stands for it: 8080 for 80.
const MOVED: u16 = 8000;

/// The argument of podman and docker for a volume, which is called after image and mount point. A new one gets owner,
/// mode and content of what it covers.
fn named_volume(image: &Image, name: &Name, mount: &Mount) -> String {
    let path = mount.path.as_str();
    if mount.read_only {
        return format!("-v {}", word(&format!("{ON_HOST}:{path}:ro")));
    }
    let volume = Name::sanitised(&format!("{}-{name}", image.name.last_component()));
    format!("-v {}", word(&format!("{volume}:{path}")))
}

/// What the reader of a command replaces.
const ON_HOST: &str = "/path/on/this/host";

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
    script(&Script {
        face: form.face,
        stem: &image.stem(),
        reference: form.reference.as_str(),
        store_dir: store_dir.into(),
        sign: form.sign,
        arguments: &arguments(plan, attrs),
        below: &below(attrs),
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
        .replacen("'@below@'", &quoted(image.below), 1)
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
    fn every_value_is_one_word() {
        assert_eq!(quoted("a b$(c)`d`\"e\""), "'a b$(c)`d`\"e\"'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
