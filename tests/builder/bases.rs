//! Images that stand on others: what they add, what they find below, what they refuse.

use serde_json::{Value, json};

use crate::archive::Kind;
use crate::fixture::{Request, World, package_json};
use crate::image::Image;
use crate::package::{Item, Package};

/// A base with a shell and a library, and an application that needs the library.
struct Sample {
    world: World,
    shell: String,
    library: String,
    app: String,
}

impl Sample {
    fn new() -> Self {
        let mut world = World::new();
        let library = world.add(&Package::new("library").file("lib/l", "library"));
        let shell = Package::new("shell")
            .program("bin/sh")
            .file("share/doc/shell", "text")
            .file("etc/shell.conf", "of the shell")
            .file("share/library", &library)
            .refers(&library);
        let shell = world.add(&shell);
        let script = Item::File {
            content: b"#!/bin/sh\n".to_vec(),
            executable: true,
        };
        let app = Package::new("app")
            .item("bin/app", script)
            .file("share/doc/app", "text")
            .file("share/of-library", &library)
            .refers(&library);
        let app = world.add(&app);
        Self {
            world,
            shell,
            library,
            app,
        }
    }

    fn base(&self) -> Request<'_> {
        let base = self.world.image(&[&self.shell]);
        base.with(json!({ "name": "example.com/base" }))
            .skeleton("passwd")
            .skeleton("tmp")
    }

    fn app(&self) -> Request<'_> {
        self.world.image(&[&self.app])
    }
}

fn paths(image: &Image) -> Vec<String> {
    let paths = image
        .entries
        .iter()
        .map(|entry| String::from_utf8_lossy(&entry.path).into_owned());
    paths.collect()
}

