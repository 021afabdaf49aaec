//! The merge of packages at the image's root: links, directories, collisions, priorities and chosen directories.

use serde_json::json;

use crate::fixture::World;
use crate::image::Image;
use crate::package::Package;

/// A world with these packages, and their store paths.
pub(crate) fn world<const N: usize>(packages: [Package; N]) -> (World, [String; N]) {
    let mut world = World::new();
    let paths = packages.map(|package| world.add(&package));
    (world, paths)
}

pub(crate) fn merged<const N: usize>(packages: [Package; N]) -> Image {
    let (world, paths) = world(packages);
    world.image(&paths.each_ref().map(String::as_str)).build()
}

#[test]
fn directories_are_real_and_leaves_are_links() {
    let a = Package::new("a")
        .program("bin/a")
        .file("share/doc/a/README", "a")
        .directory("share/empty")
        .file("nix-support/propagated", "x")
        .file("share/info/dir", "index")
        .file("share/info/a.info", "a")
        .link("lib/liba.so", "liba.so.1")
        .file("lib/liba.so.1", "code")
        .link("lib/gone", "nowhere");
    let b = Package::new("b")
        .program("bin/b")
        .file("share/doc/b/README", "b")
        .file("share/nix-support/kept", "x");
    merged([a, b]).has_root(&[
        "0755 /bin/",
        "/bin/a -> @a/bin/a",
        "/bin/b -> @b/bin/b",
        "0755 /lib/",
        "/lib/gone -> @a/lib/gone",
        "/lib/liba.so -> @a/lib/liba.so",
        "/lib/liba.so.1 -> @a/lib/liba.so.1",
        "0755 /share/",
        "0755 /share/doc/",
        "0755 /share/doc/a/",
        "/share/doc/a/README -> @a/share/doc/a/README",
        "0755 /share/doc/b/",
        "/share/doc/b/README -> @b/share/doc/b/README",
        "0755 /share/empty/",
        "0755 /share/info/",
        "/share/info/a.info -> @a/share/info/a.info",
        "0755 /share/nix-support/",
        "/share/nix-support/kept -> @b/share/nix-support/kept",
    ]);
}

#[test]
fn a_link_to_a_directory_stays_until_it_has_to_be_merged() {
    let linked = || Package::new("linked").program("bin/x").link("sbin", "bin");
    let lines = [
        "0755 /bin/",
        "/bin/x -> @linked/bin/x",
        "/sbin -> @linked/sbin",
    ];
    merged([linked()]).has_root(&lines);

    let merged_lines = [
        "0755 /bin/",
        "/bin/x -> @linked/bin/x",
        "0755 /sbin/",
        "/sbin/x -> @linked/bin/x",
        "/sbin/y -> @real/sbin/y",
    ];
    let real = || Package::new("real").program("sbin/y");
    merged([linked(), real()]).has_root(&merged_lines);
    merged([real(), linked()]).has_root(&merged_lines);

    let other = Package::new("other")
        .program("tools/z")
        .link("sbin", "tools");
    merged([linked(), other]).has_root(&[
        "0755 /bin/",
        "/bin/x -> @linked/bin/x",
        "0755 /sbin/",
        "/sbin/x -> @linked/bin/x",
        "/sbin/z -> @other/tools/z",
        "0755 /tools/",
        "/tools/z -> @other/tools/z",
    ]);
}

#[test]
fn two_links_to_one_directory_are_no_collision() {
    let (mut world, [base]) = world([Package::new("base").file("share/x", "x")]);
    let target = format!("{base}/share");
    let one = world.add(&Package::new("one").link("share", &target).refers(&base));
    let two = world.add(&Package::new("two").link("share", &target).refers(&base));
    world
        .image(&[&one, &two])
        .build()
        .has_root(&["/share -> @one/share"]);
    // Nor is the directory itself, which the link leads to anyway.
    let image = world.image(&[&one, &two, &base]).build();
    image.has_root(&["/share -> @one/share"]);
}

