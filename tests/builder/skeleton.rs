//! The skeleton: each part on and off, and who wins over it.

use serde_json::json;

use crate::archive::Kind;
use crate::fixture::World;
use crate::image::Image;
use crate::package::Package;

fn text(image: &Image, path: &str) -> String {
    match &image.get(path).unwrap().kind {
        Kind::File(content) => String::from_utf8(content.clone()).unwrap(),
        other => panic!("{path} is {other:?}"),
    }
}

#[test]
fn each_part_is_there_when_it_is_on() {
    let mut world = World::new();
    let package = world.add(
        &Package::new("p")
            .program("bin/bash")
            .program("bin/env")
            .file("etc/ssl/certs/ca-bundle.crt", "certificates")
            .file("share/zoneinfo/Europe/Berlin", "zone")
            .file("lib/locale/locale-archive", "locales"),
    );
    let bare = world.image(&[&package]).build().lines();
    for (part, expected) in [
        ("tmp", &["1777 /tmp/", "0755 /var/", "1777 /var/tmp/"][..]),
        (
            "directories",
            &[
                "0755 /dev/",
                "0755 /proc/",
                "0700 /root/",
                "0755 /run/",
                "0755 /sys/",
                "0755 /usr/",
                "0755 /var/",
            ],
        ),
        (
            "nsswitch",
            &[
                "0644 /etc/nsswitch.conf \"passwd: files\\ngroup: files\\nshadow: files\\nhosts: files dns\\n\
               networks: files\\nservices: files\\nprotocols: files\\nethers: files\\nrpc: files\\n\"",
            ],
        ),
        ("shell", &["/bin/sh -> bash"]),
        (
            "env",
            &["0755 /usr/", "0755 /usr/bin/", "/usr/bin/env -> /bin/env"],
        ),
        (
            "certificates",
            &[
                "/etc/ssl/cert.pem -> certs/ca-bundle.crt",
                "/etc/ssl/certs/ca-certificates.crt -> ca-bundle.crt",
                "/etc/ssl/certs/cert.pem -> ca-bundle.crt",
                "0755 /usr/",
                "0755 /usr/lib/",
                "/usr/lib/ssl -> /etc/ssl",
            ],
        ),
        (
            "timeZones",
            &[
                "0755 /usr/",
                "0755 /usr/share/",
                "/usr/share/zoneinfo -> /share/zoneinfo",
            ],
        ),
        (
            "locale",
            &[
                "0755 /usr/",
                "0755 /usr/lib/",
                "/usr/lib/locale -> /lib/locale",
            ],
        ),
    ] {
        let mut lines = world.image(&[&package]).skeleton(part).build().lines();
        lines.retain(|line| !bare.contains(line));
        assert_eq!(lines, expected, "{part}");
    }
}

#[test]
fn nothing_is_linked_to_what_is_not_there() {
    let mut world = World::new();
    let package = world.add(&Package::new("p").file("share/x", "x"));
    let request = world.image(&[&package]);
    let image = request
        .skeleton("shell")
        .skeleton("env")
        .skeleton("certificates")
        .skeleton("timeZones")
        .skeleton("locale")
        .build();
    image.has_root(&["0755 /share/", "/share/x -> @p/share/x"]);
}

/// Environments of several packages have links for directories that only one of them brings.
#[test]
fn shell_and_env_are_found_behind_a_link_to_their_directory() {
    let mut world = World::new();
    let bash = world.add(&Package::new("bash").program("bin/bash").program("bin/env"));
    let environment = Package::new("env")
        .link("bin", format!("{bash}/bin"))
        .refers(&bash);
    let environment = world.add(&environment);
    let image = world
        .image(&[&environment])
        .skeleton("shell")
        .skeleton("env")
        .build();
    image.has_root(&[
        "0755 /bin/",
        "/bin/bash -> @bash/bin/bash",
        "/bin/env -> @bash/bin/env",
        "/bin/sh -> bash",
        "0755 /usr/",
        "0755 /usr/bin/",
        "/usr/bin/env -> /bin/env",
    ]);
    let without = world.add(
        &Package::new("no-shell")
            .program("tools/x")
            .link("bin", "tools"),
    );
    let image = world
        .image(&[&without])
        .skeleton("shell")
        .skeleton("env")
        .build();
    assert!(
        image.lines().contains(&"/bin -> @no-shell/bin".to_owned()),
        "{:?}",
        image.lines()
    );
}

