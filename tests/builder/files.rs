//! `files`: what the user puts in.

use serde_json::{Value, json};

use crate::fixture::World;
use crate::package::Package;

pub(crate) fn sample() -> (World, String, String) {
    let mut world = World::new();
    let source = world.add(
        &Package::new("source")
            .file("conf", "conf")
            .program("run")
            .file("tree/a", "a")
            .program("tree/sub/b")
            .link("tree/inner", "sub/b")
            .link("tree/outer", "../conf")
            .link("tree/absolute", world.place("source") + "/tree/sub"),
    );
    let package = Package::new("p")
        .program("bin/p")
        .file("etc/p.conf", "package's")
        .file("share/p/data", "data")
        .link("sbin", "bin")
        .link("opt", "share/p");
    let package = world.add(&package);
    (world, package, source)
}

#[test]
fn each_kind_of_file_is_put_in() {
    let (world, package, source) = sample();
    let files = json!({
        "/a/text": { "text": "text\n" },
        "/a/text with mode": { "text": "", "mode": "0600", "uid": 1000, "gid": 3_000_000_000_u32 },
        "/a/directory": { "directory": true, "mode": "1777" },
        "/a/link": { "symlink": "../anywhere at all", "uid": 7 },
        "/a/source": { "source": format!("{source}/conf"), "mode": "444" },
        "/a/run": { "source": format!("{source}/run"), "uid": 2 },
        "/a/tree": { "source": format!("{source}/tree"), "gid": 3 },
    });
    let request = world
        .image(&[&package])
        .with(json!({ "pathsToLink": ["/none"], "files": files }));
    let image = request.build();
    image.has_root(&[
        "0755 /a/",
        "1777 /a/directory/",
        "/a/link -> ../anywhere at all 7:0",
        "0755 /a/run \"a program\\n\" 2:0",
        "0444 /a/source \"conf\"",
        "0644 /a/text \"text\\n\"",
        "0600 /a/text with mode \"\" 1000:3000000000",
        "0755 /a/tree/ 0:3",
        "0644 /a/tree/a \"a\" 0:3",
        "0755 /a/tree/absolute/ 0:3",
        "0755 /a/tree/absolute/b \"a program\\n\" 0:3",
        "/a/tree/inner -> sub/b",
        "0644 /a/tree/outer \"conf\" 0:3",
        "0755 /a/tree/sub/ 0:3",
        "0755 /a/tree/sub/b \"a program\\n\" 0:3",
    ]);
    assert!(
        image.get(&source).is_none(),
        "what is copied is not dragged along"
    );
}

#[test]
fn the_user_wins_over_packages() {
    let (world, package, source) = sample();
    let files = json!({
        "/bin/p": { "text": "mine", "mode": "0755" },
        "/etc/p.conf": { "text": "mine" },
        "/sbin/extra": { "symlink": "p" },
        "/opt/extra": { "text": "extra" },
        "/share/p": { "source": format!("{source}/tree/sub") },
    });
    world
        .image(&[&package])
        .with(json!({ "files": files }))
        .build()
        .has_root(&[
            "0755 /bin/",
            "0755 /bin/p \"mine\"",
            "0755 /etc/",
            "0644 /etc/p.conf \"mine\"",
            "0755 /opt/",
            "/opt/data -> @p/share/p/data",
            "0644 /opt/extra \"extra\"",
            "0755 /sbin/",
            "/sbin/extra -> p",
            "/sbin/p -> @p/bin/p",
            "0755 /share/",
            "0755 /share/p/",
            "0755 /share/p/b \"a program\\n\"",
            "/share/p/data -> @p/share/p/data",
        ]);
}

#[test]
fn what_cannot_be_put_in_is_told() {
    let (mut world, package, source) = sample();
    let cases = [
        (
            "/x",
            json!({ "source": "/etc/shadow" }),
            "outside the closure",
        ),
        (
            "/x",
            json!({ "source": format!("{source}/gone") }),
            "is not there",
        ),
        (
            "/x",
            json!({ "source": format!("{source}/tree"), "mode": "0644" }),
            "set modes with perms",
        ),
        (
            "/bin",
            json!({ "text": "" }),
            "would replace the whole directory",
        ),
        (
            "/etc/p.conf/below",
            json!({ "text": "" }),
            "cannot go below /etc/p.conf, which package p brings",
        ),
    ];
    for (path, file, why) in cases {
        let request = world
            .image(&[&package])
            .with(json!({ "files": { path: file } }));
        request.refused_with(&[&format!("files.{path:?}"), why]);
    }
    let bad = world.add(
        &Package::new("bad")
            .link("host/x", "/etc/shadow")
            .link("loop/up", world.place("bad") + "/loop"),
    );
    for (source, why) in [
        ("host", "outside the closure"),
        ("loop", "directory above it"),
    ] {
        let files = json!({ "/x": { "source": format!("{bad}/{source}") } });
        let request = world.image(&[&package]).with(json!({ "files": files }));
        request.refused_with(&["files.\"/x\".source: ", why]);
    }
}

#[test]
fn all_problems_come_at_once() {
    let (world, package, _) = sample();
    let members = json!({
        "files": { "/x": { "source": "/etc/shadow" }, "/bin": { "text": "" } },
        "perms": { "/gone": { "mode": "0644" } },
        "exec": ["/bin/gone"],
    });
    world.image(&[&package]).with(members).refused_with(&[
        "4 problems",
        "files.\"/x\".source",
        "files.\"/bin\"",
        "perms.\"/gone\"",
        "exec",
    ]);
}

