//! The architecture page knows every room of the program, and no room that is gone.

#![allow(
    clippy::unwrap_used,
    reason = "a page that cannot be read is a failed test"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const PAGE: &str = include_str!("../docs/architecture.md");

/// The rooms in the order of the page, highest first.
fn rooms() -> Vec<&'static str> {
    let list = PAGE.split("## Rooms").nth(1).unwrap();
    let list = list.split("\n## ").next().unwrap();
    let items = list.lines().filter_map(|line| line.strip_prefix("- `"));
    items
        .map(|line| line.split('`').next().unwrap().trim_end_matches(".rs"))
        .collect()
}

#[test]
fn every_folder_is_a_room_of_the_page() {
    let folders: BTreeSet<String> = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .map(|name| name.trim_end_matches(".rs").to_owned())
        .filter(|name| !["lib", "main"].contains(&name.as_str()))
        .collect();
    let rooms: BTreeSet<String> = rooms().into_iter().map(str::to_owned).collect();
    assert_eq!(rooms, folders);
}

/// The rooms whose names stand behind `crate::` in the files of `room`, tests and documentation left out.
fn used_by(room: &str) -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(room);
    let mut waiting = vec![if path.is_dir() {
        path
    } else {
        path.with_extension("rs")
    }];
    let mut used = BTreeSet::new();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(
                fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        } else if path.extension().is_some_and(|ending| ending == "rs")
            && !path.ends_with("tests.rs")
        {
            let text = fs::read_to_string(&path).unwrap();
            let program = text.split("#[cfg(test)]").next().unwrap();
            let lines = program
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            for behind in lines.flat_map(|line| line.split("crate::").skip(1)) {
                assert!(
                    !behind.starts_with('{'),
                    "{room} imports several rooms at once"
                );
                let name = behind
                    .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                    .next();
                used.insert(name.unwrap_or_default().to_owned());
            }
        }
    }
    used
}

#[test]
fn a_room_uses_those_below_it_only() {
    let rooms = rooms();
    for (at, room) in rooms.iter().enumerate() {
        let above: Vec<&str> = rooms[..at].to_vec();
        let used = used_by(room);
        let wrong: Vec<_> = above
            .iter()
            .filter(|above| used.contains(**above))
            .collect();
        assert!(
            wrong.is_empty(),
            "{room} uses {wrong:?}, which stand above it"
        );
    }
}