#[test]
fn only_the_chosen_directories_are_linked() {
    let package = Package::new("p")
        .program("bin/p")
        .file("share/man/man1/p.1", "man")
        .file("share/doc/p", "doc")
        .file("binary", "x")
        .link("usr", "share");
    let (world, [path]) = world([package]);
    for (chosen, expected) in [
        (json!(["/bin"]), &["0755 /bin/", "/bin/p -> @p/bin/p"][..]),
        (
            json!(["/share/man"]),
            &[
                "0755 /share/",
                "0755 /share/man/",
                "0755 /share/man/man1/",
                "/share/man/man1/p.1 -> @p/share/man/man1/p.1",
            ],
        ),
        // Through a link to a directory.
        (
            json!(["/usr/doc"]),
            &[
                "0755 /usr/",
                "0755 /usr/doc/",
                "/usr/doc/p -> @p/share/doc/p",
            ][..2],
        ),
        (json!(["/none"]), &[]),
    ] {
        let image = world
            .image(&[&path])
            .with(json!({ "pathsToLink": chosen }))
            .build();
        if chosen == json!(["/usr/doc"]) {
            assert_eq!(
                image.lines().first().map(String::as_str),
                Some("0755 /usr/")
            );
            assert!(image.lines().last().unwrap().starts_with("/usr/doc"));
        } else {
            image.has_root(expected);
        }
        assert_eq!(
            image.get(&format!("{path}/share/doc/p")).is_some(),
            !expected.is_empty(),
            "the store path is whole, or nothing of it is there"
        );
    }
    for bad in ["bin", "/bin/", "/a/../b", ""] {
        let request = world.image(&[&path]).with(json!({ "pathsToLink": [bad] }));
        request.refused_with(&["aci.root.pathsToLink[0]"]);
    }
}

#[test]
fn a_link_back_to_a_directory_above_does_no_harm() {
    let loops = Package::new("loops")
        .program("bin/x")
        .link("bin/X11", ".")
        .link("up", "..");
    merged([loops.clone()]).has_root(&[
        "0755 /bin/",
        "/bin/X11 -> @loops/bin/X11",
        "/bin/x -> @loops/bin/x",
        "/up -> @loops/up",
    ]);
    // Once it has to be merged it has an end, because another package's directory has one.
    let deep = Package::new("deep").program("bin/X11/X11/y");
    for packages in [[loops.clone(), deep.clone()], [deep, loops.clone()]] {
        merged(packages).has_root(&[
            "0755 /bin/",
            "0755 /bin/X11/",
            "0755 /bin/X11/X11/",
            "/bin/X11/X11/X11 -> @loops/bin/X11",
            "/bin/X11/X11/x -> @loops/bin/x",
            "/bin/X11/X11/y -> @deep/bin/X11/X11/y",
            "/bin/X11/x -> @loops/bin/x",
            "/bin/x -> @loops/bin/x",
            "/up -> @loops/up",
        ]);
    }
    let other = Package::new("other").link("bin/X11", ".");
    let (world, [loops, other]) = world([loops, other]);
    world.image(&[&loops, &other]).refused_with(&[
        "the package other at /bin/X11",
        "leads back to",
        "no end",
        "pathsToLink",
    ]);
}

#[test]
fn a_package_that_is_a_file_is_refused_with_the_mend() {
    let (world, [script]) = world([Package::new("script.sh").file("", "x")]);
    world.image(&[&script]).refused_with(&[
        "packages: ",
        &script,
        "is a file",
        "files.\"/path\".source",
    ]);
}

#[test]
fn a_package_that_is_a_link_to_a_package_is_that_package() {
    let (mut world, [real]) = world([Package::new("real").program("bin/x")]);
    let alias = world.add(&Package::new("alias").link("", &real).refers(&real));
    let image = world.image(&[&alias]).build();
    image.has_root(&["0755 /bin/", "/bin/x -> @real/bin/x"]);
}

#[test]
fn nothing_but_store_paths_goes_into_the_store() {
    let mut world = World::new();
    let inside = world.store().trim_start_matches('/').to_owned();
    let path = world.add(&Package::new("p").file(format!("{inside}/x"), "x"));
    world
        .image(&[&path])
        .refused_with(&["packages: package p brings content for", &world.store()]);
    let name = inside.rsplit_once('/').unwrap().0.to_owned();
    let path = world.add(&Package::new("q").file(&name, "x"));
    world
        .image(&[&path])
        .refused_with(&["package q brings /", "no directory"]);
}
