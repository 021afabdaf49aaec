//! Steps that fail, and file systems that are full: DIR is as it was, and says nothing false.

use std::fs;

use crate::bench::{ACI, ASC, Bench, CHECK_HOST, GCROOT, JSON, MOUNTS, Run, found};
use crate::keyring::keyring;
use crate::skip::skip;

/// Whether the signature in DIR, if there is one, is that of the image beside it; told to `bad` if it is not.
const WATCH: &str = "[ ! -e \"$DIR/$ASC\" ] || gpg --quiet --verify \"$DIR/$ASC\" \"$DIR/$ACI\" 2>/dev/null || \
                     echo \"$*\" >>\"$HOME/bad\"";

/// A step, named by `FAIL`, that fails: undone as it was, or done all the same where `LATE` is set.
fn fail_at_a_step(bench: &Bench) {
    for tool in ["mv", "rm"] {
        let step = format!(
            "case \"{tool} $*\" in *.work/old/* | *.work) ;; \
             \"${{FAIL%% *}}\"*\"/${{FAIL#* }} \"* | \"${{FAIL%% *}}\"*\" ${{FAIL#* }}\")"
        );
        let fail = "echo 'x: x: No space left on device' >&2";
        bench.around(
            tool,
            &format!("[ -n \"$LATE\" ] || {step} {fail}; exit 1 ;; esac"),
            &format!("{WATCH}\n[ -z \"$LATE\" ] || {step} {fail}; status=1 ;; esac"),
        );
    }
}

#[test]
fn a_change_that_fails_is_undone_and_no_signature_is_ever_beside_another_image() {
    let test = "a_change_that_fails_is_undone_and_no_signature_is_ever_beside_another_image";
    let bench = Bench::new();
    let _keyring = keyring!(&bench, test);
    bench.around("nix-store", "", "");
    fail_at_a_step(&bench);
    let run = |fail: &str, late: &str, arguments: &[&str]| {
        let mut command = bench.command();
        command.env("DIR", bench.path("d")).envs([
            ("ASC", ASC),
            ("ACI", ACI),
            ("FAIL", fail),
            ("LATE", late),
        ]);
        Run::of(command.args(arguments).arg("d"))
    };
    let passes = |arguments: &[&str]| {
        run("none", "", arguments).passes();
    };
    let fails = |steps: &[(&str, &str)], arguments: &[&str]| {
        let before = bench.content("d");
        for (tool, name) in steps {
            let fail = format!("{tool} {name}");
            // A step that was taken all the same matters where a signature may come beside another image.
            let all = ["", "late"];
            let ways = if [ACI, ASC].contains(name) { 2 } else { 1 };
            for late in &all[..ways] {
                run(&fail, late, arguments).fails_with(&[
                    &format!("d/{name}: "),
                    "No space left",
                    "name another",
                ]);
                assert_eq!(bench.content("d"), before, "{fail} {late}");
            }
        }
    };
    let image = [("rm", ASC), ("mv", ACI), ("mv", ASC)];

    bench.build_rooted("fat", false);
    fails(&[("mv", JSON), ("mv", ACI), ("mv", ASC)], &[]);
    assert!(bench.names("d").is_empty());
    passes(&[]);
    assert_eq!(bench.names("d"), [GCROOT, ACI, ASC, JSON]);

    let fat = bench.content("d");
    bench.build_rooted("thin", true);
    fails(&[("mv", JSON), ("mv", MOUNTS), ("mv", CHECK_HOST)], &[]);
    fails(&image, &[]);
    fails(&image[..2], &["--no-sign"]);
    assert_eq!(bench.content("d"), fat);
    passes(&[]);
    let thin = [GCROOT, ACI, ASC, CHECK_HOST, JSON, MOUNTS];
    assert_eq!(bench.names("d"), thin);

    bench.build_rooted("fat", false);
    fails(&image, &[]);
    fails(&[("mv", JSON), ("rm", MOUNTS), ("rm", CHECK_HOST)], &[]);
    passes(&[]);
    assert_eq!(bench.names("d"), [GCROOT, ACI, ASC, JSON]);
    bench.build_rooted("other", false);
    passes(&["--no-sign"]);
    assert_eq!(bench.names("d"), [GCROOT, ACI, JSON]);
    let bad = fs::read_to_string(bench.path("bad"));
    assert!(bad.is_err(), "{bad:?}");
}

