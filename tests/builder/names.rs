//! Names that are hard to keep: packed faithfully, or refused by name.

use serde_json::json;

use crate::archive::Kind;
use crate::fixture::World;
use crate::package::Package;
use crate::rules::{actool_accepts, keeps_the_rules, store_is};

#[test]
fn what_is_not_utf8_is_refused_by_name() {
    for (name, why) in [
        (
            b"share/bad\xff".as_slice(),
            "which is not UTF-8: runtimes drop such files without a word",
        ),
        (b"share/bad\xff/below", "not UTF-8"),
        (b"etc/bad\xff", "not UTF-8"),
    ] {
        let mut world = World::new();
        let path = world.add_unhashed(&Package::new("p").file(name, ""));
        world
            .image(&[&path])
            .refused_with(&[&path, "bad\\xFF", why]);
    }
    let mut world = World::new();
    let path = world.add_unhashed(&Package::new("p").link("share/link", b"to\xff"));
    world
        .image(&[&path])
        .refused_with(&[&path, "to\\xFF", "not UTF-8"]);
    // What is not looked at does no harm: a thin image has nothing of a directory that is not linked.
    let members = json!({ "kind": "thin", "pathsToLink": ["/bin"] });
    world.image(&[&path]).with(members).build();
}

#[test]
fn hard_names_are_packed_faithfully() {
    let longest = "n".repeat(255);
    let names = [
        " ",
        " leading",
        "trailing ",
        "two  blanks",
        "line\nbreak",
        "tab\t",
        "quote'",
        "double\"",
        "back\\slash",
        "-rf",
        "--",
        "*",
        "$HOME",
        "`id`",
        "a:b",
        "a,b",
        "a=b",
        "%41",
        "#",
        "!",
        "~",
        "\u{1}",
        "\u{7f}",
        "\u{feff}",
        "ä",
        "a\u{308}",
        "日本語",
        "🦀",
        ".hidden",
        "..hidden",
        "...",
        ".wh.gone",
        ".wh..wh..opq",
        "manifest",
        "rootfs",
        "CON",
        "A",
        "a",
        longest.as_str(),
    ];
    let mut package = Package::new("hard");
    for name in names {
        package = package
            .file(format!("files/{name}"), name)
            .link(format!("links/{name}"), name)
            .file(format!("directories/{name}/below"), "")
            .file(format!("etc/{name}"), name);
    }
    let mut deep = "deep".to_owned();
    for level in 0..12 {
        deep = format!("{deep}/{}{level}", "d".repeat(97 + level));
        package = package
            .file(format!("{deep}/f"), "")
            .link(format!("{deep}/l"), format!("/{deep}"));
    }
    let mut world = World::new();
    let path = world.add(&package);
    let image = world
        .image(&[&path])
        .with(json!({ "selfCheck": true }))
        .build();
    keeps_the_rules(&image.entries);
    store_is(&image, &world, &[&path]);
    for name in names {
        let copied = &image.get(&format!("/etc/{name}")).unwrap().kind;
        assert_eq!(copied, &Kind::File(name.as_bytes().to_vec()), "{name:?}");
        let linked = &image.get(&format!("/files/{name}")).unwrap().kind;
        assert_eq!(
            linked,
            &Kind::Link(format!("{path}/files/{name}").into_bytes()),
            "{name:?}"
        );
    }
    actool_accepts(&image);
}

#[test]
fn lengths_at_which_header_fields_end_are_kept() {
    let mut package = Package::new("lengths");
    for length in (90..110).chain(150..160).chain(240..256) {
        let name = "x".repeat(length);
        package = package
            .file(format!("one/{name}"), "")
            .link(format!("targets/{length}"), format!("{name}/é{name}"))
            .directory(format!("two/{}/{name}", "y".repeat(155 - length % 10)));
    }
    let mut world = World::new();
    let path = world.add(&package);
    let image = world
        .image(&[&path])
        .with(json!({ "selfCheck": true }))
        .build();
    keeps_the_rules(&image.entries);
    store_is(&image, &world, &[&path]);
    actool_accepts(&image);
}

#[test]
fn a_path_that_no_system_can_open_is_refused() {
    let mut world = World::new();
    let place = world.place("p");
    let mut path = String::new();
    while place.len() + path.len() < 3800 {
        path = format!("{path}{}/", "d".repeat(200));
    }
    let left = 4094 - place.len() - path.len();
    path = format!("{path}{}", "f".repeat(left));
    let package = world.add(&Package::new("p").file(path, ""));
    world
        .image(&[&package])
        .refused_with(&["more than 4095 bytes"]);
}

