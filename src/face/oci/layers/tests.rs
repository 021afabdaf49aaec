//! What images share, and what a change of one costs.

mod replay;

use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::*;
use crate::input::closure::tests::closure;
use crate::input::store_path::StoreDir;

type Layers = Vec<BTreeSet<StorePath>>;

/// A store path of a made-up closure.
#[derive(Debug, Clone)]
struct Made {
    name: String,
    /// What its hash is made from.
    content: u64,
    size: u64,
    /// Numbers of what it refers to.
    references: Vec<usize>,
}

impl Made {
    fn new(name: &str, size: u64, references: &[usize]) -> Self {
        Self {
            name: name.to_owned(),
            content: 0,
            size,
            references: references.to_vec(),
        }
    }

    fn path(&self) -> String {
        let hash = Sha256::digest(format!("{} {}", self.content, self.name));
        let hash = data_encoding::HEXLOWER.encode(&hash).replace('e', "z");
        format!("/nix/store/{}-{}", &hash[..32], self.name)
    }
}

fn made(paths: &[Made]) -> Closure {
    let records = paths.iter().map(|path| {
        let references = path.references.iter().map(|number| paths[*number].path());
        json!({
            "path": path.path(),
            "narHash": "sha256:0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73",
            "narSize": path.size,
            "references": references.collect::<Vec<String>>(),
        })
    });
    let records = serde_json::from_value(Value::Array(records.collect())).unwrap();
    Closure::new(StoreDir::new("/nix/store").unwrap(), records).unwrap()
}

fn package(path: &str) -> Package {
    Package {
        name: String::new(),
        paths: vec![path.to_owned()],
        priority: 5,
    }
}

/// The layers of the whole closure; `programs` are names of packages.
fn layers(closure: &Closure, programs: &[&str], most: usize) -> Layers {
    let all: BTreeSet<StorePath> = closure.iter().map(|(path, _)| path.clone()).collect();
    let packages = programs.iter().map(|name| {
        let path = all.iter().find(|path| path.name() == *name);
        package(path.unwrap().as_str())
    });
    let packages: Vec<Package> = packages.collect();
    let layers = divide(
        closure,
        &all,
        &packages,
        most,
        &Interrupt::listen().unwrap(),
    );
    let layers = layers.unwrap();
    assert!(layers.len() <= most.max(1));
    let held: usize = layers.iter().map(BTreeSet::len).sum();
    assert_eq!(held, all.len(), "each is in one layer");
    assert!(layers.iter().flatten().all(|path| all.contains(path)));
    layers
}

fn names(layers: &Layers) -> Vec<Vec<&str>> {
    layers
        .iter()
        .map(|layer| layer.iter().map(StorePath::name).collect())
        .collect()
}

/// The layers of `new` that `old` has not.
fn news<'a>(old: &Layers, new: &'a Layers) -> Vec<&'a BTreeSet<StorePath>> {
    new.iter().filter(|layer| !old.contains(layer)).collect()
}

fn holds(layers: &[&BTreeSet<StorePath>], name: &str) -> bool {
    layers.iter().any(|l| l.iter().any(|p| p.name() == name))
}

/// An application of two programs on 100 libraries, of which some are large.
fn application() -> Vec<Made> {
    let mut paths = vec![Made::new("app-1.0", 10, &(1..=100).collect::<Vec<usize>>())];
    for number in 1..=100_usize {
        let size = if number % 4 == 0 { 100_000 } else { 1000 };
        let below = if number < 100 {
            vec![number + 1]
        } else {
            vec![]
        };
        let name = format!("lib{number}-1.{number}");
        paths.push(Made::new(&name, size + number as u64, &below));
    }
    paths.push(Made::new("tool-1.0", 20, &[50]));
    paths
}

const APPLICATION: [&str; 2] = ["app-1.0", "tool-1.0"];

#[test]
fn with_layers_enough_each_path_has_its_own_and_the_base_is_lowest() {
    let closure = closure(&[("app", &["lib", "libc"]), ("lib", &["libc"]), ("libc", &[])]);
    let layers = layers(&closure, &["app"], 59);
    assert_eq!(names(&layers), [["libc"], ["lib"], ["app"]]);
}

