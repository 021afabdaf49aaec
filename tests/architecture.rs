//! The architecture page knows every room of the program, and no room that is gone.

#![allow(
    clippy::unwrap_used,
    reason = "a page that cannot be read is a failed test"
)]

use std::collections::BTreeSet;
use std::fs;

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