/// A layout is a directory: what is put back in its place does not go into it.
#[test]
fn a_layout_is_put_back() {
    let bench = Bench::new();
    bench.build_layout("old", &[]);
    bench.run(&["d"]).passes();
    let old = bench.content("d");
    bench.build_layout("new", &[]);
    fail_at_a_step(&bench);
    let mut command = bench.command();
    command.envs([("FAIL", "mv busybox-1.36.1-static.oci"), ("LATE", "late")]);
    Run::of(command.arg("d")).fails_with(&["No space left"]);
    assert_eq!(bench.content("d"), old);
    assert_eq!(bench.names("store/new"), ["index.json", "postprocess.sh"]);
}

#[test]
fn full_disk() {
    let bench = Bench::new();
    let _keyring = keyring!(&bench, "full_disk");
    fs::create_dir(bench.path("d")).unwrap();
    let inside = |line: &str| {
        let line = format!("printf x >d/filler && {line}");
        bench.in_small_file_system("size=4k", &line)
    };
    if !found("unshare") || inside("true").status != 0 {
        return skip("full_disk", "unshare cannot mount a small file system here");
    }
    inside("./result/postprocess.sh d").fails_with(&[
        "cannot write",
        ASC,
        "No space left on device",
    ]);
    let left = inside("{ ./result/postprocess.sh d 2>/dev/null || ls -A d; }");
    assert_eq!(left.last_line(), "filler");
    assert_eq!(left.stdout.lines().count(), 2, "{left:?}");
}

/// Inodes that run out at every step.
#[test]
fn small_file_system() {
    let bench = Bench::new();
    let _keyring = keyring!(&bench, "small_file_system");
    let fat = bench.build_rooted("fat", false);
    let thin = bench.build_rooted("thin", true);
    bench.around("nix-store", "", "");
    fs::create_dir(bench.path("d")).unwrap();
    let inside = |inodes: u32, line: &str| {
        let options = format!("size=64k,nr_inodes={inodes}");
        bench.in_small_file_system(&options, line)
    };
    if !found("unshare") || inside(8, "true").status != 0 {
        return skip(
            "small_file_system",
            "unshare cannot mount a small file system here",
        );
    }
    let line = format!(
        "state() {{ ls -A d; for l in d/* d/.*; do readlink \"$l\"; done; \
         [ ! -e d/*.asc ] || {{ sha256sum d/*.asc; gpg --verify d/*.asc d/*.aci 2>/dev/null || echo BAD; }}; }}; \
         {fat}/postprocess.sh d >/dev/null; state >before; {thin}/postprocess.sh d >/dev/null; \
         case $? in 0 | 3) exit 0 ;; esac; \
         state | diff before - >&2; ! grep BAD before >&2; exit 1",
        fat = fat.display(),
        thin = thin.display()
    );
    let (mut failed, mut passed) = (0, 0);
    for inodes in 1..24 {
        let run = inside(inodes, &line);
        if run.status == 0 {
            passed += 1;
            continue;
        }
        failed += 1;
        assert!((1..=2).contains(&run.stderr.lines().count()), "{run:?}");
        for line in run.stderr.lines() {
            assert!(line.starts_with("postprocess.sh: "), "{inodes}: {run:?}");
            assert!(line.contains("No space left"), "{inodes}: {run:?}");
            assert!(line.contains("; "), "{inodes}: {run:?}");
        }
    }
    assert!(failed > 5 && passed > 3, "{failed} {passed}");
}
