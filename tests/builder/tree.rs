//! What only the finished tree can tell: programs, accounts, directories and targets that have to be there.

use serde_json::{Value, json};

use crate::archive::Kind;
use crate::fixture::World;
use crate::package::{Item, Package};

fn sample() -> (World, String) {
    let mut world = World::new();
    let package = Package::new("p")
        .program("bin/serve")
        .program("bin/server-tool")
        .file("bin/not-executable", "")
        .program("sbin/daemon")
        .link("bin/alias", "serve")
        .link("bin/gone", "nowhere")
        .link("bin/round", "round")
        .link("bin/host", "/usr/bin/perl")
        .directory("var/lib/p")
        .file(
            "etc/passwd",
            "root:x:0:0::/:/bin/sh\nserver:x:7:7::/:/bin/sh\n",
        )
        .file("etc/group", "root:x:0:\nservers:x:7:\n");
    let path = world.add(&package);
    (world, path)
}

fn check(members: Value, kind: &str, problem: Option<&[&str]>) {
    let (world, package) = sample();
    let request = world
        .image(&[&package])
        .with(json!({ "kind": kind }))
        .with(members);
    match problem {
        None => drop(request.build()),
        Some(parts) => request.refused_with(parts),
    }
}

#[test]
fn programs_are_there_and_executable() {
    let (world, package) = sample();
    let in_store = format!("{package}/bin/alias");
    for kind in ["fat", "thin", "static"] {
        for program in [
            "/bin/serve",
            "/bin/alias",
            "/sbin/daemon",
            "/bin/../bin/serve",
        ] {
            check(json!({ "exec": [program, "argument"] }), kind, None);
        }
        // Stores differ from test to test, so this one asks its own.
        world
            .image(&[&package])
            .with(json!({ "kind": kind, "exec": [in_store] }))
            .build();
    }
    for (program, why) in [
        (
            "/bin/sevre",
            "/bin/sevre is not in the image; the nearest programs are /bin/serve,",
        ),
        ("/sbin/deamon", "the nearest programs are /sbin/daemon,"),
        ("/bin/not-executable", "is a file that may not be executed"),
        ("/bin", "is a directory"),
        ("/bin/round", "is a link that leads to itself"),
        ("/bin/gone", "leads to /"),
        ("/bin/host", "leads to /usr, which is not in the image"),
        ("/bin/serve/below", "leads to /"),
    ] {
        check(
            json!({ "exec": [program] }),
            "fat",
            Some(&["exec: ", program, why]),
        );
        let handlers = json!({ "eventHandlers": { "pre-start": [program] } });
        check(
            handlers,
            "thin",
            Some(&["eventHandlers.pre-start", program, why]),
        );
    }
    let none = world
        .image(&[&package])
        .with(json!({ "pathsToLink": ["/none"], "exec": ["/bin/x"] }));
    none.refused_with(&["the image has no programs in /bin"]);
}

#[test]
fn the_nearest_programs_of_a_store_path_are_its_own() {
    let (mut world, first) = sample();
    let tools = world.add(
        &Package::new("tools")
            .program("bin/other")
            .program("sbin/admin"),
    );
    let data = world.add(&Package::new("data").file("share/x", ""));
    for kind in ["fat", "thin"] {
        for (package, nearest) in [
            (
                &tools,
                format!("the nearest programs are {tools}/bin/other, {tools}/sbin/admin"),
            ),
            (&data, format!("{data} has no programs in /bin")),
        ] {
            let program = format!("{package}/bin/othre");
            let request = world
                .image(&[&first, package])
                .with(json!({ "kind": kind, "exec": [program] }));
            request.refused_with(&[&format!("{program} is not in the image; {nearest}")]);
        }
    }
}

