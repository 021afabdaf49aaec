//! The root that keeps an image from garbage collection.

use std::fs;

use crate::bench::{ACI, Bench, GCROOT, JSON, Run};

#[test]
fn root_against_garbage_collection() {
    let bench = Bench::new();
    let out = bench.build_rooted("fat", false);

    // Without nix-store, or against its will, the work is done, but the status tells.
    let few = bench.few_programs(&[]);
    let run = Run::of(bench.command().env("PATH", few).arg("--no-sign"));
    run.fails_as(3, &["nix-store: not found", "dangle"]);
    assert_eq!(bench.names("ACIs"), [ACI, JSON]);
    bench.tool("nix-store", "echo 'error: no daemon' >&2\nexit 1");
    let run = bench.run(&["--no-sign"]);
    run.fails_as(3, &["(error: no daemon)", "dangle"]);

    bench.tool("nix-store", "printf '%s\\n' \"$@\" >\"$HOME/asked\"");
    let run = bench.run(&["--no-sign", "d d"]);
    assert_eq!(run.passes().stderr, "");
    let root = bench.path("d d").join(GCROOT);
    let asked = fs::read_to_string(bench.path("asked")).unwrap();
    let expected = ["--add-root", root.to_str().unwrap(), "--indirect"];
    let expected = [&expected[..], &["--realise", out.to_str().unwrap()]].concat();
    assert_eq!(asked.lines().collect::<Vec<_>>(), expected);
}
