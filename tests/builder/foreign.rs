//! Images of other tools below (`fromImage`): what is read of them, what is taken over, what is refused.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tar::EntryType;

use crate::fixture::{Request, World};
use crate::foreign_image::{Archive, Built, Fault, Foreign, Packing, Sort};
use crate::package::{Item, Package};

/// A base as distributions make them: `/bin` is a link, there are accounts, a hard link, a device.
fn debian() -> Archive {
    Archive::new()
        .directory("/")
        .directory("./")
        .directory("usr/")
        .directory("usr/bin/")
        .file("usr/bin/sh", 0o755, "ELF of another tool")
        .file("usr/bin/text", 0o644, "no program")
        .link("bin", "usr/bin")
        .directory("etc/")
        .file(
            "etc/passwd",
            0o644,
            "root:x:0:0::/root:/bin/sh\nwww:x:33:34::/:/bin/sh\n",
        )
        .file("etc/group", 0o644, "root:x:0:\nwww:x:34:\n")
        .file("etc/shadow", 0o640, "root:*:1::::::\nwww:*:1::::::\n")
        .file("etc/gone", 0o644, "1")
        .file("etc/kept", 0o644, "1")
        .directory("var/")
        .directory("var/opaque/")
        .file("var/opaque/lower", 0o644, "1")
        .add("usr/bin/dash", &Sort::HardLink("usr/bin/sh"))
        .add("dev/null", &Sort::Device)
}

fn above() -> Archive {
    Archive::new()
        .file("etc/.wh.gone", 0o644, "")
        .file("var/opaque/upper", 0o644, "2")
        .file("var/opaque/.wh..wh..opq", 0o644, "")
        // Written to what is mounted, this goes behind the link.
        .file("bin/late", 0o755, "2")
}

fn sample(world: &World) -> Foreign {
    Foreign::new(world.path())
        .layer(debian().bytes(), Packing::Gzip)
        .layer(above().bytes(), Packing::Plain)
        .config(json!({
            "User": "www", "Env": ["PATH=/usr/bin", "A=theirs"], "WorkingDir": "/var",
            "Cmd": ["sh", "-c", "true"], "Entrypoint": ["/usr/bin/entry"], "ExposedPorts": { "80/tcp": {} },
            "Volumes": { "/data": {} }, "StopSignal": "SIGQUIT",
        }))
}

/// An image on one that was read to `from`.
fn on<'w>(world: &'w World, from: &Path, packages: &[&str]) -> Request<'w> {
    world.image(packages).with(
        json!({ "face": "oci", "fromImage": { "path": from, "itsUser": true, "itsGroup": true } }),
    )
}

/// Reads a foreign image as its derivation does.
fn read<'w>(world: &'w World, source: &Path) -> Request<'w> {
    world.image(&[]).with(json!({
        "name": "from-image", "face": "foreign", "compression": { "method": "none" },
        "fromImage": { "path": source },
    }))
}

fn known(out: &Path) -> Value {
    serde_json::from_slice(&fs::read(out.join("image.json")).unwrap()).unwrap()
}

/// What is known of an entry.
fn entry(known: &Value, path: &str) -> Option<Value> {
    let mut entries = known["entries"].as_array().unwrap().iter();
    entries.find(|entry| entry["path"] == path).cloned()
}

