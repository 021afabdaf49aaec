//! Runs that a signal ends, at any step.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::bench::{ACI, ASC, Bench, GCROOT, JSON, Run, WORK, shells, signal, start, wait_until};
use crate::keyring::{keyring, pinentry};

#[test]
fn stopped_while_the_key_is_locked() {
    let bench = Bench::new();
    let keyring = keyring!(&bench, "stopped_while_the_key_is_locked", "secret");
    let pinentry = pinentry(&bench, ": >\"$0.asked\" && sleep 60");
    keyring.configure_agent(&format!("pinentry-program {}\n", pinentry.display()));
    for (name, status) in [("INT", 130), ("TERM", 143)] {
        let asked = pinentry.with_extension("asked");
        let _ = fs::remove_file(&asked);
        let child = start(&mut bench.interruptible(&[], &bench.path("result")));
        wait_until("question for the passphrase", || asked.exists());
        signal(name, &format!("-{}", child.id()));
        let start = Instant::now();
        let run = Run::ended(child);
        assert_eq!(run.status, status, "{run:?}");
        assert!(start.elapsed() < Duration::from_secs(10));
        assert!(!bench.path("ACIs").exists(), "{name}");
        keyring.end_agent();
    }
}

/// As from a terminal: every process gets it.
#[test]
fn interrupted_at_any_step() {
    let bench = Bench::new();
    let keyring = keyring!(&bench, "interrupted_at_any_step");
    let old = bench.build_rooted("old", true);
    let new = bench.build_rooted("new", false);
    let run = |result: &Path, words: &[&str], directory: &str| {
        Run::of_group(bench.interruptible(words, result).arg(directory))
    };
    let (mut interrupted, mut content) = (0, Vec::new());
    let all = [
        "gpg",
        "nix-store",
        "cp",
        "mv",
        "sed",
        "mkdir",
        "flock",
        "ln",
        "cat",
        "rm",
    ];
    for words in shells() {
        // The others differ in how they wait.
        let tools = if words == ["dash"] {
            &all[..]
        } else {
            &all[..4]
        };
        for tool in tools {
            for (before, after) in [("kill -INT 0", ""), ("", "kill -INT 0")] {
                bench.around("nix-store", "", "");
                if content.is_empty() || bench.content("d") != content {
                    let _ = fs::remove_dir_all(bench.path("d"));
                    run(&old, &[], "d").unwrap().passes();
                    content = bench.content("d");
                }
                bench.around(tool, before, after);
                for (directory, content) in [("d", &content), ("a/b", &Vec::new())] {
                    let run = match run(&new, words, directory) {
                        Some(run) => run,
                        // Here and there bash sends the signal to itself for ever when it comes between two commands.
                        None if words[0] == "bash" => {
                            let _ = fs::remove_dir_all(bench.path(directory));
                            continue;
                        }
                        None => panic!("{words:?} {tool} {before:?} {directory}: does not end"),
                    };
                    let case = format!("{words:?} {tool} {before:?} {directory}: {run:?}");
                    if run.status == 0 {
                        assert!(keyring.accepts(&bench.path(directory)), "{case}");
                        let link = bench.link(&format!("{directory}/{ACI}"));
                        assert_eq!(link, new.join(ACI), "{case}");
                        let _ = fs::remove_dir_all(bench.path("a"));
                    } else {
                        interrupted += 1;
                        assert_eq!(run.status, 130, "{case}");
                        assert_eq!(&bench.content(directory), content, "{case}");
                    }
                }
                fs::remove_file(bench.path("tools").join(tool)).unwrap();
            }
        }
    }
    assert!(interrupted > 10 * shells().len(), "{interrupted}");
}

/// Nothing can be undone by who is killed; the next run clears up after it.
#[test]
fn killed_at_any_step() {
    let bench = Bench::new();
    let keyring = keyring!(&bench, "killed_at_any_step");
    bench.around("nix-store", "", "");
    let mut left = 0;
    for tool in ["mkdir", "cp", "nix-store", "rm", "mv"] {
        for (before, after) in [("kill -KILL $PPID; exit", ""), ("", "kill -KILL $PPID")] {
            let _ = fs::remove_dir_all(bench.path("d"));
            bench.build_rooted("old", true);
            bench.run(&["d"]).passes();
            bench.build_rooted("new", false);
            bench.around(tool, before, after);
            let run = bench.run(&["d"]);
            let case = format!("{tool} {before:?}: {run:?}");
            let place = bench.path("d");
            assert!(
                !place.join(ASC).exists() || keyring.accepts(&place),
                "{case}"
            );
            left += usize::from(place.join(WORK).exists());
            fs::remove_file(bench.path("tools").join(tool)).unwrap();
            bench.around("nix-store", "", "");
            bench.run(&["d"]).passes();
            assert_eq!(bench.names("d"), [GCROOT, ACI, ASC, JSON], "{case}");
            assert!(keyring.accepts(&place), "{case}");
        }
    }
    assert!(left > 5, "{left}");
}

/// Without a lock nobody knows whether the other run still lives.
#[test]
fn left_over_where_there_is_no_lock() {
    let bench = Bench::new();
    let few = bench.few_programs(&[]);
    fs::create_dir_all(bench.path("d").join(WORK)).unwrap();
    let mut command = bench.command();
    command.env("PATH", few).args(["--no-sign", "d"]);
    Run::of(&mut command).fails_with(&[&format!("d/{WORK}"), "another run", "remove it"]);
    assert_eq!(bench.names("d"), [WORK]);
    bench.run(&["--no-sign", "d"]).passes();
    assert_eq!(bench.names("d"), [ACI]);
}
