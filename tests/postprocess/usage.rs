//! How the script is called, by which shell, and with which programs at hand.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::bench::{ACI, ASC, Bench, Run, found, shells, start};
use crate::keyring::keyring;
use crate::skip::skip;

#[test]
fn shellcheck_accepts_the_script() {
    if !found("shellcheck") {
        return skip(
            "shellcheck_accepts_the_script",
            "shellcheck is not installed",
        );
    }
    let bench = Bench::new();
    for sign in [true, false] {
        let script = bench.build("checked", sign).join("postprocess.sh");
        let mut shellcheck = Command::new("shellcheck");
        let run = Run::of(shellcheck.args(["-s", "sh"]).arg(script));
        assert_eq!(run.passes().stdout, "");
    }
}

#[test]
fn help_and_wrong_usage() {
    let bench = Bench::new();
    let help = |text: &str| {
        let run = bench.run(&["--help"]);
        assert!(run.passes().stdout.starts_with("usage: "), "{run:?}");
        run.stdout.contains(text)
    };
    assert!(help("DIR/.busybox-1.36.1-static.gcroot is the root"));
    assert!(help("NIX2ACI_KEY"));
    bench.build_layout("layout", &[]);
    assert!(help("DIR/.busybox-1.36.1-static.oci.gcroot is the root"));
    for word in ["signature", "NIX2ACI_KEY", "do not sign"] {
        assert!(!help(word), "{word} where nothing is signed");
    }
    for wrong in [
        &["--nosign"][..],
        &["a", "b"],
        &[""],
        &["--no-sign", "--", "a", "b"],
    ] {
        bench.run(wrong).fails_as(2, &["--help"]);
    }
    assert_eq!(bench.names("."), ["result", "store", "text", "tools"]);
}

#[test]
fn found_however_it_is_called() {
    let bench = Bench::new();
    let out = bench.build("fat", false);
    symlink("result", bench.path("again")).unwrap();
    fs::create_dir(bench.path("bin")).unwrap();
    symlink("../again/postprocess.sh", bench.path("bin/post process")).unwrap();
    symlink("post process", bench.path("bin/pp")).unwrap();
    let call = |line: &str, from: &Path| {
        let _ = fs::remove_dir_all(bench.path("ACIs"));
        let mut shell = bench.program(&["sh", "-c", line]);
        shell.current_dir(from).env("ACIS", bench.path("ACIs"));
        Run::of(&mut shell).passes();
        let link = bench.path("ACIs").join(ACI);
        assert_eq!(fs::read_link(link).unwrap(), out.join(ACI), "{line}");
    };
    let home = bench.home();
    for line in [
        "./result/postprocess.sh \"$ACIS\"",
        "result/postprocess.sh \"$ACIS\"",
        "./again/postprocess.sh \"$ACIS\"",
        "'bin/post process' \"$ACIS\"",
        "PATH=$HOME/bin:$PATH && pp \"$ACIS\"",
    ] {
        call(line, home);
    }
    for words in shells() {
        call(
            &format!("{} result/postprocess.sh \"$ACIS\"", words.join(" ")),
            home,
        );
    }
    call("sh postprocess.sh \"$ACIS\"", &bench.path("result"));
    call("./postprocess.sh \"$ACIS\"", &out);
    let absolute = "\"$HOME/store/fat/postprocess.sh\" \"$ACIS\"";
    call(absolute, Path::new("/"));

    let mut shell = bench.program(&["sh"]);
    let mut child = start(shell.stdin(Stdio::piped()));
    let text = fs::read(out.join("postprocess.sh")).unwrap();
    child.stdin.take().unwrap().write_all(&text).unwrap();
    Run::ended(child).fails_with(&["run it by its path"]);
}

/// Without readlink only a link to the script itself leads nowhere; without cmp a signature is taken for another's.
#[test]
fn few_programs_do() {
    let bench = Bench::new();
    bench.build("few", true);
    let few = bench.few_programs(&[]);
    symlink("result/postprocess.sh", bench.path("link")).unwrap();
    let run = |program: &str, arguments: &[&str]| {
        let mut command = bench.program(&[program]);
        Run::of(command.args(arguments).env("PATH", &few))
    };
    let script = "./result/postprocess.sh";
    for _ in 0..2 {
        let run = run(script, &["--no-sign"]);
        assert_eq!(run.passes().stderr, "");
        assert_eq!(bench.names("ACIs"), [ACI]);
        fs::write(bench.path("ACIs").join(ASC), "").unwrap();
    }
    run("./link", &["--no-sign", "d"]).fails_with(&["run it by its path"]);
    run(script, &["d"]).fails_with(&["neither gpg2 nor gpg", "install GnuPG", "--no-sign"]);
    assert!(!bench.path("d").exists());
}

/// A TMPDIR that is full, or not there, is not asked for anything.
#[test]
fn no_temporary_directory() {
    let bench = Bench::new();
    let keyring = keyring!(&bench, "no_temporary_directory");
    for words in shells() {
        let _ = fs::remove_dir_all(bench.path("ACIs"));
        let run = Run::of(bench.through(words).env("TMPDIR", "/nowhere"));
        assert_eq!(run.passes().stderr, "", "{words:?}");
        assert!(keyring.accepts(&bench.path("ACIs")), "{words:?}");
    }
}