#[test]
fn layers_are_laid_as_runtimes_lay_them() {
    let world = World::new();
    let out = read(&world, &sample(&world).layout()).write().0;
    let known = known(&out);
    let what = |path: &str| entry(&known, path).map(|entry| entry["what"].clone());
    assert_eq!(what("/bin"), Some(json!({ "symlink": "usr/bin" })));
    assert_eq!(
        what("/usr/bin/late"),
        Some(json!({ "file": 1 })),
        "behind the link"
    );
    assert_eq!(
        what("/usr/bin/dash"),
        Some(json!({ "file": 19 })),
        "a hard link is the file"
    );
    assert_eq!(entry(&known, "/usr/bin/dash").unwrap()["mode"], 0o755);
    assert_eq!(what("/dev/null"), Some(json!({ "file": 0 })));
    assert_eq!(what("/etc/gone"), None, "a whiteout");
    assert_eq!(what("/etc/kept"), Some(json!({ "file": 1 })));
    assert_eq!(what("/var/opaque/lower"), None, "a directory made opaque");
    assert_eq!(what("/var/opaque/upper"), Some(json!({ "file": 1 })));
    assert!(
        what("/etc/shadow").unwrap()["text"]
            .as_str()
            .unwrap()
            .contains("www")
    );
    assert!(!known.to_string().contains(".wh."), "{known}");
}

