//! The replay: what a registry receives while an image goes through updates. `tests/bench/replay` runs it.
//!
//! A *play* begins with an image that the registry has, and goes on with the application changed; a library that much
//! depends on rebuilt, with all that reaches it; a program added; another one dropped; the C library updated. Each of
//! the most depended-on libraries has a play of its own, with other programs. What is rebuilt keeps its size.

use std::collections::BTreeMap;
use std::fs::{read_to_string, write};

use serde::Deserialize;

use super::*;
use crate::face::oci::shared::layers_for;

const PLAYS: usize = 12;
const STEPS: [&str; 5] = ["application", "library", "added", "dropped", "libc"];

#[derive(Deserialize)]
struct Input {
    closure: Vec<Value>,
    /// The packages' store paths; the first one is the application.
    packages: Vec<String>,
    /// What a layer with one store path takes.
    bytes: BTreeMap<String, u64>,
    /// Limits to try.
    layers: Vec<usize>,
}

/// A closure that changes.
#[derive(Clone)]
struct State {
    paths: Vec<Made>,
    packages: Vec<usize>,
}

impl State {
    /// Another build of `changed`, and of all that reaches it.
    fn rebuild(&mut self, changed: usize) {
        let mut rebuilt = vec![false; self.paths.len()];
        rebuilt[changed] = true;
        let mut grown = true;
        while grown {
            let more = |path: &usize| {
                !rebuilt[*path] && self.paths[*path].references.iter().any(|r| rebuilt[*r])
            };
            let more: Vec<usize> = (0..self.paths.len()).filter(more).collect();
            grown = !more.is_empty();
            for path in more {
                rebuilt[path] = true;
            }
        }
        for (path, _) in self.paths.iter_mut().zip(rebuilt).filter(|(_, it)| *it) {
            path.content += 1_000_000;
        }
    }

    /// The layers of an image: those of all packages after the first one, which a derivation of their own makes, and
    /// those of what the first one needs besides.
    fn layers(&self, most: usize) -> Layers {
        let closure = made(&self.paths);
        let interrupt = Interrupt::listen().unwrap();
        let packages = self
            .packages
            .iter()
            .map(|number| package(&self.paths[*number].path()));
        let packages: Vec<Package> = packages.collect();
        let reachable = |packages: &[Package]| {
            let roots = packages
                .iter()
                .map(|package| closure.store_dir().parse(&package.paths[0]));
            closure.reachable(roots.map(Result::unwrap))
        };
        let (application, others) = packages.split_at(1);
        let below = reachable(others);
        let above = &reachable(application) - &below;
        let most_below = layers_for(most, 0, &[]);
        let mut layers = divide(&closure, &below, others, most_below, &interrupt).unwrap();
        // The last one holds the root file system.
        let left = most - 1 - layers.len();
        layers.extend(divide(&closure, &above, application, left, &interrupt).unwrap());
        layers
    }
}

/// What a registry has.
#[derive(Default)]
struct Registry(BTreeSet<BTreeSet<StorePath>>);

impl Registry {
    /// The bytes that it receives anew.
    fn push(&mut self, state: &State, most: usize, bytes: &[u64]) -> u64 {
        let paths = state.paths.iter().zip(bytes);
        let sizes: BTreeMap<String, u64> = paths.map(|(path, size)| (path.path(), *size)).collect();
        let new = state
            .layers(most)
            .into_iter()
            .filter(|layer| self.0.insert(layer.clone()));
        new.flatten().map(|path| sizes[path.as_str()]).sum()
    }
}

fn state(input: &Input) -> State {
    let text = |record: &Value, key: &str| record[key].as_str().unwrap().to_owned();
    let numbers: BTreeMap<String, usize> = input
        .closure
        .iter()
        .enumerate()
        .map(|(number, record)| (text(record, "path"), number))
        .collect();
    let paths = input.closure.iter().enumerate().map(|(number, record)| {
        let path = text(record, "path");
        let references = record["references"].as_array().unwrap().iter();
        let references = references.map(|r| numbers[r.as_str().unwrap()]);
        Made {
            name: path.rsplit('/').next().unwrap()[33..].to_owned(),
            content: number as u64,
            size: record["narSize"].as_u64().unwrap(),
            references: references
                .filter(|reference| *reference != number)
                .collect(),
        }
    });
    State {
        paths: paths.collect(),
        packages: input.packages.iter().map(|path| numbers[path]).collect(),
    }
}

/// All paths, those first that most others depend on.
fn depended_on(state: &State) -> Vec<usize> {
    let closure = made(&state.paths);
    let all: BTreeSet<StorePath> = closure.iter().map(|(path, _)| path.clone()).collect();
    let counts = Numbered::new(&closure, &all)
        .dependents(&Interrupt::listen().unwrap())
        .unwrap();
    let counts: BTreeMap<&str, u32> = all.iter().map(StorePath::as_str).zip(counts).collect();
    let mut paths: Vec<usize> = (0..state.paths.len()).collect();
    paths.sort_by_key(|path| (Reverse(counts[state.paths[*path].path().as_str()]), *path));
    paths
}

#[test]
#[ignore = "a part of the benchmark"]
fn replay() {
    let file = std::env::var("NIX2ACI_REPLAY").expect("tests/bench/replay names it");
    let input: Input = serde_json::from_str(&read_to_string(&file).unwrap()).unwrap();
    let full = state(&input);
    let bytes: Vec<u64> = input
        .closure
        .iter()
        .map(|record| input.bytes[record["path"].as_str().unwrap()])
        .collect();
    let depended_on = depended_on(&full);
    let (libc, libraries) = (depended_on[0], &depended_on[1..]);
    let programs = &full.packages[1..];

    // One layer a store path is the best that can be.
    let limits = [usize::MAX].into_iter().chain(input.layers);
    let results = limits.map(|most| {
        let mut received = [0; STEPS.len()];
        for play in 0..PLAYS {
            let added = programs[play * 2 % programs.len()];
            let dropped = programs[(play * 2 + 1) % programs.len()];
            let mut state = full.clone();
            state.packages.retain(|package| *package != added);
            let mut registry = Registry::default();
            registry.push(&state, most, &bytes);
            for (step, received) in received.iter_mut().enumerate() {
                match step {
                    0 => state.rebuild(full.packages[0]),
                    1 => state.rebuild(libraries[play]),
                    2 => state.packages.push(added),
                    3 => state.packages.retain(|package| *package != dropped),
                    _ => state.rebuild(libc),
                }
                *received += registry.push(&state, most, &bytes);
            }
        }
        let received: BTreeMap<&str, u64> = STEPS
            .into_iter()
            .zip(received.map(|sum| sum / PLAYS as u64))
            .collect();
        json!({ "layers": (most < usize::MAX).then_some(most), "bytes": received })
    });
    let results = Value::Array(results.collect());
    write(file + ".out", results.to_string()).unwrap();
}
