//! `/etc`: real files, links followed inside the closure and nowhere else.

use serde_json::json;

use crate::archive::Kind;
use crate::fixture::World;
use crate::package::Package;

#[test]
fn what_is_under_etc_is_copied() {
    let mut world = World::new();
    let data = world.add(
        &Package::new("data")
            .file("conf", "shared")
            .program("run")
            .file("tree/deep/leaf", "leaf"),
    );
    let package = Package::new("p")
        .file("etc/app/app.conf", "own")
        .program("etc/rc")
        .link("etc/conf", format!("{data}/conf"))
        .link("etc/chain", "conf")
        .link("etc/run", format!("{data}/run"))
        .link("etc/tree", format!("{data}/tree"))
        .link("etc/relative", "../share/x")
        .link("etc/dangling", "nowhere")
        .directory("etc/empty")
        .file("share/x", "x")
        .refers(&data);
    let path = world.add(&package);
    for kind in ["fat", "thin"] {
        let image = world.image(&[&path]).with(json!({ "kind": kind })).build();
        image.has_root(&[
            "0755 /etc/",
            "0755 /etc/app/",
            "0644 /etc/app/app.conf \"own\"",
            "0644 /etc/chain \"shared\"",
            "0644 /etc/conf \"shared\"",
            "/etc/dangling -> @p/etc/nowhere",
            "0755 /etc/empty/",
            "0755 /etc/rc \"a program\\n\"",
            "0644 /etc/relative \"x\"",
            "0755 /etc/run \"a program\\n\"",
            "0755 /etc/tree/",
            "0755 /etc/tree/deep/",
            "0644 /etc/tree/deep/leaf \"leaf\"",
            "0755 /share/",
            "/share/x -> @p/share/x",
        ]);
    }
}

/// Bundles of certificates come under three names, and weigh as much as small programs.
#[test]
fn one_file_under_several_names_is_copied_once() {
    let mut world = World::new();
    let data = world.add(
        &Package::new("data")
            .file("bundle", "certificates")
            .file("equal", "certificates"),
    );
    let package = Package::new("p")
        .link("etc/pki/tls/certs/ca-bundle.crt", format!("{data}/bundle"))
        .link("etc/ssl/certs/ca-bundle.crt", format!("{data}/bundle"))
        .link("etc/ssl/certs/ca-certificates.crt", "ca-bundle.crt")
        .link("etc/ssl/certs/equal.crt", format!("{data}/equal"))
        .link("etc/ssl/certs/mine.crt", "ca-bundle.crt")
        .link("etc/ssl/certs/private.crt", "ca-bundle.crt")
        // Runtimes write these.
        .link("etc/hosts", format!("{data}/bundle"))
        .link("etc/resolv.conf", "hosts")
        .link("share/x", format!("{data}/bundle"))
        .link("share/y", format!("{data}/bundle"))
        .refers(&data);
    let path = world.add(&package);
    let members = json!({
        "files": { "/etc/ssl/certs/mine.crt": { "text": "mine" } },
        "perms": {
            "/etc/ssl/certs/private.crt": { "mode": "0600" },
            "/share/x": { "mode": "0755" },
            "/share/y": { "mode": "0755" },
        },
    });
    world.image(&[&path]).with(members).build().has_root(&[
        "0755 /etc/",
        "0644 /etc/hosts \"certificates\"",
        "0755 /etc/pki/",
        "0755 /etc/pki/tls/",
        "0755 /etc/pki/tls/certs/",
        "/etc/pki/tls/certs/ca-bundle.crt -> /etc/ssl/certs/ca-bundle.crt",
        "0644 /etc/resolv.conf \"certificates\"",
        "0755 /etc/ssl/",
        "0755 /etc/ssl/certs/",
        "0644 /etc/ssl/certs/ca-bundle.crt \"certificates\"",
        "/etc/ssl/certs/ca-certificates.crt -> /etc/ssl/certs/ca-bundle.crt",
        "0644 /etc/ssl/certs/equal.crt \"certificates\"",
        "0644 /etc/ssl/certs/mine.crt \"mine\"",
        "0600 /etc/ssl/certs/private.crt \"certificates\"",
        "0755 /share/",
        "0755 /share/x \"certificates\"",
        "0755 /share/y \"certificates\"",
    ]);
}