#[test]
fn strange_packages_do_not_confuse_messages() {
    let mut world = World::new();
    let one = world.add(&Package::new("one").file("share/line\nbreak", "1"));
    let two = world.add(&Package::new("two").file("share/line\nbreak", "2"));
    let message = world.image(&[&one, &two]).refused();
    assert!(
        message.lines().count() <= 2,
        "a name must not begin a line of its own: {message}"
    );
}

#[test]
fn what_cannot_be_packed_of_a_store_path_is_told_at_once() {
    let mut library = Package::new("library-1")
        .file("lib/fine", "")
        .file(b"lib/bad\xff", "")
        .file(b"lib/bad\xfe/below", "")
        .link("lib/link", b"to\xff")
        .file("lib/sub/.wh.one", "");
    for number in 0..100 {
        library = library.file(format!("many/.wh.{number:02}"), "");
    }
    let mut world = World::new();
    let library = world.add_unhashed(&library);
    let needs = |name: &str, other: &str| Package::new(name).file("x", "").refers(other);
    let font = world.add(&needs("font-2", &library));
    let app = world.add(&needs("app-3", &font));
    let request = world.image(&[&app]);
    let brought =
        format!("  packages: {library} (app-3 -> font-2 -> library-1) cannot be packed: ");
    let names = format!(
        "{brought}\"lib/bad\\xFE\", \"lib/bad\\xFF\": each has a name that is not UTF-8: runtimes drop"
    );
    let target = format!("{brought}lib/link is a link to what is not UTF-8");
    request.refused_with(&["2 problems", &names, &target]);
    let layers = json!({ "face": "oci" });
    request.with(layers).refused_with(&[
        "3 problems",
        &names,
        &target,
        &format!("{brought}lib/sub/.wh.one, many/.wh.00, many/.wh.01, "),
        "many/.wh.06 and 93 more: each has a name by which layers of OCI images delete files",
    ]);
    // What is only read, to verify what is copied from it, has nothing to do with layers.
    let files = json!({ "/x": { "source": format!("{library}/lib/fine") } });
    let world_of_one = world
        .image(&[])
        .with(json!({ "files": files, "face": "oci" }));
    world_of_one.refused_with(&["2 problems", "(library-1) cannot be packed"]);
}

#[test]
fn what_cannot_be_packed_of_the_root_file_system_is_told_at_once() {
    let mut world = World::new();
    let mut package = |name: &str, files: [&str; 2]| {
        let both = Package::new(name).file(files[0], "").file(files[1], "");
        world.add(&both)
    };
    let one = package("one", ["share/.wh.a", "share/.wh.b"]);
    let two = package("two", ["share/.wh.c", "share/d"]);
    let files = json!({ "/srv/.wh.e": { "text": "" } });
    world
        .image(&[&one, &two])
        .with(json!({ "face": "oci", "kind": "thin", "files": files }))
        .refused_with(&[
            "3 problems",
            "packages: package one cannot be packed: /share/.wh.a, /share/.wh.b: each has a name by which layers",
            "packages: package two cannot be packed: /share/.wh.c has a name by which layers",
            "files: files cannot be packed: /srv/.wh.e has",
        ]);
}

/// A line that begins so is an order to Nix, and what is behind the escape one to a terminal.
const FORGED: &str = "\n@nix {\"action\":\"setPhase\"}\u{1b}[2J\u{202e}";

fn says_nothing_forged(said: &str) {
    assert!(said.contains("\\n@nix {"), "{said}");
    for (what, forged) in [
        ("order", said.lines().any(|line| line.starts_with("@nix"))),
        ("control", said.contains(['\u{1b}', '\u{202e}'])),
    ] {
        assert!(!forged, "{what}: {said}");
    }
}

#[test]
fn names_forge_no_lines_of_the_log() {
    let mut world = World::new();
    let name = format!("share/x{FORGED}");
    let other = world.add(&Package::new("other").file(&name, ""));
    let link = world.add(&Package::new("p").link("share/x", format!("{other}/{name}")));
    let lost = json!({ "kind": "static" });
    says_nothing_forged(&world.image(&[&link]).with(lost).build().log);
    let looped = world.add(&Package::new("l").link(format!("etc/x{FORGED}"), format!("x{FORGED}")));
    says_nothing_forged(&world.image(&[&looped]).refused());
    let colliding = world.add(&Package::new("c").file(&name, "1"));
    says_nothing_forged(&world.image(&[&other, &colliding]).refused());
    let outside = world.add(&Package::new("o").link("etc/x", format!("/x{FORGED}")));
    says_nothing_forged(&world.image(&[&outside]).refused());
}
