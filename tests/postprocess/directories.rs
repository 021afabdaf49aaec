//! Which directories the image can be linked into, and what may stand there.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use crate::bench::{ACI, ASC, Bench, Run, found};
use crate::keyring::keyring;
use crate::skip::skip;

#[test]
fn odd_directories() {
    let bench = Bench::new();
    let keyring = keyring!(&bench, "odd_directories");
    let absolute = bench.path("absolute");
    for (arguments, directory) in [
        (&["two words/below"][..], "two words/below"),
        (&["a'b\"c$d*e`f\\g;h"], "a'b\"c$d*e`f\\g;h"),
        (&["slash/"], "slash"),
        (&["./-dash"], "-dash"),
        (&["--", "-"], "-"),
        (&["ünïcödé"], "ünïcödé"),
        (&[absolute.to_str().unwrap()], "absolute"),
    ] {
        bench.run(arguments).passes();
        assert_eq!(bench.names(directory), [ACI, ASC]);
        assert!(keyring.accepts(&bench.path(directory)), "{directory}");
    }
}

#[test]
fn cdpath_leads_nobody_astray() {
    let bench = Bench::new();
    fs::create_dir_all(bench.path("elsewhere/mine")).unwrap();
    let mut command = bench.command();
    command.env("CDPATH", bench.path("elsewhere"));
    Run::of(command.args(["--no-sign", "mine"])).passes();
    assert_eq!(bench.names("mine"), [ACI]);
    assert!(bench.names("elsewhere/mine").is_empty());
}

#[test]
fn line_breaks_in_names() {
    let bench = Bench::new();
    bench.build("fat", false);
    for name in ["nl", "nl\n", "above"] {
        fs::create_dir(bench.path(name)).unwrap();
    }
    for argument in ["nl\n", "n\nl", "above/\n"] {
        bench.run(&[argument]).fails_as(2, &["line break"]);
        assert!(bench.names("nl").is_empty());
        assert!(bench.names("above").is_empty());
    }
    // A link or the way there may have them: it is the right directory all the same.
    symlink("nl\n", bench.path("link")).unwrap();
    bench.run(&["link"]).passes();
    assert_eq!(bench.names("nl\n"), [ACI]);
    fs::remove_file(bench.path("nl\n").join(ACI)).unwrap();
    let mut command = bench.program(&["../result/postprocess.sh", "."]);
    Run::of(command.current_dir(bench.path("nl\n"))).passes();
    assert_eq!(bench.names("nl\n"), [ACI]);
    assert!(bench.names("nl").is_empty());
    // So is the directory that the script lies in.
    let out = bench.build("copied\n", false);
    fs::create_dir(bench.path("store/copied")).unwrap();
    bench.run(&["d"]).passes();
    assert_eq!(bench.link(&format!("d/{ACI}")), out.join(ACI));
}

#[test]
fn replaces_what_stood_there() {
    let bench = Bench::new();
    let keyring = keyring!(&bench, "replaces_what_stood_there");
    let place = bench.path("d");
    let bystander = bench.path("bystander");
    for kind in ["file", "dangling", "to a file", "to a directory"] {
        let _ = fs::remove_dir_all(&place);
        fs::create_dir(&place).unwrap();
        fs::create_dir_all(&bystander).unwrap();
        fs::write(bystander.join("file"), "mine").unwrap();
        for name in [ACI, ASC] {
            let name = place.join(name);
            match kind {
                "file" => fs::write(name, "old").unwrap(),
                "dangling" => symlink("/nowhere", name).unwrap(),
                "to a file" => symlink(bystander.join("file"), name).unwrap(),
                _ => symlink(&bystander, name).unwrap(),
            }
        }
        bench.run(&["d"]).passes();
        assert!(keyring.accepts(&place), "{kind}");
        assert_eq!(bench.names("d"), [ACI, ASC], "{kind}");
        let untouched = [("file".to_owned(), "mine".to_owned())];
        assert_eq!(bench.content("bystander"), untouched, "{kind}");
    }
}

#[test]
fn directory_in_the_way() {
    let bench = Bench::new();
    for name in [ACI, ASC] {
        fs::create_dir_all(bench.path("d").join(name)).unwrap();
        bench
            .run(&["--no-sign", "d"])
            .fails_with(&[&format!("d/{name} is a directory"), "move it"]);
        assert_eq!(bench.names("d"), [name]);
        fs::remove_dir(bench.path("d").join(name)).unwrap();
    }
    fs::write(bench.path("file"), "").unwrap();
    bench
        .run(&["--no-sign", "file"])
        .fails_with(&["cannot make the directory file", "exists"]);
}

#[test]
fn read_only_directory() {
    let bench = Bench::new();
    bench.build("fat", false);
    fs::create_dir(bench.path("d")).unwrap();
    fs::set_permissions(bench.path("d"), fs::Permissions::from_mode(0o555)).unwrap();
    let nobody = [
        "setpriv",
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
    ];
    let words = if bench.is_roots() { &nobody[..] } else { &[] };
    if !words.is_empty() && !found("setpriv") {
        return skip("read_only_directory", "setpriv is not installed");
    }
    let run = |directory: &str| Run::of(bench.through(words).arg(directory));
    run("d").fails_with(&["cannot write in d: Permission denied", "name another"]);
    run("d/below").fails_with(&["cannot make the directory d/below", "Permission denied"]);
    assert!(bench.names("d").is_empty());
}