#[test]
fn every_form_gives_the_same_layers() {
    let world = World::new();
    let sample = sample(&world);
    let plain = read(&world, &sample.layout()).write().0;
    let list = |out: &Path| -> Vec<Value> {
        let list: Value =
            serde_json::from_slice(&fs::read(out.join("layers.json")).unwrap()).unwrap();
        list["layers"].as_array().unwrap().clone()
    };
    let layers = list(&plain);
    for layer in &layers {
        let digest = layer["descriptor"]["digest"].as_str().unwrap();
        let blob = plain.join("blobs/sha256").join(&digest[7..]);
        assert!(
            fs::symlink_metadata(&blob).unwrap().is_symlink(),
            "a link into the layout"
        );
        assert_eq!(
            crate::foreign_image::digest(&fs::read(blob).unwrap()),
            digest
        );
    }
    assert_eq!(
        layers[0]["descriptor"]["mediaType"],
        "application/vnd.oci.image.layer.v1.tar+gzip"
    );
    assert_eq!(
        layers[1]["descriptor"]["mediaType"],
        "application/vnd.oci.image.layer.v1.tar"
    );
    let archive = read(&world, &sample.oci_archive()).write().0;
    assert_eq!(list(&archive), layers);
    assert_eq!(known(&archive), known(&plain));
    // A docker archive has its layers uncompressed, behind links, and may be compressed as a whole.
    for docker in [sample.docker_archive(false), sample.docker_archive(true)] {
        let out = read(&world, &docker).write().0;
        let ids = |layers: &[Value]| {
            layers
                .iter()
                .map(|l| l["diffId"].clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(ids(&list(&out)), ids(&layers));
        assert_eq!(known(&out), known(&plain));
        let names: Vec<PathBuf> = fs::read_dir(&out)
            .unwrap()
            .map(|e| e.unwrap().path())
            .collect();
        assert_eq!(names.len(), 3, "nothing else is left: {names:?}");
    }
    let zstd = Foreign::new(world.path()).layer(debian().bytes(), Packing::Zstd);
    let out = read(&world, &zstd.layout()).write().0;
    assert_eq!(
        list(&out)[0]["descriptor"]["mediaType"],
        "application/vnd.oci.image.layer.v1.tar+zstd"
    );
}

/// Builders of images write an empty layer for every step that changes no file.
#[test]
fn a_layer_may_be_there_again() {
    let world = World::new();
    let nothing = || Archive::new().bytes();
    let image = Foreign::new(world.path())
        .layer(nothing(), Packing::Gzip)
        .layer(debian().bytes(), Packing::Gzip)
        .layer(nothing(), Packing::Gzip)
        .config(json!({}));
    for source in [
        image.layout(),
        image.oci_archive(),
        image.docker_archive(false),
    ] {
        let out = read(&world, &source).write().0;
        let built = Built::of(&on(&world, &out, &[]));
        let digests = built.digests();
        assert_eq!(digests.len(), 4, "{}", source.display());
        assert_eq!(digests[0], digests[2]);
        let names = fs::read_dir(&out).unwrap();
        let partial = names.filter(|name| {
            let name = name.as_ref().unwrap().file_name();
            name.as_encoded_bytes().starts_with(b".")
        });
        assert_eq!(partial.count(), 0, "{}", source.display());
    }
}

#[test]
fn an_image_has_their_layers_and_takes_over_how_it_is_run() {
    let mut world = World::new();
    let app = world.add(&Package::new("app").program("bin/app"));
    let from = read(&world, &sample(&world).layout()).write().0;
    let image =
        Built::of(&on(&world, &from, &[&app]).with(json!({ "env": { "A": "ours", "B": "1" } })));
    let config = &image.config["config"];
    assert_eq!(config["Env"], json!(["PATH=/usr/bin", "A=ours", "B=1"]));
    assert_eq!(config["User"], "www:34", "the group is that of the account");
    assert_eq!(config["WorkingDir"], "/var");
    assert_eq!(config["Entrypoint"], json!(["/usr/bin/entry"]));
    assert_eq!(config["Cmd"], json!(["sh", "-c", "true"]));
    assert_eq!(config["StopSignal"], "SIGQUIT");
    assert_eq!(config["ExposedPorts"], json!({ "80/tcp": {} }));
    assert_eq!(config["Volumes"], json!({ "/data": {} }));
    let list: Value = serde_json::from_slice(&fs::read(from.join("layers.json")).unwrap()).unwrap();
    for (at, layer) in list["layers"].as_array().unwrap().iter().enumerate() {
        assert_eq!(
            image.manifest["layers"][at]["digest"],
            layer["descriptor"]["digest"]
        );
        assert_eq!(image.config["rootfs"]["diff_ids"][at], layer["diffId"]);
    }
    assert!(
        image
            .log
            .contains("exec: is not given, so that what fromImage runs is run"),
        "{}",
        image.log
    );
    // What packages have in /bin goes behind the link, which stays.
    assert!(image.root("bin").is_none());
    assert!(image.root("usr/bin/app").is_some());
    assert!(image.root("usr/bin/sh").is_none() && image.root("etc/passwd").is_none());

    let image = Built::of(&on(&world, &from, &[&app]).with(json!({
        "exec": ["/bin/sh"], "workingDirectory": "/usr", "user": "7", "stopSignal": "SIGINT",
        "fromImage": { "path": from },
    })));
    let config = &image.config["config"];
    assert_eq!(config["Entrypoint"], json!(["/bin/sh"]));
    assert_eq!(config.get("Cmd"), None);
    assert_eq!(config["WorkingDir"], "/usr");
    assert_eq!(config["User"], "7:0");
    assert_eq!(config["StopSignal"], "SIGINT");
}

#[test]
fn what_they_have_is_found_and_checked() {
    let mut world = World::new();
    let script = world.add(&Package::new("script").item(
        "bin/app",
        Item::File {
            content: b"#!/bin/sh\n".to_vec(),
            executable: true,
        },
    ));
    let other = world.add(&Package::new("other").program("bin/dash"));
    let from = read(&world, &sample(&world).layout()).write().0;
    let image = |members: Value| on(&world, &from, &[&script]).with(members);
    Built::of(&image(
        json!({ "exec": ["/bin/app"], "user": "www", "group": "www" }),
    ));
    Built::of(&image(
        json!({ "exec": ["/bin/late"], "user": "/etc/kept" }),
    ));
    image(json!({ "exec": ["/bin/text"] }))
        .refused_with(&["exec: /bin/text is a file that may not be executed"]);
    image(json!({ "exec": ["/bin/late2"] })).refused_with(&[
        "exec: /bin/late2 leads to /usr/bin/late2, which is not in the image",
        "/usr/bin/late",
    ]);
    image(json!({ "user": "wwww", "fromImage": { "path": from } })).refused_with(&[
        "user: \"wwww\" is not in the image's /etc/passwd",
        "\"www\"",
    ]);
    image(json!({ "perms": { "/etc/kept": { "mode": "0600" } } })).refused_with(&[
        "perms.\"/etc/kept\": /etc/kept is a file of the image of fromImage, whose content is not packed again",
        "files.\"/etc/kept\"",
    ]);
    image(json!({ "perms": { "/etc": { "mode": "0700", "recursive": true } } }))
        .refused_with(&["/etc/kept is a file of the image of fromImage"]);
    let image = Built::of(&image(json!({ "perms": { "/etc": { "mode": "0700" } } })));
    assert!(image.root("etc").is_some() && image.root("etc/kept").is_none());
    on(&world, &from, &[&other]).refused_with(&[
        "the image of fromImage and other bring different content for /usr/bin/dash",
    ]);
}

#[test]
fn accounts_are_joined() {
    let world = World::new();
    let from = read(&world, &sample(&world).layout()).write().0;
    let image = on(&world, &from, &[]).skeleton("passwd");
    let image = Built::of(
        &image.with(json!({ "user": "web", "group": "web", "fromImage": { "path": from } })),
    );
    let text = image.text("etc/passwd");
    assert!(
        text.contains("www:x:33:34:") && text.contains("web:x:1000:1000:"),
        "{text}"
    );
    assert!(image.root("etc/shadow").is_none());
}

#[test]
fn a_store_path_of_theirs_does_not_keep_ours_away() {
    let mut world = World::new();
    let app = world.add(&Package::new("app").program("bin/app"));
    let theirs = Archive::new()
        .file(
            &format!("{}/bin/app", &app[1..]),
            0o755,
            "what nobody knows",
        )
        .file(
            &format!("{}/abc", &world.store()[1..]),
            0o644,
            "no store path",
        );
    let from = read(
        &world,
        &Foreign::new(world.path())
            .layer(theirs.bytes(), Packing::Plain)
            .layout(),
    )
    .write()
    .0;
    let image = Built::of(&on(&world, &from, &[&app]));
    let comments = image.config["history"].as_array().unwrap().iter();
    let comments: Vec<&Value> = comments.map(|history| &history["comment"]).collect();
    assert_eq!(
        comments,
        ["", "app", "root file system"],
        "ours is packed, above theirs"
    );
}

#[test]
fn who_stands_on_such_an_image_has_its_layers_too() {
    let mut world = World::new();
    let app = world.add(&Package::new("app").program("bin/app"));
    let tool = world.add(&Package::new("tool").program("bin/tool"));
    let from = read(&world, &sample(&world).layout()).write().0;
    let base = on(&world, &from, &[&app]);
    let built = Built::of(&base);
    let top = world
        .image(&[&tool])
        .with(json!({ "name": "example.com/top", "face": "oci", "exec": ["/bin/sh"] }))
        .on(&base, &built.out);
    let top = Built::of(&top);
    assert_eq!(top.digests()[..built.digests().len()], built.digests());
    assert!(top.root("usr/bin/tool").is_some() && top.root("usr/bin/app").is_none());
    assert_eq!(
        top.config["config"].get("Env"),
        None,
        "a base says how it is run itself, and no other"
    );
}

#[test]
fn another_image_than_is_wanted_is_refused() {
    let world = World::new();
    let refused = |source: PathBuf, parts: &[&str]| read(&world, &source).refused_with(parts);
    let arm = sample(&world).arch("arm64");
    refused(
        arm.layout(),
        &[
            "fromImage: ",
            "it holds images for linux/arm64, and this image is for linux/amd64",
            "set arch and os",
        ],
    );
    refused(
        arm.docker_archive(false),
        &["it is for linux/arm64, and this image is for linux/amd64"],
    );
    // Of several, the one for the platform is taken, and what is no image passed over.
    let both = sample(&world).beside(arm.clone()).layout();
    read(&world, &both).write();
    let other = Foreign::new(world.path()).layer(above().bytes(), Packing::Plain);
    refused(
        sample(&world).beside(other).layout(),
        &[
            "it holds 2 images for linux/amd64",
            "skopeo copy oci:DIRECTORY:TAG",
        ],
    );
    refused(
        world.path().to_owned(),
        &["neither index.json", "no OCI layout"],
    );
    let file = |name: &str, bytes: &[u8]| {
        let path = world.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    refused(
        file("text", b"no archive"),
        &["it is no archive of an image"],
    );
    refused(
        file("script", b"#!/bin/sh\n"),
        &["it is a program", "buildLayeredImage"],
    );
    refused(file("empty.tar", &[0; 1024]), &["neither index.json"]);
}

#[test]
fn what_is_damaged_is_refused() {
    let world = World::new();
    let refused = |image: &Foreign, parts: &[&str]| {
        read(&world, &image.layout()).refused_with(parts);
        read(&world, &image.oci_archive()).refused_with(parts);
    };
    refused(
        &sample(&world).fault(Fault::DamagedLayer),
        &[
            "the layer blobs/sha256/",
            "its digest is sha256:",
            "it is damaged",
        ],
    );
    refused(
        &sample(&world).fault(Fault::NoLayer),
        &["the layer blobs/sha256/"],
    );
    refused(
        &sample(&world).fault(Fault::WrongDiffId),
        &[
            "uncompressed, its digest is sha256:",
            "the configuration tells",
        ],
    );
    refused(
        &sample(&world).fault(Fault::DamagedConfig),
        &["has the digest", "and not that of its name"],
    );
    refused(
        &sample(&world).fault(Fault::FewerLayers),
        &["its manifest has 1 layers, and its configuration 2"],
    );
    let whole = fs::read(sample(&world).docker_archive(false)).unwrap();
    for end in [whole.len() / 3, 700, 100] {
        let path = world.path().join(format!("cut-{end}"));
        fs::write(&path, &whole[..end]).unwrap();
        read(&world, &path).refused_with(&["truncated"]);
    }
}

#[test]
fn what_no_image_holds_is_refused() {
    let world = World::new();
    let refused_bytes = |bytes: Vec<u8>, parts: &[&str]| {
        let image = Foreign::new(world.path()).layer(bytes, Packing::Gzip);
        read(&world, &image.layout()).refused_with(parts);
    };
    let refused = |archive: Archive, parts: &[&str]| refused_bytes(archive.bytes(), parts);
    let file = |path: &str| Archive::new().file(path, 0o644, "");
    refused(
        file("etc/../../x"),
        &["\"etc/../../x\" leads out of the image"],
    );
    refused(file("/etc/x"), &["\"/etc/x\" is an absolute path"]);
    refused(
        Archive::new().add("a", &Sort::HardLink("../etc/shadow")),
        &["leads out of the image"],
    );
    refused(
        Archive::new().add("a", &Sort::HardLink("b")),
        &["/a is a hard link to /b, where no file is"],
    );
    refused(file(&"long/".repeat(900)), &["longer than any file's"]);
    refused(
        Archive::new().raw(&[7; 1024]),
        &["a header is no header of tar"],
    );
    refused_bytes(
        file("a").file("b", 0o644, "content").cut(500),
        &["truncated"],
    );
    refused(
        Archive::new().claims(EntryType::Regular, u64::MAX / 2),
        &["truncated"],
    );
    refused(
        Archive::new().claims(EntryType::XHeader, 1 << 40),
        &["the attributes of a member have"],
    );
}

#[test]
fn names_of_any_length_are_read() {
    let world = World::new();
    let long = format!("{}/file", ["directory-with-a-name"; 12].join("/"));
    for pax in [false, true] {
        let archive = Archive::new().long(&long, pax).file("next", 0o644, "");
        let image = Foreign::new(world.path()).layer(archive.bytes(), Packing::Gzip);
        let known = known(&read(&world, &image.layout()).write().0);
        assert!(entry(&known, &format!("/{long}")).is_some(), "pax: {pax}");
        assert!(entry(&known, "/next").is_some());
    }
}
