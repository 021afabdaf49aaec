//! Volumes: the command that `postprocess.sh` prints, and whom a volume belongs to.

use std::process::Command;

use expect_test::expect;
use serde_json::{Value, json};

use crate::fixture::{Request, World};
use crate::package::Package;

/// What `postprocess.sh` says of the run of an image.
fn told(request: &Request<'_>, directory: &str) -> String {
    let image = request.build();
    let mut script = Command::new("sh");
    script
        .arg(image.out.join("postprocess.sh"))
        .args(["--no-sign", directory])
        .current_dir(image.out.parent().unwrap());
    let output = script.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    let (_, run) = said.split_once("Run it: ").unwrap();
    run.to_owned()
}

#[test]
fn the_command_has_a_volume_for_each_mount_point() {
    let mut world = World::new();
    let package = world.add(&Package::new("p").program("bin/p").file("srv/web/x", ""));
    let members = json!({
        "user": "71",
        "group": "72",
        "mounts": { "data": "/var/lib/data", "tmp": "/tmp", "made": "/made", "web": "/srv/web", "link": "/link" },
        "mountsRo": { "config": "/etc/app", "users": "/etc/users" },
        "files": {
            "/var/lib/data": { "directory": true, "mode": "0750", "uid": 71, "gid": 70 },
            "/link": { "symlink": "/made" },
        },
        "perms": { "/srv/web": { "uid": 5, "mode": "2775" } },
    });
    let run = |kind: &str, directory: &str, members: &Value| {
        let request = world.image(&[&package]).skeleton("tmp");
        let request = request.with(members.clone()).with(json!({ "kind": kind }));
        told(&request, directory)
    };
    let fat = run("fat", "it's here", &members);
    expect![[r"
        rkt --insecure-options=image run --volume=data,kind=empty,uid=71,gid=70,mode=0750 --volume=link,kind=empty,uid=0,gid=0,mode=0755 --volume=made,kind=empty,uid=71,gid=72,mode=0755 --volume=tmp,kind=empty,uid=0,gid=0,mode=1777 --volume=web,kind=empty,uid=5,gid=0,mode=2775 --volume=config,kind=host,source=/path/on/this/host,readOnly=true --volume=users,kind=host,source=/path/on/this/host,readOnly=true 'it'\''s here/app-1.0.aci'
        In place of /path/on/this/host write what the volume is to show
    "]].assert_eq(&fat);
    assert_eq!(run("static", "it's here", &members), fat);
    expect![[r"
        rkt --insecure-options=image run $(cat d/app-1.0.mounts) --volume=data,kind=empty,uid=71,gid=70,mode=0750 --volume=link,kind=empty,uid=0,gid=0,mode=0755 --volume=made,kind=empty,uid=71,gid=72,mode=0755 --volume=tmp,kind=empty,uid=0,gid=0,mode=1777 --volume=web,kind=empty,uid=5,gid=0,mode=2775 --volume=config,kind=host,source=/path/on/this/host,readOnly=true --volume=users,kind=host,source=/path/on/this/host,readOnly=true d/app-1.0.aci
        In place of /path/on/this/host write what the volume is to show
    "]].assert_eq(&run("thin", "d", &members));
    // No mount point, no volume.
    expect![[r"
        rkt --insecure-options=image run d/app-1.0.aci
    "]]
    .assert_eq(&run("fat", "d", &json!({})));
}

#[test]
fn a_writable_target_belongs_to_the_user_of_the_image() {
    let mut world = World::new();
    let package = Package::new("p").program("bin/p").file(
        "etc/passwd",
        "root:x:0:0::/:/bin/sh\nwww:x:33:34::/:/bin/sh\n",
    );
    let package = world.add(&package);
    let other = world.add(&Package::new("q").program("bin/q"));
    let cases = [
        (&package, "1000", "0", 1000, 0),
        (&package, "0", "0", 0, 0),
        (&package, "www", "7", 33, 7),
        (&package, "root", "0", 0, 0),
        (&package, "/bin", "/bin", 0, 0),
        // Names that nothing defines are defined by the skeleton.
        (&other, "redis", "data", 1000, 1000),
        (&other, "nobody", "nogroup", 65534, 65534),
    ];
    for (package, user, group, uid, gid) in cases {
        let request = world.image(&[package]).skeleton("passwd").with(json!({
            "user": user,
            "group": group,
            "mounts": { "data": "/srv/data", "given": "/given" },
            "mountsRo": { "config": "/srv/config" },
            "files": { "/given": { "directory": true, "mode": "0700" } },
        }));
        let image = request.build();
        for (path, mode, owner) in [
            ("/srv", 0o755, (0, 0)),
            ("/srv/data", 0o755, (uid, gid)),
            ("/srv/config", 0o755, (0, 0)),
            ("/given", 0o700, (0, 0)),
        ] {
            let entry = image.get(path).unwrap();
            assert_eq!(
                (entry.mode, (entry.uid, entry.gid)),
                (mode, owner),
                "{user}:{group} {path}"
            );
        }
        let volume = format!("--volume=data,kind=empty,uid={uid},gid={gid},mode=0755");
        assert!(told(&request, "d").contains(&volume), "{user}:{group}");
    }
    // The user's own words have precedence.
    let request = world.image(&[&other]).with(json!({
        "user": "5",
        "mounts": { "data": "/data" },
        "perms": { "/data": { "uid": 6, "mode": "0700" } },
    }));
    let image = request.build();
    let data = image.get("/data").unwrap();
    assert_eq!((data.mode, data.uid, data.gid), (0o700, 6, 0));
}

#[test]
fn a_program_that_wants_a_terminal_gets_one() {
    let mut world = World::new();
    let package = world.add(&Package::new("p").program("bin/p"));
    let request = |members: Value| world.image(&[&package]).with(members);
    expect![[r"
        rkt --insecure-options=image run --interactive --volume=data,kind=empty,uid=0,gid=0,mode=0755 d/app-1.0.aci
    "]]
    .assert_eq(&told(
        &request(json!({ "terminal": true, "mounts": { "data": "/data" } })),
        "d",
    ));
}

#[test]
fn podman_and_docker_get_ports_and_volumes() {
    let mut world = World::new();
    let package = world.add(&Package::new("p").program("bin/p"));
    let request = world.image(&[&package]).with(json!({
        "name": "example.com/a~b",
        "face": "oci",
        "terminal": true,
        "mounts": { "data": "/var/lib/it's" },
        "mountsRo": { "conf": "/etc/app" },
        "ports": {
            "dns": { "protocol": "udp", "port": 53 },
            "http": { "protocol": "tcp", "port": 80 },
            "https": { "protocol": "tcp", "port": 443 },
            "other": { "protocol": "tcp", "port": 8443 },
            "many": { "protocol": "tcp", "port": 7000, "count": 3 },
        },
    }));
    let (mut command, out) = request.command();
    assert!(command.output().unwrap().status.success());
    let mut script = Command::new("sh");
    script
        .arg(out.join("postprocess.sh"))
        .arg("d")
        .current_dir(world.path());
    let said = String::from_utf8(script.output().unwrap().stdout).unwrap();
    let (_, run) = said.split_once("Run it: ").unwrap();
    expect![[r"
        'd/a~b-1.0.oci'/run -v /path/on/this/host:/etc/app:ro
        It runs with -it -p 8053:53/udp -p 8080:80 -p 443:443 -p 7000-7002:7000-7002 -p 8443:8443 -v 'a-b-data:/var/lib/it'\''s'
        Load it: 'd/a~b-1.0.oci'/load
        Push it: 'd/a~b-1.0.oci'/push REGISTRY/example.com/a-b:1.0
        In place of /path/on/this/host write what the volume is to show
    "]].assert_eq(run);
}

#[test]
fn bits_that_an_empty_volume_of_rkt_loses_are_told() {
    let mut world = World::new();
    let package = world.add(&Package::new("p").program("bin/p"));
    let request = world.image(&[&package]).with(json!({
        "mounts": { "shared": "/shared", "own": "/own" },
        "mountsRo": { "read": "/read" },
        "files": {
            "/shared": { "directory": true, "mode": "2775" },
            "/own": { "directory": true, "mode": "0700" },
            "/read": { "directory": true, "mode": "1777" },
        },
    }));
    let image = request.build();
    let told = image
        .log
        .lines()
        .filter(|line| line.contains("empty volumes"));
    let [line] = told.collect::<Vec<_>>().try_into().unwrap();
    let wanted =
        "mounts.\"shared\": /shared has the mode 2775, and rkt's empty volumes have 0775 of it";
    assert!(line.ends_with(wanted), "{line}");
}
