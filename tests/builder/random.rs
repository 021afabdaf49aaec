//! Any tree of files, links and directories: the archive holds it as the store does. And any valid spec: its archive
//! holds what the spec says, and actool accepts it.

#[path = "../manifest/generate.rs"]
mod generate;

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::archive::Kind;
use crate::fixture::World;
use crate::package::{Item, Package};
use crate::rules::{actool_accepts, keeps_the_rules, store_is};

/// The directory of the package, away from what a spec of [`generate`] names.
const BELOW: &str = "Package";

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

/// Owner and mode, each of them perhaps.
fn owned() -> impl Strategy<Value = Value> {
    let mode = prop::option::of("[0-7]{3,4}");
    let id = || prop::option::of(prop_oneof![0..9_u32, 2_000_000..u32::MAX]);
    (mode, id(), id()).prop_map(|(mode, uid, gid)| {
        let members = [
            ("mode", mode.map(Value::from)),
            ("uid", uid.map(Value::from)),
            ("gid", gid.map(Value::from)),
        ];
        let given = members
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)));
        Value::Object(given.collect())
    })
}

/// Members of `files` for the directory `/Files`; a source is the number of a file of the package.
fn files() -> impl Strategy<Value = Map<String, Value>> {
    let content = prop_oneof![
        3 => any::<String>().prop_map(|text| json!({ "text": text })),
        1 => Just(json!({ "directory": true })),
        1 => "[^\\p{Cc}]{1,120}".prop_map(|target| json!({ "symlink": target })),
        2 => any::<prop::sample::Index>().prop_map(|at| json!({ "source": at.index(1 << 20) })),
    ];
    let file = (content, owned()).prop_map(|(mut file, owned)| {
        let members = file.as_object_mut().unwrap();
        members.extend(owned.as_object().unwrap().clone());
        // A link has no mode of its own.
        if members.contains_key("symlink") {
            members.remove("mode");
        }
        file
    });
    let files = prop::collection::btree_map(name(), file, 0..6);
    files.prop_map(|files| {
        // Packages may have such names, an author's paths may not.
        let files = files.into_iter();
        files
            .filter(|(name, _)| !name.contains(char::is_control))
            .map(|(name, file)| (format!("/Files/{name}"), file))
            .collect()
    })
}

/// A valid spec: what [`generate`] makes, and in the image all that it names.
#[derive(Debug)]
struct Wanted {
    spec: Value,
    files: Map<String, Value>,
    /// For which of the package's files owner or mode are changed, and to what.
    perms: Vec<(prop::sample::Index, Value)>,
}