#[test]
fn packages_and_files_win_over_the_skeleton() {
    let mut world = World::new();
    let package = Package::new("p")
        .program("bin/bash")
        .program("bin/sh")
        .program("usr/bin/env")
        .program("bin/env")
        .file("etc/passwd", "root:x:0:0::/:/bin/sh\n")
        .file("var/tmp/x", "x")
        .file("run", "a file");
    let package = world.add(&package);
    let request = ["tmp", "directories", "passwd", "nsswitch", "shell", "env"]
        .into_iter()
        .fold(world.image(&[&package]), |request, part| {
            request.skeleton(part)
        });
    let members = json!({ "files": {
        "/etc/group": { "text": "root:x:0:\n" },
        "/root": { "directory": true, "mode": "0750", "uid": 1 },
        "/etc/nsswitch.conf": { "symlink": "elsewhere" },
    } });
    request.with(members).build().has_root(&[
        "0755 /bin/",
        "/bin/bash -> @p/bin/bash",
        "/bin/env -> @p/bin/env",
        "/bin/sh -> @p/bin/sh",
        "0755 /dev/",
        "0755 /etc/",
        "0644 /etc/group \"root:x:0:\\n\"",
        "/etc/nsswitch.conf -> elsewhere",
        "0644 /etc/passwd \"root:x:0:0::/:/bin/sh\\n\"",
        "0755 /proc/",
        "0750 /root/ 1:0",
        "/run -> @p/run",
        "0755 /sys/",
        "1777 /tmp/",
        "0755 /usr/",
        "0755 /usr/bin/",
        "/usr/bin/env -> @p/usr/bin/env",
        "0755 /var/",
        "0755 /var/tmp/",
        "/var/tmp/x -> @p/var/tmp/x",
    ]);
}

/// The C library is in the closure of almost everything, and in the packages of almost nothing.
#[test]
fn the_locale_of_a_c_library_in_the_closure_is_found() {
    let mut world = World::new();
    let library = world.add(&Package::new("libc").file("lib/locale/C.utf8/LC_CTYPE", "utf8"));
    let package = world.add(&Package::new("p").program("bin/p").refers(&library));
    for kind in ["fat", "thin"] {
        let request = world.image(&[&package]).with(json!({ "kind": kind }));
        request.skeleton("locale").build().has_root(&[
            "0755 /bin/",
            "/bin/p -> @p/bin/p",
            "0755 /usr/",
            "0755 /usr/lib/",
            "/usr/lib/locale -> @libc/lib/locale",
        ]);
    }
    // Beside those of a package.
    let others = world.add(&Package::new("locales").file("lib/locale/locale-archive", "all"));
    let image = world.image(&[&package, &others]).skeleton("locale").build();
    image.has_root(&[
        "0755 /bin/",
        "/bin/p -> @p/bin/p",
        "0755 /lib/",
        "0755 /lib/locale/",
        "/lib/locale/C.utf8 -> @libc/lib/locale/C.utf8",
        "/lib/locale/locale-archive -> @locales/lib/locale/locale-archive",
        "0755 /usr/",
        "0755 /usr/lib/",
        "/usr/lib/locale -> /lib/locale",
    ]);
}

