//! `perms`: what the user changes of what packages bring.

use serde_json::json;

use crate::files::sample;

#[test]
fn perms_change_what_packages_bring() {
    let (world, package, _) = sample();
    let perms = json!({
        "/bin/p": { "mode": "4755" },
        "/etc": { "uid": 5, "recursive": true },
        "/share/p/data": { "gid": 6 },
    });
    let request = world.image(&[&package]).with(json!({ "perms": perms }));
    request.build().has_root(&[
        "0755 /bin/",
        "4755 /bin/p \"a program\\n\"",
        "0755 /etc/ 5:0",
        "0644 /etc/p.conf \"package's\" 5:0",
        "/opt -> @p/opt",
        "/sbin -> @p/sbin",
        "0755 /share/",
        "0755 /share/p/",
        "0644 /share/p/data \"data\" 0:6",
    ]);
    let gone = json!({ "perms": { "/bin/gone": { "mode": "0755" } } });
    let request = world.image(&[&package]).with(gone);
    request.refused_with(&["perms.\"/bin/gone\"", "no such path"]);
}

#[test]
fn recursive_perms_reach_what_packages_bring_below() {
    let (world, package, _) = sample();
    let perms = json!({ "/share": { "uid": 9, "gid": 9, "recursive": true } });
    let image = world
        .image(&[&package])
        .with(json!({ "pathsToLink": ["/share"], "perms": perms }));
    image.build().has_root(&[
        "0755 /share/ 9:9",
        "0755 /share/p/ 9:9",
        "0644 /share/p/data \"data\" 9:9",
    ]);
}