fn wanted() -> impl Strategy<Value = Wanted> {
    let something = owned().prop_filter("perms that change nothing", |owned| {
        owned.as_object().is_some_and(|owned| !owned.is_empty())
    });
    let perms = prop::collection::vec((any::<prop::sample::Index>(), something), 0..4);
    let skeleton = prop::collection::vec(any::<bool>(), 10);
    (generate::changes(), files(), perms, skeleton).prop_map(|(mut spec, files, perms, parts)| {
        let mut wanted = files;
        let mut want = |path: String, file: Value| {
            wanted.entry(path).or_insert(file);
        };
        want("/opt".to_owned(), json!({ "directory": true }));
        let start = if spec.pointer("/exec/0").is_some() {
            "/exec/0"
        } else {
            "/args/0"
        };
        let interpreter = json!({ "text": "#!/Interpreter\n", "mode": "0755" });
        want("/Interpreter".to_owned(), interpreter);
        let mut programs = Vec::new();
        for at in [start, "/eventHandlers/post-stop/0", "/healthcheck/test/0"] {
            let program = spec.pointer_mut(at).map(Value::take);
            if let Some(Value::String(program)) = program {
                let program = format!("/Programs{program}");
                want(
                    program.clone(),
                    json!({ "text": "#!/Interpreter\n", "mode": "0755" }),
                );
                programs.push(program.clone());
                *spec.pointer_mut(at).unwrap() = program.into();
            }
        }
        for (account, file, rest) in [
            ("user", "/etc/passwd", "x:1:1::/:/bin/sh"),
            ("group", "/etc/group", "x:1:"),
        ] {
            let account = spec[account].as_str().unwrap().to_owned();
            if account.starts_with('/') {
                want(account, json!({ "text": "" }));
            } else {
                want(
                    file.to_owned(),
                    json!({ "text": format!("{account}:{rest}\n") }),
                );
            }
        }
        for path in spec["pathWhitelist"].as_array().unwrap() {
            want(
                path.as_str().unwrap().to_owned(),
                json!({ "directory": true }),
            );
        }
        // Where some files are named, all others are left out.
        if let Some(whitelist) = spec["pathWhitelist"].as_array_mut()
            && !whitelist.is_empty()
        {
            programs.sort();
            programs.dedup();
            whitelist.extend(programs.into_iter().map(Value::from));
        }
        let names = [
            "tmp",
            "directories",
            "passwd",
            "nsswitch",
            "shell",
            "env",
            "certificates",
            "timeZones",
            "locale",
        ];
        spec["skeleton"] = names
            .into_iter()
            .map(str::to_owned)
            .zip(parts.clone())
            .collect();
        spec["dnsquirks"] = parts[9].into();
        Wanted {
            spec,
            files: wanted,
            perms,
        }
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, max_shrink_iters: 60, ..ProptestConfig::default() })]

    /// What is written is what was planned, as the program finds when it reads the archive again; and actool accepts it.
    #[test]
    fn any_valid_spec_becomes_an_image(items in items(), wanted in wanted(), method in "gzip|xz|none", kind in "fat|thin|static") {
        let mut world = World::new();
        let mut below: BTreeMap<_, _> = items
            .into_iter()
            .map(|(path, item)| (format!("{BELOW}/{path}"), item))
            .collect();
        below.insert(format!("{BELOW}/0"), Item::File { content: Vec::new(), executable: true });
        let path = world.add(&package("any", &below));
        let of_package: Vec<&String> = below
            .iter()
            .filter(|(_, item)| matches!(item, Item::File { .. }))
            .map(|(path, _)| path)
            .collect();
        let Wanted { mut spec, mut files, perms } = wanted;
        for file in files.values_mut().filter_map(|file| file.get_mut("source")) {
            let at = usize::try_from(file.as_u64().unwrap()).unwrap();
            *file = format!("{path}/{}", of_package[at % of_package.len()]).into();
        }
        let perms: Map<String, Value> = perms
            .into_iter()
            .map(|(at, owned)| (format!("/{}", at.get(&of_package)), owned))
            .filter(|(path, _)| !path.contains(char::is_control) && path.split('/').all(|name| name.len() <= 255))
            .collect();
        spec["files"] = files.clone().into();
        spec["perms"] = perms.clone().into();
        let image = world.image(&[&path]).with(spec);
        let members = json!({ "kind": kind, "compression": { "method": method }, "selfCheck": true });
        let image = image.with(members).build();
        prop_assert!(image.log.contains("read again and found as planned"), "{}", image.log);
        keeps_the_rules(&image.entries);
        if kind != "thin" {
            store_is(&image, &world, &[&path]);
        }
        for (path, wanted) in files.iter().chain(&perms) {
            let entry = image.get(path).unwrap();
            let kind = match &entry.kind {
                Kind::File(content) => {
                    let text = wanted.get("text").and_then(Value::as_str);
                    prop_assert!(text.is_none_or(|text| text.as_bytes() == content), "{}", path);
                    "file"
                }
                Kind::Directory => "directory",
                Kind::Link(target) => {
                    let wanted = wanted.get("symlink").and_then(Value::as_str).unwrap();
                    prop_assert_eq!(wanted.as_bytes(), target.as_slice());
                    "symlink"
                }
            };
            prop_assert!(wanted.get("directory").is_none() || kind == "directory", "{}", path);
            let mode = wanted.get("mode").filter(|_| kind != "symlink").and_then(Value::as_str);
            let mode = mode.map(|mode| u64::from_str_radix(mode, 8).unwrap());
            let uid = wanted.get("uid").and_then(Value::as_u64);
            let gid = wanted.get("gid").and_then(Value::as_u64);
            prop_assert_eq!(mode.unwrap_or(entry.mode), entry.mode, "{}", path);
            prop_assert_eq!(uid.unwrap_or(entry.uid), entry.uid, "{}", path);
            prop_assert_eq!(gid.unwrap_or(entry.gid), entry.gid, "{}", path);
        }
        actool_accepts(&image);
    }
}