#[test]
fn a_program_may_come_from_files() {
    let script = |text: &str, mode: &str, more: &[&str]| {
        let mut files = json!({ "/run.sh": { "text": text, "mode": mode } });
        for path in more {
            files[path] = json!({ "text": "#!/bin/serve\n", "mode": "0755" });
        }
        json!({ "exec": ["/run.sh"], "files": files })
    };
    check(script("#!/bin/serve\n", "0755", &[]), "fat", None);
    check(
        script("#! /bin/sh -e\n", "0755", &["/bin/sh"]),
        "thin",
        None,
    );
    let mut mounted = script("#!/opt/run\n", "0755", &[]);
    mounted["mountsRo"] = json!({ "opt": "/opt" });
    check(mounted, "fat", None);
    for (text, mode, why) in [
        (
            "#!/bin/serve\n",
            "0644",
            "may not be executed; write files.\"/run.sh\".mode = \"0755\"",
        ),
        (
            "#!/bin/sh\n",
            "0755",
            "is a script for \"/bin/sh\", which is not in the image",
        ),
        (
            "#!serve\n",
            "0755",
            "is a script for \"serve\", which is no absolute path",
        ),
        ("#!/bin\n", "0755", "which is a directory"),
        (
            "#!/bin/not-executable\n",
            "0755",
            "which may not be executed",
        ),
        (
            "echo\n",
            "0755",
            "a text that is no script; begin it with a line such as #!/bin/sh",
        ),
    ] {
        check(
            script(text, mode, &[]),
            "fat",
            Some(&["exec: /run.sh", why]),
        );
    }
}

#[test]
fn a_whitelist_names_the_program_and_what_it_leads_to() {
    let with = |paths: &[&str]| {
        let files = json!({ "/run.sh": { "text": "#!/bin/serve\n", "mode": "0755" }, "/run": { "symlink": "run.sh" } });
        json!({ "exec": ["/run"], "files": files, "pathWhitelist": paths })
    };
    check(with(&["/run", "/run.sh"]), "fat", None);
    check(with(&["/run"]), "fat", None);
    let parts = [
        "exec: /run is not among what pathWhitelist names",
        "add \"/run\" there",
    ];
    check(with(&["/run.sh"]), "fat", Some(&parts));
}

#[test]
fn accounts_are_in_the_image() {
    for (user, group) in [
        ("server", "servers"),
        ("root", "root"),
        ("12345", "67890"),
        ("/bin/serve", "/var/lib/p"),
    ] {
        check(json!({ "user": user, "group": group }), "fat", None);
    }
    for (members, parts) in [
        (
            json!({ "user": "sever" }),
            ["user: ", "\"sever\"", "/etc/passwd"],
        ),
        (
            json!({ "group": "servers2" }),
            ["group: ", "\"servers2\"", "/etc/group"],
        ),
        (
            json!({ "user": "/gone" }),
            ["user: ", "/gone", "not in the image"],
        ),
    ] {
        check(members, "thin", Some(&parts));
    }
}

#[test]
fn the_working_directory_is_there() {
    for directory in ["/", "/var/lib/p", "/bin"] {
        check(json!({ "workingDirectory": directory }), "fat", None);
    }
    for (directory, why) in [
        ("/var/lib/q", "files.\"/var/lib/q\".directory = true"),
        ("/bin/serve", "is not a directory of the image"),
        ("/bin/round", "is not a directory of the image"),
    ] {
        check(
            json!({ "workingDirectory": directory }),
            "fat",
            Some(&["workingDirectory: ", why]),
        );
    }
    let made = json!({ "workingDirectory": "/srv", "files": { "/srv": { "directory": true } } });
    check(made, "thin", None);
    check(
        json!({ "workingDirectory": "/srv", "mounts": { "srv": "/srv" } }),
        "fat",
        None,
    );
}

#[test]
fn mount_targets_are_made_and_hide_nothing_unnoticed() {
    let (world, package) = sample();
    let request = world.image(&[&package]).with(json!({
        "mounts": { "new": "/srv/data", "old": "/var/lib/p", "etc": "/etc", "file": "/etc/passwd" },
        "mountsRo": { "read": "/read", "nested": "/srv/data/below" },
    }));
    let image = request.build();
    for path in ["/srv/data", "/var/lib/p", "/read", "/srv/data/below"] {
        assert_eq!(image.get(path).unwrap().kind, Kind::Directory, "{path}");
    }
    for (warning, expected) in [
        ("mounts.etc: what is mounted at /etc hides", true),
        (
            "mountsRo.nested: /srv/data/below is below the mount point /srv/data",
            true,
        ),
        ("mounts.new: what", false),
        ("mounts.old: what", false),
        ("mounts.file: what", false),
    ] {
        assert_eq!(
            image.log.contains(warning),
            expected,
            "{warning}: {}",
            image.log
        );
    }
    let points = image.manifest()["app"]["mountPoints"].clone();
    assert!(
        points
            .as_array()
            .unwrap()
            .contains(&json!({ "name": "new", "path": "/srv/data" }))
    );
    let read = json!({ "name": "read", "path": "/read", "readOnly": true });
    assert!(points.as_array().unwrap().contains(&read));

    let above = world.path().to_str().unwrap().to_owned();
    let image = world
        .image(&[&package])
        .with(json!({ "mounts": { "all": above } }))
        .build();
    assert!(
        image.log.contains("mounts.all: what is mounted at"),
        "the store is no small loss: {}",
        image.log
    );
}