#[test]
fn with_too_few_layers_the_program_and_the_most_needed_keep_their_own() {
    let closure = closure(&[
        ("app", &["lib", "libc", "data"]),
        ("data", &[]),
        ("lib", &["libc"]),
        ("libc", &[]),
        ("tool", &["libc"]),
    ]);
    let three = layers(&closure, &["app"], 3);
    assert_eq!(three.len(), 3);
    assert!(names(&three).contains(&vec!["libc"]));
    assert!(names(&three).contains(&vec!["app"]));
    assert_eq!(names(&layers(&closure, &["libc"], 2))[0], ["libc"]);
    assert_eq!(layers(&closure, &["app"], 1).len(), 1);
    assert_eq!(layers(&closure, &["app"], 0).len(), 1);
}

#[test]
fn another_application_leaves_the_layers_below_as_they_are() {
    let one = closure(&[("app", &["lib"]), ("lib", &["c"]), ("c", &[])]);
    let other = closure(&[("bpp", &["lib"]), ("lib", &["c"]), ("c", &[])]);
    let (one, other) = (layers(&one, &["app"], 59), layers(&other, &["bpp"], 59));
    assert_eq!(one[..2], other[..2]);
}

#[test]
fn a_changed_program_changes_its_layer_alone() {
    let old = layers(&made(&application()), &APPLICATION, 30);
    for changed in [0, 101] {
        let mut paths = application();
        paths[changed].content = 7;
        paths[changed].size *= 3;
        let new = layers(&made(&paths), &APPLICATION, 30);
        let news = news(&old, &new);
        assert_eq!(news.len(), 1);
        assert_eq!(news[0].len(), 1);
        assert!(holds(&news, &paths[changed].name));
    }
}

#[test]
fn a_small_path_that_is_rebuilt_added_or_dropped_changes_one_common_layer() {
    let old = layers(&made(&application()), &APPLICATION, 30);
    let common = old.iter().filter(|layer| layer.len() > 1).count();
    assert!((8..=10).contains(&common), "{common} common layers");
    for small in [1, 2, 33, 49, 77, 99] {
        let mut updated = application();
        updated[small].content = 7;
        updated[small].size += 300;
        let name = updated[small].name.clone();
        updated[small].name = name.replace("-1.", "-2.");
        let new = layers(&made(&updated), &APPLICATION, 30);
        let news = news(&old, &new);
        assert_eq!(news.len(), 1, "{name} is updated");
        assert!(holds(&news, &updated[small].name));
        // It and the others of one layer, not of all of them.
        assert!((2..=20).contains(&news[0].len()));
    }
    // One more, and seen from there one fewer.
    let mut more = application();
    more.push(Made::new("added-1.0", 500, &[]));
    more[0].references.push(102);
    let new = layers(&made(&more), &APPLICATION, 30);
    assert_eq!(news(&old, &new).len(), 1);
    assert!(holds(&news(&old, &new), "added-1.0"));
    assert_eq!(news(&new, &old).len(), 1);
}

#[test]
fn a_library_that_is_rebuilt_sends_hardly_more_than_what_reaches_it() {
    // Four libraries, each of which fifteen small ones need, and fifteen that need none; the application needs all.
    let mut paths = vec![Made::new("app-1.0", 10, &(1..=79).collect::<Vec<usize>>())];
    for number in 1..=79 {
        let (size, below) = match number {
            1..=4 => (100_000, vec![]),
            _ => (1000, Vec::from_iter((number % 5 > 0).then_some(number % 5))),
        };
        paths.push(Made::new(&format!("lib{number}-1.0"), size, &below));
    }
    let old = layers(&made(&paths), &["app-1.0"], 30);
    for library in 1..=4 {
        let mut rebuilt = paths.clone();
        let reaches = |number: &usize| *number == 0 || *number % 5 == library;
        for number in (0..rebuilt.len()).filter(reaches) {
            rebuilt[number].content = 7;
        }
        let new = layers(&made(&rebuilt), &["app-1.0"], 30);
        let sent: usize = news(&old, &new).iter().map(|layer| layer.len()).sum();
        let least = (0..rebuilt.len()).filter(reaches).count();
        assert!(sent <= least + 2, "{sent}, where {least} are rebuilt");
    }
}

