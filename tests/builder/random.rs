//! Any tree of files, links and directories: the archive holds it as the store does.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;

use crate::archive::Kind;
use crate::fixture::World;
use crate::package::{Item, Package};
use crate::rules::{actool_accepts, keeps_the_rules, store_is};

/// Names that differ in their first character from those with a meaning at the root of an image.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-d]{1,3}",
        2 => "[a-c.\\-_+ ]{0,6}[xyz]",
        1 => "[a-c][^/\0]{0,40}",
        1 => "[a-c]{80,255}",
    ]
}

fn item() -> impl Strategy<Value = Item> {
    prop_oneof![
        3 => (prop::collection::vec(any::<u8>(), 0..1500), any::<bool>())
            .prop_map(|(content, executable)| Item::File { content, executable }),
        2 => "[a-c./]{1,10}|[^\0]{1,300}".prop_map(|target| Item::Link(target.into_bytes())),
        1 => Just(Item::Directory),
    ]
}

/// Paths with what is there; nothing stands below what is no directory.
fn items() -> impl Strategy<Value = BTreeMap<String, Item>> {
    let path = prop::collection::vec(name(), 1..4).prop_map(|names| names.join("/"));
    prop::collection::btree_map(path, item(), 0..25).prop_map(|items| {
        let leaves: Vec<String> = items
            .iter()
            .filter(|(_, item)| !matches!(item, Item::Directory))
            .map(|(path, _)| format!("{path}/"))
            .collect();
        let is_free = |path: &str| !leaves.iter().any(|leaf| path.starts_with(leaf));
        items
            .into_iter()
            .filter(|(path, _)| is_free(path))
            .collect()
    })
}

fn package(name: &str, items: &BTreeMap<String, Item>) -> Package {
    let start = Package::new(name);
    items.iter().fold(start, |package, (path, item)| {
        package.item(path, item.clone())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, max_shrink_iters: 60, ..ProptestConfig::default() })]

    #[test]
    fn any_tree_is_packed_as_it_is(items in items(), method in "gzip|xz|none", kind in "fat|thin|static") {
        let mut world = World::new();
        let path = world.add(&package("any", &items));
        let compression = json!({ "method": method });
        let members = json!({ "kind": kind, "compression": compression, "selfCheck": true });
        let image = world.image(&[&path]).with(members).build();
        keeps_the_rules(&image.entries);
        if kind != "thin" {
            store_is(&image, &world, &[&path]);
        }
        for (name, item) in &items {
            let kind = match item {
                Item::Directory => Kind::Directory,
                Item::File { .. } | Item::Link(_) => Kind::Link(format!("{path}/{name}").into_bytes()),
            };
            prop_assert_eq!(&image.get(&format!("/{name}")).unwrap().kind, &kind);
        }
        actool_accepts(&image);
    }

    /// Two trees are merged, or their collisions are told; either way nothing breaks, and the order does not matter.
    #[test]
    fn any_two_trees_are_merged_or_refused(one in items(), two in items()) {
        let mut world = World::new();
        let one = world.add(&package("one", &one));
        let two = world.add(&package("two", &two));
        let run = |packages: [&str; 2]| {
            let request = world.image(&packages);
            let (mut command, out) = request.command();
            let output = command.output().unwrap();
            (output.status.code(), String::from_utf8(output.stderr).unwrap(), out.exists())
        };
        let (code, message, exists) = run([&one, &two]);
        prop_assert!(!message.contains("panicked"), "{}", message);
        prop_assert_eq!(exists, code == Some(0));
        if code == Some(0) {
            let image = world.image(&[&one, &two]).build();
            keeps_the_rules(&image.entries);
            store_is(&image, &world, &[&one, &two]);
        } else {
            prop_assert_eq!(code, Some(1));
            let told = message.contains("different content") || message.contains("has no end");
            prop_assert!(told, "{}", message);
        }
        prop_assert_eq!(run([&two, &one]).0, code);
    }
}
