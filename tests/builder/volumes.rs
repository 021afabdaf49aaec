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
    expect![[r#"
        rkt --insecure-options=image run --volume=data,kind=empty,uid=71,gid=70,mode=0750 --volume=link,kind=empty,uid=0,gid=0,mode=0755 --volume=made,kind=empty,uid=0,gid=0,mode=0755 --volume=tmp,kind=empty,uid=0,gid=0,mode=1777 --volume=web,kind=empty,uid=5,gid=0,mode=2775 --volume=config,kind=host,source=/path/on/this/host,readOnly=true --volume=users,kind=host,source=/path/on/this/host,readOnly=true 'it'\''s here/app-1.0.aci'
        In place of /path/on/this/host write what the volume is to show
    "#]].assert_eq(&fat);
    assert_eq!(run("static", "it's here", &members), fat);
    expect![[r#"
        rkt --insecure-options=image run $(cat d/app-1.0.mounts) --volume=data,kind=empty,uid=71,gid=70,mode=0750 --volume=link,kind=empty,uid=0,gid=0,mode=0755 --volume=made,kind=empty,uid=0,gid=0,mode=0755 --volume=tmp,kind=empty,uid=0,gid=0,mode=1777 --volume=web,kind=empty,uid=5,gid=0,mode=2775 --volume=config,kind=host,source=/path/on/this/host,readOnly=true --volume=users,kind=host,source=/path/on/this/host,readOnly=true d/app-1.0.aci
        In place of /path/on/this/host write what the volume is to show
    "#]].assert_eq(&run("thin", "d", &members));
    // No mount point, no volume.
    expect![[r#"
        rkt --insecure-options=image run d/app-1.0.aci
    "#]]
    .assert_eq(&run("fat", "d", &json!({})));
}