#[test]
fn a_large_path_that_is_dropped_gives_its_layer_to_one_other_and_changes_few() {
    let old = layers(&made(&application()), &APPLICATION, 30);
    let mut fewer = application();
    fewer.push(Made::new("large-1.0", 5_000_000, &[]));
    fewer[0].references.push(102);
    let new = layers(&made(&fewer), &APPLICATION, 30);
    let changed = news(&new, &old);
    assert_eq!(changed.iter().filter(|layer| layer.len() == 1).count(), 1);
    assert!(changed.len() <= 5, "{} of {}", changed.len(), old.len());
}

#[test]
fn hashes_settle_nothing() {
    let mut paths = application();
    for path in &mut paths {
        path.size = 1000;
    }
    let old = layers(&made(&paths), &APPLICATION, 30);
    for path in &mut paths {
        path.content = 7;
    }
    let new = layers(&made(&paths), &APPLICATION, 30);
    let sorted = |layers: &Layers| {
        let mut names: Vec<Vec<String>> = Vec::new();
        for layer in layers {
            names.push(layer.iter().map(|path| path.name().to_owned()).collect());
            names.last_mut().unwrap().sort();
        }
        names
    };
    assert_eq!(sorted(&old), sorted(&new));
}

#[test]
fn many_programs_leave_layers_to_what_is_large() {
    let mut paths = vec![Made::new("large-1.0", 5_000_000, &[])];
    let programs: Vec<String> = (1..60).map(|n| format!("program{n}-1.0")).collect();
    paths.extend(programs.iter().map(|name| Made::new(name, 10, &[0])));
    let programs: Vec<&str> = programs.iter().map(String::as_str).collect();
    let layers = layers(&made(&paths), &programs, 30);
    assert!(names(&layers).contains(&vec!["large-1.0"]));
    assert!(names(&layers).contains(&vec!["program1-1.0"]));
}

#[test]
fn ten_thousand_paths_are_divided() {
    let numbers = (0..10_000_usize).map(|number| {
        let mut references: Vec<usize> = (1..=8).map(|n| number / 2 + n * 311).collect();
        references.retain(|reference| *reference < 10_000);
        Made::new(&format!("p{number}-1"), u64::MAX, &references)
    });
    let closure = made(&numbers.collect::<Vec<Made>>());
    assert_eq!(layers(&closure, &["p0-1"], 59).len(), 59);
}

proptest! {
    /// Circles too, which Nix has not.
    #[test]
    fn dependents_are_those_that_reach(
        references in proptest::collection::vec(proptest::collection::vec(0..20_usize, 0..4), 20)
    ) {
        let paths: Vec<Made> = references
            .iter()
            .enumerate()
            .map(|(number, references)| Made::new(&format!("p{number}-1"), 1, references))
            .collect();
        let closure = made(&paths);
        let all: BTreeSet<StorePath> = closure.iter().map(|(path, _)| path.clone()).collect();
        let numbered = Numbered::new(&closure, &all);
        let interrupt = Interrupt::listen().unwrap();
        let counts = numbered.dependents(&interrupt).unwrap();
        let numbers: Vec<usize> = (0..all.len()).collect();
        let bits = numbered.reach(&numbers, &interrupt).unwrap();
        let reaches: Vec<_> = all.iter().map(|path| closure.reachable([path.clone()])).collect();
        for (reached, bits) in reaches.iter().zip(bits) {
            for (bit, path) in all.iter().enumerate() {
                prop_assert_eq!(reached.contains(path), (bits >> bit) & 1 == 1);
            }
        }
        for (path, count) in all.iter().zip(counts) {
            let reaching = reaches.iter().filter(|reached| reached.contains(path)).count();
            prop_assert_eq!(reaching - 1, count as usize);
        }
    }
}