#[test]
fn whitelisted_paths_are_there() {
    check(
        json!({ "pathWhitelist": ["/bin/serve", "/var/lib"] }),
        "fat",
        None,
    );
    let missing = json!({ "pathWhitelist": ["/bin/serve", "/gone"] });
    check(missing, "fat", Some(&[": /gone is not in the image"]));
    let dependencies = json!({
        "pathWhitelist": ["/from/below"],
        "dependencies": [{ "imageName": "example.com/base" }],
    });
    check(dependencies, "fat", None);
}

#[test]
fn a_program_that_wants_a_linker_is_told_three_ways_out() {
    let mut world = World::new();
    let program = Item::File {
        content: linked("/lib64/ld.so.2"),
        executable: true,
    };
    let tool = world.add(&Package::new("tool").item("bin/tool", program));
    let request = world.image(&[&tool]);
    let request = request.with(json!({ "exec": ["/bin/tool"] }));
    request.refused_with(&[
        "exec: /bin/tool was linked for \"/lib64/ld.so.2\", which is not in the image; link it statically, take a program",
    ]);
}

/// A program for amd64 that names its linker, in one program header.
fn linked(linker: &str) -> Vec<u8> {
    const HEADER: u16 = 64;
    const SEGMENT: u16 = 56;
    let mut program = elf(2, 1, 62);
    program[32..40].copy_from_slice(&u64::from(HEADER).to_le_bytes());
    for (place, member) in [(52, HEADER), (54, SEGMENT), (56, 1)] {
        program[place..place + 2].copy_from_slice(&member.to_le_bytes());
    }
    let size = linker.len() as u64 + 1;
    program.extend(3_u32.to_le_bytes());
    program.extend(4_u32.to_le_bytes());
    for member in [u64::from(HEADER + SEGMENT), 0, 0, size, size, 1] {
        program.extend(member.to_le_bytes());
    }
    program.extend(linker.as_bytes());
    program.push(0);
    program
}

/// The first bytes of a program for a processor.
fn elf(class: u8, order: u8, machine: u8) -> Vec<u8> {
    let mut bytes = vec![0; 64];
    bytes[..7].copy_from_slice(&[0x7f, b'E', b'L', b'F', class, order, 1]);
    bytes[if order == 1 { 18 } else { 19 }] = machine;
    bytes
}

#[test]
fn a_program_is_for_the_platform_of_the_image() {
    let mut world = World::new();
    let program = |content| Item::File {
        content,
        executable: true,
    };
    let package = Package::new("p")
        .item("bin/amd64", program(elf(2, 1, 62)))
        .item("bin/i386", program(elf(1, 1, 3)))
        .item("bin/arm", program(elf(1, 1, 40)))
        .item("bin/aarch64", program(elf(2, 1, 183)))
        .item("bin/ppc64", program(elf(2, 2, 21)))
        .item("bin/sparc", program(elf(2, 2, 43)))
        .item("bin/script", program(b"#!/bin/aarch64\n".to_vec()));
    let package = world.add(&package);
    let image = |arch: &str, program: &str| {
        let members = json!({ "arch": arch, "exec": [format!("/bin/{program}")] });
        world.image(&[&package]).with(members)
    };
    for (arch, program) in [
        ("amd64", "amd64"),
        ("amd64", "i386"),
        ("i386", "i386"),
        ("armv6l", "arm"),
        ("aarch64", "script"),
        ("ppc64", "ppc64"),
    ] {
        image(arch, program).build();
    }
    for (arch, program, why) in [
        (
            "aarch64",
            "amd64",
            "/bin/amd64 is a program for amd64, and the image is for linux/aarch64; write arch = \"amd64\", or take the program for aarch64",
        ),
        ("amd64", "script", "/bin/aarch64 is a program for aarch64"),
        ("i386", "amd64", "is a program for amd64"),
        ("ppc64le", "ppc64", "is a program for ppc64, and"),
        (
            "amd64",
            "arm",
            "write arch = \"armv5l\" or arch = \"armv6l\" or arch = \"armv7l\", or take",
        ),
        (
            "amd64",
            "sparc",
            "is a program for machine 43, 64 bits, big endian, and the image is for linux/amd64; take",
        ),
    ] {
        image(arch, program).refused_with(&["exec: ", why]);
    }
}