fn text(image: &Image, path: &str) -> String {
    match &image
        .get(path)
        .unwrap_or_else(|| panic!("{path} is not there"))
        .kind
    {
        Kind::File(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        other => panic!("{path} is {other:?}"),
    }
}

#[test]
fn an_image_adds_what_its_base_lacks() {
    let sample = Sample::new();
    let base = sample.base();
    let built = base.build();
    let app = sample
        .app()
        .skeleton("passwd")
        .skeleton("tmp")
        .on(&base, &built.out);
    let image = app.build();
    let app = sample.app.as_str();
    let inside = |path: &str| format!("rootfs{path}");
    let store = sample.world.store();
    let mut parents: Vec<String> = Vec::new();
    for (at, _) in store.match_indices('/').skip(1) {
        parents.push(inside(&store[..at]));
    }
    parents.push(inside(&store));
    let mut expected: Vec<String> = [
        "manifest",
        "rootfs",
        "rootfs/bin",
        "rootfs/bin/app",
        "rootfs/share",
    ]
    .map(str::to_owned)
    .into();
    expected.extend(["rootfs/share/doc", "rootfs/share/doc/app"].map(str::to_owned));
    expected.push("rootfs/share/of-library".to_owned());
    expected.extend(parents);
    for below in [
        "",
        "/bin",
        "/bin/app",
        "/share",
        "/share/doc",
        "/share/doc/app",
        "/share/of-library",
    ] {
        expected.push(inside(&format!("{app}{below}")));
    }
    let (mut found, mut wanted) = (paths(&image), expected);
    found.sort();
    wanted.sort();
    assert_eq!(found, wanted);

    let figures: Value = serde_json::from_slice(&built.files["base-1.0.json"]).unwrap();
    let dependency = &image.manifest()["dependencies"][0];
    assert_eq!(dependency["imageID"], figures["imageID"]);
    assert_eq!(dependency["size"], figures["compressedSize"]);
    assert!(image.get(&sample.library).is_none(), "the base has it");
}

#[test]
fn a_link_to_a_directory_below_becomes_a_directory() {
    let mut sample = Sample::new();
    let linked = Package::new("linked")
        .file("real/one", "1")
        .link("lib", "real");
    let linked = sample.world.add(&linked);
    let other = sample
        .world
        .add(&Package::new("other").file("lib/two", "2"));
    let base = sample
        .world
        .image(&[&linked])
        .with(json!({ "name": "example.com/base" }));
    let built = base.build();
    assert!(matches!(built.get("/lib").unwrap().kind, Kind::Link(_)));
    let image = sample.world.image(&[&other]).on(&base, &built.out).build();
    assert!(matches!(image.get("/lib").unwrap().kind, Kind::Directory));
    for path in ["/lib/one", "/lib/two"] {
        assert!(image.get(path).is_some(), "{path}");
    }
    // A link of the author's stays: what goes below it goes where it leads.
    let base = sample.world.image(&[]).with(json!({
        "name": "example.com/base",
        "files": { "/lib": { "symlink": "usr/lib" }, "/usr/lib": { "directory": true } },
    }));
    let built = base.build();
    let image = sample
        .world
        .image(&[&other])
        .with(json!({ "files": { "/lib/three": { "text": "3" } } }));
    let image = image.on(&base, &built.out).build();
    assert!(image.get("/lib").is_none());
    for path in ["/usr/lib/two", "/usr/lib/three"] {
        assert!(image.get(path).is_some(), "{path}");
    }
}

#[test]
fn programs_users_and_interpreters_may_be_the_bases() {
    let sample = Sample::new();
    let base = sample.base().with(json!({ "user": "db", "group": "db" }));
    let built = base.build();
    let on = |members: Value| sample.app().with(members).on(&base, &built.out);
    on(json!({ "exec": ["/bin/app"] })).build();
    on(json!({
        "exec": ["/bin/sh"], "user": "db", "group": "/etc/shell.conf", "workingDirectory": "/share",
        "eventHandlers": { "pre-start": ["/bin/sh"] }, "pathWhitelist": ["/bin/sh", "/etc/shell.conf"],
    }))
    .build();
    on(json!({ "exec": ["/bin/shh"] }))
        .refused_with(&["exec: /bin/shh is not in the image", "/bin/sh"]);
    on(json!({ "user": "dbb" }))
        .refused_with(&["user: \"dbb\" is not in the image's /etc/passwd", "\"db\""]);
}

#[test]
fn an_image_from_elsewhere_may_have_what_is_not_here() {
    let sample = Sample::new();
    let image = sample.app().with(json!({
        "dependencies": [{ "imageName": "example.com/elsewhere" }],
        "exec": ["/bin/unknown"], "user": "somebody", "workingDirectory": "/somewhere",
    }));
    let log = image.build().log;
    for part in [
        "exec: /bin/unknown",
        "user: somebody",
        "workingDirectory: /somewhere",
    ] {
        assert!(
            log.contains(&format!("{part} is not in this image, and what")),
            "{log}"
        );
    }
}

#[test]
fn accounts_of_both_are_there() {
    let sample = Sample::new();
    let base = sample.base().with(json!({ "user": "db", "group": "db" }));
    let built = base.build();
    // By its skeleton, the application gets a number that is free.
    let app = sample.app().skeleton("passwd");
    let image = app
        .with(json!({ "user": "web", "group": "web" }))
        .on(&base, &built.out)
        .build();
    let accounts = text(&image, "/etc/passwd");
    assert!(accounts.contains("db:x:1000:1000:"), "{accounts}");
    assert!(accounts.contains("web:x:1001:1001:"), "{accounts}");
    assert!(text(&image, "/etc/group").contains("db:x:1000:"));

    let files = |passwd: &str| json!({ "files": { "/etc/passwd": { "text": passwd } } });
    let image = sample
        .app()
        .with(files("own:x:7:7::/:/bin/sh\n"))
        .on(&base, &built.out)
        .build();
    let accounts = text(&image, "/etc/passwd");
    assert!(
        accounts.contains("db:x:1000") && accounts.ends_with("own:x:7:7::/:/bin/sh\n"),
        "{accounts}"
    );
    assert!(image.get("/etc/group").is_none(), "nothing changed there");

    let other = sample
        .app()
        .with(files("db:x:7:7::/:/bin/sh\n"))
        .on(&base, &built.out);
    other.refused_with(&[
        "dependencies: db is \"db:x:1000",
        "example.com/base",
        "db:x:7:7",
        "same number",
    ]);
}

#[test]
fn a_collision_with_a_base_names_both() {
    let mut sample = Sample::new();
    let other = sample
        .world
        .add(&Package::new("other").file("etc/shell.conf", "of another"));
    let base = sample.base();
    let built = base.build();
    let image = sample.world.image(&[&other]).on(&base, &built.out);
    image.refused_with(&[
        "shell of the image example.com/base and other bring different content for /etc/shell.conf",
    ]);
    // Priority settles it, as within one image, and so do files.
    let on = |members: Value| {
        sample
            .world
            .image(&[])
            .with(members)
            .on(&base, &built.out)
            .build()
    };
    let image = on(json!({ "packages": [package_json(&other, 1)] }));
    assert_eq!(text(&image, "/etc/shell.conf"), "of another");
    let image = on(json!({ "packages": [package_json(&other, 9)] }));
    assert!(image.get("/etc/shell.conf").is_none());
    let image = on(json!({
        "packages": [package_json(&other, 9)], "files": { "/etc/shell.conf": { "text": "mine" } },
    }));
    assert_eq!(text(&image, "/etc/shell.conf"), "mine");
}

#[test]
fn a_diamond_has_each_once_and_its_sides_agree() {
    let mut sample = Sample::new();
    let one = sample.world.add(
        &Package::new("one")
            .file("etc/side", "one")
            .file("lib/one", "1"),
    );
    let two = sample.world.add(
        &Package::new("two")
            .file("etc/side", "two")
            .file("lib/two", "2"),
    );
    let base = sample.base();
    let base_out = base.build().out;
    let side = |path: &str, name: &str| {
        let name = format!("example.com/{name}");
        sample
            .world
            .image(&[path])
            .with(json!({ "name": name }))
            .on(&base, &base_out)
    };
    let (left, right) = (side(&one, "left"), side(&two, "right"));
    let (left_out, right_out) = (left.build().out, right.build().out);
    let top = || sample.app().on(&left, &left_out).on(&right, &right_out);
    top().refused_with(&[
        "dependencies: the images example.com/left and example.com/right bring different content for /etc/side",
    ]);
    let image = top()
        .with(json!({ "files": { "/etc/side": { "text": "both" } } }))
        .build();
    assert_eq!(text(&image, "/etc/side"), "both");
    for held in [&one, &two, &sample.shell] {
        assert!(image.get(held).is_none(), "{held} is below");
    }
    // Below, /lib is a link of one of them, and what the other has there must not be lost.
    for entry in ["/lib/one", "/lib/two"] {
        assert!(
            image.get("/lib").is_none() || image.get(entry).is_some(),
            "{entry}"
        );
    }
}

#[test]
fn what_a_whitelist_hides_below_is_not_there() {
    let sample = Sample::new();
    let base = sample
        .base()
        .with(json!({ "exec": ["/bin/sh"], "pathWhitelist": ["/bin/sh"] }));
    let built = base.build();
    let on = |members: Value| sample.app().with(members).on(&base, &built.out);
    on(json!({ "exec": ["/bin/sh"] })).build();
    on(json!({ "group": "/etc/shell.conf" }))
        .refused_with(&["group: /etc/shell.conf is not in the image"]);
}

#[test]
fn a_thin_image_mounts_what_its_bases_mount() {
    let sample = Sample::new();
    let base = sample.base().with(json!({ "kind": "thin" }));
    let built = base.build();
    let app = sample
        .app()
        .with(json!({ "kind": "thin", "exec": ["/bin/sh"] }));
    let image = app.on(&base, &built.out).build();
    let lists = String::from_utf8_lossy(&image.files["app-1.0.mounts"]).into_owned();
    for path in [&sample.app, &sample.shell, &sample.library] {
        assert!(lists.contains(path.as_str()), "{path}");
    }
    let points = image.manifest()["app"]["mountPoints"]
        .as_array()
        .unwrap()
        .len();
    assert_eq!(points, 3);
}