/// Who brings places of their own for certificates, time zones and locales keeps them.
#[test]
fn packages_and_files_have_their_own_certificates_zones_and_locales() {
    let mut world = World::new();
    let package = Package::new("p")
        .file("etc/ssl/certs/ca-bundle.crt", "certificates")
        .file("etc/ssl/cert.pem", "others")
        .file("share/zoneinfo/Europe/Berlin", "zone")
        .file("usr/share/zoneinfo/UTC", "zone")
        .file("lib/locale/C.utf8/LC_CTYPE", "utf8");
    let package = world.add(&package);
    let request = ["certificates", "timeZones", "locale"]
        .into_iter()
        .fold(world.image(&[&package]), |request, part| {
            request.skeleton(part)
        });
    let members = json!({ "files": {
        "/usr/lib/ssl/cert.pem": { "text": "mine" },
        "/usr/lib/locale": { "directory": true },
    } });
    let lines = request.with(members).build().lines();
    for expected in [
        "0644 /etc/ssl/cert.pem \"others\"",
        "0644 /usr/lib/ssl/cert.pem \"mine\"",
        "0755 /usr/lib/locale/",
        "/usr/share/zoneinfo/UTC -> @p/usr/share/zoneinfo/UTC",
    ] {
        assert!(lines.iter().any(|line| line == expected), "{lines:?}");
    }
}

#[test]
fn a_mount_target_does_not_change_what_the_skeleton_is() {
    let mut world = World::new();
    let package = world.add(&Package::new("p").program("bin/p"));
    let mounts = json!({ "mounts": { "tmp": "/tmp", "root": "/root", "var": "/var" } });
    let request = world
        .image(&[&package])
        .skeleton("tmp")
        .skeleton("directories")
        .with(mounts);
    let image = request.build();
    for (path, mode) in [
        ("/tmp", 0o1777),
        ("/root", 0o700),
        ("/var", 0o755),
        ("/var/tmp", 0o1777),
    ] {
        assert_eq!(image.get(path).unwrap().mode, mode, "{path}");
    }
    // The store of this test is below /tmp, so that one is a loss.
    for (name, hides) in [("tmp", true), ("root", false), ("var", false)] {
        let warning = format!("mounts.{name}: what is mounted at /{name} hides");
        assert_eq!(image.log.contains(&warning), hides, "{}", image.log);
    }
}

#[test]
fn accounts_have_the_user_and_group_asked_for() {
    let mut world = World::new();
    let package = world.add(&Package::new("p").program("bin/p"));
    let root = "root:x:0:0:root:/root:/bin/sh\n";
    let nobody = "nobody:x:65534:65534:nobody:/nonexistent:/bin/false\n";
    let (root_group, no_groups) = ("root:x:0:\n", "nobody:x:65534:\nnogroup:x:65534:\n");
    for (user, group, passwd, groups) in [
        ("0", "0", "", ""),
        ("root", "root", "", ""),
        ("nobody", "nogroup", "", ""),
        (
            "www",
            "www",
            "www:x:1000:1000::/:/bin/sh\n",
            "www:x:1000:\n",
        ),
        ("www", "0", "www:x:1000:0::/:/bin/sh\n", ""),
        ("33", "44", "user33:x:33:44::/:/bin/sh\n", "group44:x:44:\n"),
        ("33", "data", "user33:x:33:33::/:/bin/sh\n", "data:x:33:\n"),
        ("0", "data", "", "data:x:1000:\n"),
        (
            "4294967294",
            "0",
            "user4294967294:x:4294967294:0::/:/bin/sh\n",
            "",
        ),
    ] {
        let members = json!({ "user": user, "group": group });
        let image = world
            .image(&[&package])
            .skeleton("passwd")
            .with(members)
            .build();
        assert_eq!(
            text(&image, "/etc/passwd"),
            format!("{root}{passwd}{nobody}"),
            "{user}"
        );
        assert_eq!(
            text(&image, "/etc/group"),
            format!("{root_group}{groups}{no_groups}"),
            "{group}"
        );
        let app = &image.manifest()["app"];
        assert_eq!((&app["user"], &app["group"]), (&json!(user), &json!(group)));
    }
}

#[test]
fn an_account_line_is_never_broken_by_a_home() {
    let mut world = World::new();
    let package = world.add(&Package::new("p").program("bin/p"));
    let request = world.image(&[&package]).skeleton("passwd").with(json!({
        "user": "www",
        "workingDirectory": "/a:b",
        "files": { "/a:b": { "directory": true } },
    }));
    let passwd = text(&request.build(), "/etc/passwd");
    assert!(
        passwd.lines().all(|line| line.split(':').count() == 7),
        "{passwd}"
    );
}
