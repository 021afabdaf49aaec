//! Collisions: two packages at one path, and who wins.

use serde_json::{Value, json};

use crate::fixture::package_json;
use crate::merge::{merged, world};
use crate::package::Package;

#[test]
fn a_collision_names_path_packages_and_mends() {
    let (world, [one, two]) = world([
        Package::new("one-1")
            .program("bin/x")
            .file("share/d/y", "1")
            .file("z", "same"),
        Package::new("two-2")
            .file("bin/x", "other")
            .file("share/d", "2")
            .file("z", "same"),
    ]);
    let message = world.image(&[&one, &two]).refused();
    for part in [
        "1 problem",
        "packages: one-1 and two-2 bring different content for /bin/x, /share/d;",
        "lib.hiPrio",
        "lib.lowPrio",
        "pathsToLink",
        "image \"example.com/app\"",
    ] {
        assert!(message.contains(part), "{part:?} is not in: {message}");
    }
}

#[test]
fn equal_content_is_no_collision() {
    let program = || Package::new("x").program("bin/x").file("etc/x", "x");
    let mut one = program();
    let mut two = program();
    (one.name, two.name) = ("one".into(), "two".into());
    merged([one.clone(), two.clone()]).has_root(&[
        "0755 /bin/",
        "/bin/x -> @one/bin/x",
        "0755 /etc/",
        "0644 /etc/x \"x\"",
    ]);
    // A link to a file with the same bytes is as good; the same bytes without the executable bit are not.
    let link = Package::new("link")
        .program("libexec/x")
        .link("bin/x", "../libexec/x");
    assert!(merged([one, link]).get("/bin/x").is_some());
    let plain = Package::new("plain").file("bin/x", "a program\n");
    let (world, [two, plain]) = world([two, plain]);
    world
        .image(&[&two, &plain])
        .refused_with(&["two and plain", "/bin/x"]);
}

#[test]
fn the_lower_priority_number_wins_whatever_the_order() {
    let file = |name: &str| Package::new(name).file("share/x", name);
    let directory = |name: &str| Package::new(name).file("share/x/below", name);
    let cases = [
        (file("high"), file("low"), "/share/x -> @high/share/x"),
        (file("high"), directory("low"), "/share/x -> @high/share/x"),
        (
            directory("high"),
            file("low"),
            "/share/x/below -> @high/share/x/below",
        ),
        (
            directory("high"),
            directory("low"),
            "/share/x/below -> @high/share/x/below",
        ),
    ];
    for (high, low, expected) in cases {
        let (world, [high, low]) = world([high, low]);
        let (high, low) = (package_json(&high, -10), package_json(&low, 10));
        for packages in [json!([high, low]), json!([low, high])] {
            let image = world
                .image(&[])
                .with(json!({ "packages": packages }))
                .build();
            let lines = image.lines();
            assert_eq!(
                lines.last().map(String::as_str),
                Some(expected),
                "{packages}"
            );
            assert!(!lines.iter().any(|line| line.contains("@low")), "{lines:?}");
        }
    }
}

#[test]
fn priorities_hold_under_etc_and_across_three_packages() {
    let file = |name: &str| Package::new(name).file("etc/x", name);
    let (world, paths) = world([file("a"), file("b"), file("c")]);
    let packages = |numbers: [i64; 3]| -> Value {
        paths
            .iter()
            .zip(numbers)
            .map(|(path, number)| package_json(path, number))
            .collect()
    };
    let request = |numbers| {
        world
            .image(&[])
            .with(json!({ "packages": packages(numbers) }))
    };
    request([5, 5, 1])
        .build()
        .has_root(&["0755 /etc/", "0644 /etc/x \"c\""]);
    request([1, 1, 5]).refused_with(&["a and b", "/etc/x"]);
}

#[test]
fn large_files_are_compared_to_their_last_byte() {
    let block = 64 * 1024;
    for (length, same) in [
        (block, true),
        (block, false),
        (3 * block + 7, true),
        (3 * block + 7, false),
    ] {
        let one = vec![b'x'; length];
        let mut two = one.clone();
        two[length - 1] = if same { b'x' } else { b'y' };
        let packages = [("one", one), ("two", two)];
        let packages = packages.map(|(name, content)| Package::new(name).file("share/x", content));
        let (world, [one, two]) = world(packages);
        let request = world.image(&[&one, &two]);
        if same {
            request.build();
        } else {
            request.refused_with(&["one and two bring different content for /share/x"]);
        }
    }
}
