//! `pathWhitelist`: the manifest names all that an image needs for the paths that the author named.

use serde_json::{Value, json};

use crate::fixture::World;
use crate::package::Package;

/// A program that needs a library, an interpreter, and a package that nothing needs.
fn world() -> (World, [String; 4]) {
    let mut world = World::new();
    let library = world.add(
        &Package::new("library")
            .file("lib/a.so", "")
            .file("lib/b/c.so", ""),
    );
    let shell = world.add(
        &Package::new("shell")
            .program("bin/sh")
            .link("bin/bash", "sh"),
    );
    let server = world.add(
        &Package::new("server")
            .program("bin/serve")
            .link("bin/alias", "serve")
            .file("share/doc", "")
            .refers(&library),
    );
    let other = world.add(&Package::new("other").program("bin/other"));
    (world, [server, library, shell, other])
}

/// The whitelist of the manifest of an image that names `paths`, in which `@NAME` stands for a store path.
fn listed(paths: &Value, kind: &str, further: &Value) -> Vec<String> {
    let (world, places) = world();
    let [server, _, shell, other] = &places;
    let request = world
        .image(&[server, shell, other])
        .with(json!({ "kind": kind, "pathWhitelist": paths }))
        .with(further.clone());
    let image = request.build();
    let manifest = image.manifest();
    let listed = manifest["pathWhitelist"].as_array().unwrap();
    let listed = listed.iter().map(|path| {
        let path = path.as_str().unwrap();
        places.iter().fold(path.to_owned(), |path, place| {
            let name = place.rsplit('-').next().unwrap();
            path.replace(place.as_str(), &format!("@{name}"))
        })
    });
    // Whose hash is lower differs from store to store.
    let mut listed: Vec<String> = listed.collect();
    listed.sort();
    listed
}

#[test]
fn what_a_whitelisted_link_leads_to_is_there_with_all_that_it_needs() {
    let alone = json!({ "exec": ["/bin/alias"] });
    assert_eq!(
        listed(&json!(["/bin/alias"]), "fat", &alone),
        [
            "/bin/alias",
            "@library/lib/a.so",
            "@library/lib/b/c.so",
            "@server/bin/alias",
            "@server/bin/serve",
            "@server/share/doc",
        ]
    );
    // The host brings the store, and mounts do not depend on the list.
    assert_eq!(
        listed(&json!(["/bin/alias"]), "thin", &alone),
        ["/bin/alias"]
    );
}

#[test]
fn a_script_has_its_interpreter_and_what_it_mentions() {
    let (_, [server, ..]) = world();
    let script = json!({
        "exec": ["/run"],
        "files": {
            "/run": { "text": "#!/bin/bash\n", "mode": "0755" },
            "/srv/a/b": { "text": "" },
            "/srv/c": { "symlink": "/run" },
            "/no": { "text": server },
        },
    });
    assert_eq!(
        listed(&json!(["/run"]), "fat", &script),
        ["/bin/bash", "/run", "@shell/bin/bash", "@shell/bin/sh"]
    );
    // A directory stands for what is below it: by itself it would name nothing, as directories are there anyway.
    assert_eq!(
        listed(&json!(["/srv", "/run"]), "fat", &script)
            .into_iter()
            .filter(|path| path.starts_with("/srv"))
            .collect::<Vec<_>>(),
        ["/srv", "/srv/a", "/srv/a/b", "/srv/c"]
    );
}

#[test]
fn a_store_path_may_be_named() {
    let (world, [server, library, ..]) = world();
    let request = world.image(&[&server]).with(json!({
        "exec": [format!("{server}/bin/serve")],
        "pathWhitelist": [format!("{server}/bin/serve")],
    }));
    let manifest = request.build().manifest();
    let listed = manifest["pathWhitelist"].as_array().unwrap();
    for path in [
        format!("{server}/bin/serve"),
        format!("{library}/lib/b/c.so"),
    ] {
        assert!(listed.contains(&path.clone().into()), "{path}: {listed:?}");
    }
}