#[test]
fn etc_may_itself_be_a_link() {
    let mut world = World::new();
    let path = world.add(
        &Package::new("p")
            .file("lib/etc/x", "x")
            .link("etc", "lib/etc"),
    );
    let image = world.image(&[&path]).build();
    assert_eq!(image.get("/etc/x").unwrap().kind, Kind::File(b"x".to_vec()));
}

#[test]
fn nothing_of_the_building_machine_goes_in() {
    let mut world = World::new();
    std::fs::create_dir_all(world.place("stranger")).unwrap();
    let secret = format!("{}/secret", world.place("stranger"));
    std::fs::write(&secret, "another's").unwrap();
    let climb = format!("{}etc/shadow", "../".repeat(30));
    for (name, target) in [
        ("absolute", "/etc/shadow"),
        ("climbing", climb.as_str()),
        ("strange", secret.as_str()),
        ("directory", "/root"),
    ] {
        let path = world.add(&Package::new(name).link("etc/secret", target));
        for kind in ["fat", "thin", "static"] {
            let request = world.image(&[&path]).with(json!({ "kind": kind }));
            request.refused_with(&[
                &format!("packages: package {name} has /etc/secret, a link to /"),
                "outside the closure",
                "files.\"/etc/secret\"",
            ]);
        }
    }
}

#[test]
fn a_link_to_itself_through_the_image_leads_nowhere() {
    let mut world = World::new();
    let path = world.add(&Package::new("p").link("etc/secret", "/etc/secret"));
    world
        .image(&[&path])
        .refused_with(&["/etc/secret", "outside the closure"]);
    let path = world.add(
        &Package::new("q")
            .link("etc/a", "/etc/b")
            .link("etc/b", "/etc/a"),
    );
    world.image(&[&path]).refused_with(&["/etc/a", "/etc/b"]);
    let path = world.add(&Package::new("r").link("etc", "/etc"));
    world.image(&[&path]).refused_with(&["outside the closure"]);
}

#[test]
fn links_to_what_the_image_has_or_gets_are_kept() {
    let mut world = World::new();
    let package = Package::new("p")
        .link("etc/mtab", "/proc/mounts")
        .link("etc/resolv.conf", "/run/resolv.conf")
        .link("etc/localtime", "/etc/zone")
        .link("etc/data", "/data/conf")
        .link("etc/program", "/bin/p")
        .file("etc/zone", "UTC")
        .program("bin/p");
    let path = world.add(&package);
    let request = world.image(&[&path]);
    request.refused_with(&["1 problem", "/etc/data"]);
    let image = request
        .with(json!({ "files": { "/data/conf": { "text": "x" } } }))
        .build();
    image.has_root(&[
        "0755 /bin/",
        "/bin/p -> @p/bin/p",
        "0755 /data/",
        "0644 /data/conf \"x\"",
        "0755 /etc/",
        "/etc/data -> /data/conf",
        "/etc/localtime -> /etc/zone",
        "/etc/mtab -> /proc/mounts",
        "/etc/program -> /bin/p",
        "/etc/resolv.conf -> /run/resolv.conf",
        "0644 /etc/zone \"UTC\"",
    ]);
}

#[test]
fn the_users_file_mends_a_link_out_of_the_closure() {
    let mut world = World::new();
    let path = world.add(&Package::new("p").link("etc/secret", "/etc/shadow"));
    let members = json!({ "files": { "/etc/secret": { "text": "mine", "mode": "0600" } } });
    let image = world.image(&[&path]).with(members).build();
    image.has_root(&["0755 /etc/", "0600 /etc/secret \"mine\""]);
}

#[test]
fn loops_are_told() {
    let mut world = World::new();
    let round = world.add(&Package::new("round").link("etc/x", "x"));
    world
        .image(&[&round])
        .refused_with(&["package round has /etc/x", "itself"]);
    let above = world.add(
        &Package::new("above")
            .file("etc/f", "f")
            .link("etc/up", ".."),
    );
    world
        .image(&[&above])
        .refused_with(&["package above at /etc/up", "leads back to", "no end"]);
    let pair = Package::new("pair")
        .link("etc/a/x", "../b")
        .link("etc/b/y", "../a");
    let pair = world.add(&pair);
    world
        .image(&[&pair])
        .refused_with(&["package pair at /etc/", "no end"]);
}