#[test]
fn a_wrong_spec_is_one_fault_with_its_path() {
    let (world, package, source) = sample();
    let in_store = format!("{source}/x");
    for (members, parts) in [
        (
            json!({ "files": { "/x": { "text": "", "symlink": "y" } } }),
            ["aci.root.files./x", "one of text, source"],
        ),
        (
            json!({ "files": { "/x": { "symlink": "" } } }),
            ["aci.root.files./x", "nothing that a link can lead to"],
        ),
        (
            json!({ "files": { "/x": { "text": "", "uid": u32::MAX } } }),
            ["aci.root.files./x", "an id is a whole number"],
        ),
        (
            json!({ "files": { "/x\0": { "text": "" } } }),
            ["aci.root.files", "control characters"],
        ),
        (
            json!({ "files": { "x": { "text": "" } } }),
            ["aci.root.files.x", "\"x\" is no absolute path"],
        ),
        (
            json!({ "files": { "/": { "directory": true } } }),
            ["aci.root.files./", "is the root itself"],
        ),
        (
            json!({ "files": { "/x": {} } }),
            ["aci.root.files./x", "one of text, source"],
        ),
        (
            json!({ "files": { "/x": { "text": "", "mode": "888" } } }),
            ["aci.root.files./x", "octal digits"],
        ),
        (
            json!({ "files": { in_store: { "text": "" } } }),
            [&source, "only store paths belong"],
        ),
        (
            json!({ "perms": { "/x": { "mode": "u+s" } } }),
            ["aci.root.perms./x.mode", "octal digits"],
        ),
        (
            json!({ "perms": { format!("{package}/bin"): { "mode": "0755" } } }),
            [&package, "only store paths belong"],
        ),
        (
            json!({ "mounts": { "x": format!("{package}/bin") } }),
            [&package, "only store paths belong"],
        ),
        (
            json!({ "mounts": { "x": "/a:b" } }),
            ["aci.image.mounts", "cut the path"],
        ),
        (json!({ "pathsToLink": [] }), ["pathsToLink", "is empty"]),
        (
            json!({ "exec": ["serve"] }),
            ["aci.image.exec", "absolute path of a program"],
        ),
        (
            json!({ "user": "a:b" }),
            ["aci.image.user", "one number, one name"],
        ),
        (
            json!({ "workingDirectory": "/a/../b" }),
            ["aci.image.workingDirectory", "no absolute path"],
        ),
        (
            json!({ "ports": { "http": { "protocol": "tcp", "port": 0 } } }),
            ["aci.image.ports.http", "0: a port"],
        ),
        (
            json!({ "compression": { "method": "zstd" } }),
            ["zstd", "not for the form aci"],
        ),
        (
            json!({ "face": "oci", "compression": { "method": "xz" } }),
            ["xz", "not for the form oci"],
        ),
        (
            json!({ "name": "n".repeat(120), "version": "1".repeat(101) }),
            ["longer than 220", "files are called so"],
        ),
    ] {
        world.image(&[&package]).with(members).refused_with(&parts);
    }
}

#[test]
fn files_may_be_kept_from_the_store_of_a_thin_image_only_verified() {
    let (world, package, source) = sample();
    let members =
        json!({ "kind": "thin", "files": { "/x": { "source": format!("{source}/conf") } } });
    let image = world.image(&[&package]).with(members.clone()).build();
    assert!(image.get("/x").is_some());
    std::fs::write(format!("{source}/run"), "altered").unwrap();
    world
        .image(&[&package])
        .with(members)
        .refused_with(&[&source, "not what Nix recorded"]);
}

#[test]
fn dnsquirks_write_hosts_unless_somebody_else_does() {
    let (mut world, package, _) = sample();
    let hosts = |request: Value, package: &str, world: &World| {
        let image = world
            .image(&[package])
            .with(json!({ "pathsToLink": ["/etc"] }))
            .with(request)
            .build();
        let found = image
            .lines()
            .into_iter()
            .find(|line| line.contains("/etc/hosts"));
        found.unwrap_or_default()
    };
    assert_eq!(hosts(json!({ "dnsquirks": false }), &package, &world), "");
    assert!(hosts(json!({ "dnsquirks": true }), &package, &world).contains("127.0.0.1 localhost"));
    let files = json!({ "dnsquirks": true, "files": { "/etc/hosts": { "text": "mine" } } });
    assert_eq!(hosts(files, &package, &world), "0644 /etc/hosts \"mine\"");
    let brings = world.add(&Package::new("q").file("etc/hosts", "q's"));
    assert_eq!(
        hosts(json!({ "dnsquirks": true }), &brings, &world),
        "0644 /etc/hosts \"q's\""
    );
}

#[test]
fn a_link_to_a_directory_is_replaced_as_it_stands() {
    let package = Package::new("p")
        .file("bin/a", "a")
        .link("sbin", "bin")
        .link("lib", "bin");
    let (world, [path]) = crate::merge::world([package]);
    let files = json!({
        "/sbin": { "symlink": "/bin" },
        "/lib": { "directory": true, "mode": "0700" },
    });
    let image = world
        .image(&[&path])
        .with(json!({ "files": files }))
        .build();
    image.has_root(&[
        "0755 /bin/",
        "/bin/a -> @p/bin/a",
        "0700 /lib/",
        "/lib/a -> @p/bin/a",
        "/sbin -> /bin",
    ]);
}
