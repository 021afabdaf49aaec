//! The architecture page knows every room of the program, and no room that is gone.

#![allow(
    clippy::unwrap_used,
    reason = "a page that cannot be read is a failed test"
)]

const PAGE: &str = include_str!("../docs/architecture.md");
const LIBRARY: &str = include_str!("../src/lib.rs");

/// Names of modules that the table of rooms has, `oci/*` being `oci`.
fn rooms() -> Vec<&'static str> {
    let table = PAGE.split("## Rooms").nth(1).unwrap();
    let table = table.split("\n## ").next().unwrap();
    let rows = table.lines().filter(|line| line.starts_with('|')).skip(2);
    rows.flat_map(|row| row.split('|').nth(2).unwrap().split(','))
        .map(|name| name.trim().trim_matches('`').trim_end_matches("/*"))
        .collect()
}

#[test]
fn every_module_has_its_room() {
    let modules: Vec<&str> = LIBRARY
        .lines()
        .filter_map(|line| {
            line.trim_start_matches("pub ")
                .strip_prefix("mod ")?
                .strip_suffix(';')
        })
        .chain(["lib", "main"])
        .collect();
    let rooms = rooms();
    for module in &modules {
        assert!(
            rooms.contains(module),
            "docs/architecture.md lacks {module}"
        );
    }
    for room in rooms {
        assert!(
            modules.contains(&room),
            "docs/architecture.md has {room}, and src/ does not"
        );
    }
}
