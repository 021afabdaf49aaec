//! The tree: what is planned is what stands in the archive, and nothing comes from outside the closure.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use nix2aci::face::aci;
use nix2aci::input::attrs::Attrs;
use nix2aci::plan::Plan;
use nix2aci::tree::{Attributes, Node, Source};
use serde_json::{Map, Value, json};

use super::attrs;
use super::choices::Choices;
use super::packages::{NAMES, PACKAGES, Packages, SECRET};
use super::reread::{self, Found, Kind};
use super::spec::{arguments, nested};

/// Packages of any shape on disk, and a description that takes them.
pub fn tree(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let packages = Packages::make(&mut choices);
    let spec = spec(&packages, &mut choices);
    let document = json!({
        "aci": spec,
        "closure": packages.records(),
        "outputs": { "out": "/gone" },
    });
    // The evaluation refuses some: files below files, say.
    let Ok(parsed) = Attrs::parse(&packages.store, &document.to_string()) else {
        return;
    };
    let plan = match Plan::new(&parsed) {
        Ok(plan) => plan,
        Err(error) => {
            attrs::check_message(&error);
            return;
        }
    };
    let archive = attrs::write(&plan, &parsed);
    let manifest = aci::manifest(&parsed.spec.image, &plan.contents.mounted, &plan.visible)
        .expect("a manifest");
    assert_eq!(reread::entries(&archive), expected(&plan, manifest));
    let secret = archive
        .windows(SECRET.len())
        .any(|window| window == SECRET.as_bytes());
    assert!(!secret, "{}", plan.tree);
}

/// A description with a bit of everything that shapes a tree.
fn spec(packages: &Packages, choices: &mut Choices<'_>) -> Value {
    let taken: Vec<Value> = (0..=choices.below(PACKAGES))
        .map(|number| {
            json!({
                "name": format!("package-{number}"),
                "paths": [packages.member(number)],
                "priority": choices.pick(&[5, 5, 10]),
            })
        })
        .collect();
    let mut switch = || !choices.rarely(8);
    let skeleton = json!({
        "tmp": switch(), "directories": switch(), "passwd": switch(), "nsswitch": switch(),
        "shell": switch(), "env": switch(), "certificates": switch(),
        // No choices of theirs, which would give all later ones another meaning in the seeds.
        "timeZones": true, "locale": true,
    });
    let mut some = |most: usize, value: &dyn Fn(&mut Choices<'_>) -> Value| -> Value {
        let count = choices.below(most + 1);
        let entries = (0..count).map(|_| (path(choices), value(choices)));
        Value::Object(entries.collect::<Map<_, _>>())
    };
    let files = some(4, &|choices| file(packages, choices));
    let perms = some(
        2,
        &|choices| json!({ "mode": choices.pick(&["0700", "4755"]), "uid": 7, "recursive": choices.rarely(2) }),
    );
    // No two volumes have one path.
    let paths: BTreeSet<String> = (0..choices.below(3)).map(|_| path(choices)).collect();
    let mounts: Map<String, Value> = (0..)
        .zip(paths)
        .map(|(number, path)| (format!("m{number}"), path.into()))
        .collect();
    let exec = match choices.below(4) {
        0 => json!([path(choices)]),
        1 => json!([format!(
            "{}/bin/sh",
            packages.member(choices.below(PACKAGES + 2))
        )]),
        _ => json!([]),
    };
    let changes = json!({
        "kind": choices.pick(&["fat", "fat", "thin", "static"]),
        "packages": taken,
        "pathsToLink": choices.pick(&[&["/"] as &[&str], &["/", "/etc"], &["/bin"], &["/etc", "/share/info"]]),
        "exec": exec,
        "user": choices.pick(&["0", "a", "nobody", "/etc/passwd"]),
        "files": files,
        "perms": perms,
        "mounts": mounts,
        "skeleton": skeleton,
        "dnsquirks": choices.rarely(2),
        "sign": false,
        "compression": { "method": "none" },
    });
    let mut arguments = arguments();
    arguments.extend(changes.as_object().cloned().unwrap_or_default());
    nested(&arguments)
}

fn path(choices: &mut Choices<'_>) -> String {
    let names = (0..=choices.below(3)).map(|_| choices.pick(&NAMES));
    names.fold(String::new(), |path, name| format!("{path}/{name}"))
}

fn file(packages: &Packages, choices: &mut Choices<'_>) -> Value {
    match choices.below(4) {
        0 => json!({ "text": "text", "mode": "0600", "uid": 1 }),
        1 => json!({ "directory": true }),
        2 => json!({ "symlink": packages.target(choices) }),
        _ => {
            json!({ "source": format!("{}/{}", packages.member(choices.below(PACKAGES + 2)), choices.pick(&["", "etc", "bin", "bin/sh"])).trim_end_matches('/') })
        }
    }
}

/// What the archive of `plan` holds, store paths read from disk.
fn expected(plan: &Plan, manifest: String) -> BTreeMap<String, Found> {
    let mut expected = BTreeMap::new();
    let mut add = |path: &str, kind, attributes: Attributes| {
        let found = Found {
            kind,
            mode: attributes.mode,
            uid: attributes.uid.into(),
            gid: attributes.gid.into(),
        };
        expected.insert(path.to_owned(), found);
    };
    add(
        "manifest",
        Kind::File(manifest.into_bytes()),
        Attributes::root(0o644),
    );
    let visited: Result<(), std::convert::Infallible> = plan.tree.visit(&mut |path, entry| {
        let path = format!("rootfs{path}");
        let kind = match &entry.node {
            Node::Directory(_)
            | Node::Mounted {
                directory: true, ..
            } => Kind::Directory,
            Node::Mounted {
                directory: false, ..
            } => Kind::File(Vec::new()),
            Node::File(Source::Text(text)) => Kind::File(text.clone().into_bytes()),
            Node::File(Source::Store { path, .. }) => Kind::File(fs::read(path).expect("a file")),
            Node::File(Source::Foreign { .. }) => panic!("no image from elsewhere is here"),
            Node::Symlink(target) => Kind::Symlink(target.clone()),
            Node::Packed(store_path) => {
                from_disk(Path::new(store_path.as_str()), &path, &mut add);
                return Ok(());
            }
        };
        add(&path, kind, entry.attributes);
        Ok(())
    });
    let Ok(()) = visited;
    expected
}

fn from_disk(disk: &Path, path: &str, add: &mut impl FnMut(&str, Kind, Attributes)) {
    let metadata = fs::symlink_metadata(disk).expect("a store path");
    if metadata.is_symlink() {
        let target = fs::read_link(disk).expect("a link");
        let target = target.to_str().expect("UTF-8").to_owned();
        add(path, Kind::Symlink(target), Attributes::root(0o777));
    } else if metadata.is_file() {
        let executable = metadata.permissions().mode() & 0o100 != 0;
        let mode = if executable { 0o555 } else { 0o444 };
        add(
            path,
            Kind::File(fs::read(disk).expect("a file")),
            Attributes::root(mode),
        );
    } else {
        add(path, Kind::Directory, Attributes::root(0o555));
        for entry in fs::read_dir(disk).expect("a directory") {
            let entry = entry.expect("an entry");
            let name = entry.file_name();
            let name = name.to_str().expect("UTF-8");
            from_disk(&entry.path(), &format!("{path}/{name}"), add);
        }
    }
}
