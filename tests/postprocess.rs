//! `postprocess.sh` as its user meets it: the script is run by `/bin/sh`, with real gpg and throw-away keys.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panic")]

#[path = "common/skip.rs"]
mod skip;

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use camino::Utf8Path;
use nix2aci::face::postprocess::{Script, script};
use nix2aci::input::spec::Face;
use skip::skip;
use tempfile::TempDir;

const STEM: &str = "busybox-1.36.1-static";
const REFERENCE: &str = "busybox:1.36.1-static";
const ACI: &str = "busybox-1.36.1-static.aci";
const OCI: &str = "busybox-1.36.1-static.oci";
const PODMAN: &str = "busybox-1.36.1-static.podman-mounts";
const DOCKER: &str = "busybox-1.36.1-static.docker-mounts";
const ASC: &str = "busybox-1.36.1-static.aci.asc";
const MOUNTS: &str = "busybox-1.36.1-static.mounts";
const GCROOT: &str = ".busybox-1.36.1-static.gcroot";

/// A home directory with `result`, a link to what a build would have left.
struct Bench {
    home: TempDir,
}

impl Bench {
    fn new() -> Self {
        // A short path: gpg-agent's sockets lie below it. Others may look in: one test is another user.
        let home = tempfile::Builder::new()
            .prefix("post")
            .tempdir_in("/tmp")
            .unwrap();
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let bench = Self { home };
        fs::create_dir_all(bench.path("store")).unwrap();
        bench.build("fat", true);
        bench
    }

    fn path(&self, below: &str) -> PathBuf {
        self.home.path().join(below)
    }

    /// Leaves an image in `store/NAME` and points `result` at it.
    fn build(&self, name: &str, sign: bool) -> PathBuf {
        self.build_in(Utf8Path::new("/nix/store"), name, sign)
    }

    fn build_in(&self, store_dir: &Utf8Path, name: &str, sign: bool) -> PathBuf {
        self.leave(Face::Aci, store_dir, name, sign, &[ACI])
    }

    /// Leaves the layout of an OCI image in `store/NAME`, with further files, and points `result` at it.
    fn build_layout(&self, name: &str, files: &[&str]) -> PathBuf {
        let files = [&["index.json"], files].concat();
        self.leave(Face::Oci, Utf8Path::new("/nix/store"), name, true, &files)
    }

    fn leave(
        &self,
        face: Face,
        store_dir: &Utf8Path,
        name: &str,
        sign: bool,
        files: &[&str],
    ) -> PathBuf {
        let out = self.path("store").join(name);
        fs::create_dir_all(&out).unwrap();
        for file in files {
            fs::write(out.join(file), format!("image {name}")).unwrap();
        }
        let text = self.path("text");
        let image = Script {
            face,
            stem: STEM,
            reference: REFERENCE,
            store_dir,
            sign,
            volumes: "",
        };
        fs::write(&text, script(&image)).unwrap();
        // By another program: a file open for writing here could not be run while a test forks.
        let mut install = Command::new("install");
        install
            .args(["-m", "755"])
            .args([&text, &out.join("postprocess.sh")]);
        assert!(install.status().unwrap().success());
        let _ = fs::remove_file(self.path("result"));
        symlink(&out, self.path("result")).unwrap();
        out
    }

    /// `./result/postprocess.sh`, with nothing in its environment but what it needs.
    fn command(&self) -> Command {
        self.environment(Command::new("./result/postprocess.sh"))
    }

    /// The script with the signals of a terminal's user, which a shell has its background jobs ignore.
    fn interruptible(&self) -> Command {
        let mut command = Command::new("/usr/bin/env");
        command.args(["--default-signal", "./result/postprocess.sh"]);
        self.environment(command)
    }

    fn environment(&self, mut command: Command) -> Command {
        command
            .current_dir(self.home.path())
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("HOME", self.home.path())
            .env("LC_ALL", "C.UTF-8")
            .env("GNUPGHOME", self.path("gnupg"))
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command().args(arguments))
    }

    /// Leaves a thin image, or a fat one, with what else belongs to it, of a store that wants roots.
    fn build_rooted(&self, name: &str, thin: bool) -> PathBuf {
        let store = self.path("store");
        let store = Utf8Path::from_path(&store).unwrap();
        let lists = ["json", "mounts", "check-host"].map(|suffix| format!("{STEM}.{suffix}"));
        let mut files = vec![ACI];
        let number = if thin { 3 } else { 1 };
        files.extend(lists[..number].iter().map(String::as_str));
        self.leave(Face::Aci, store, name, true, &files)
    }

    /// What is in `directory`: names, and where links lead or what files hold; nothing if it is not there.
    fn content(&self, directory: &str) -> Option<Vec<(String, String)>> {
        let directory = self.path(directory);
        let entries = fs::read_dir(&directory).ok()?;
        let mut content: Vec<_> = entries
            .map(|entry| {
                let path = entry.unwrap().path();
                let held = match fs::read_link(&path) {
                    Ok(target) => target.into_os_string().into_string().unwrap(),
                    Err(_) => fs::read_to_string(&path).unwrap_or_default(),
                };
                let name = path.file_name().unwrap().to_str().unwrap();
                (name.to_owned(), held)
            })
            .collect();
        content.sort();
        Some(content)
    }

    /// Names in `directory`, sorted, leftovers included.
    fn names(&self, directory: &str) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(self.path(directory))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

/// What a run left: its status and words.
#[derive(Debug)]
struct Run {
    status: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Run {
    fn of(command: &mut Command) -> Self {
        command.output().unwrap().into()
    }

    /// Failed with status 1 and one line, which holds `words`.
    fn fails_with(&self, words: &[&str]) {
        assert_eq!(self.status, Some(1), "{self:?}");
        assert_eq!(self.stderr.lines().count(), 1, "{self:?}");
        for word in words {
            assert!(self.stderr.contains(word), "{word:?} in {self:?}");
        }
    }

    fn passes(&self) -> &Self {
        assert_eq!(self.status, Some(0), "{self:?}");
        self
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            status: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// A keyring in `gnupg` with its own agent, which ends with it.
struct Keyring(PathBuf);

impl Keyring {
    /// None, aloud, where there is no gpg.
    fn new(bench: &Bench, test: &str) -> Option<Self> {
        let home = bench.path("gnupg");
        fs::create_dir(&home).unwrap();
        fs::set_permissions(&home, fs::Permissions::from_mode(0o700)).unwrap();
        if !found("gpg") {
            skip(test, "gpg is not installed");
            return None;
        }
        Some(Self(home))
    }

    fn gpg(&self) -> Command {
        let mut gpg = Command::new("gpg");
        gpg.args(["--batch", "--no-tty", "--quiet", "--homedir"])
            .arg(&self.0);
        gpg
    }

    fn generate(&self, name: &str, algorithm: &str, passphrase: &str) {
        let mut gpg = self.gpg();
        gpg.args(["--passphrase", passphrase, "--quick-generate-key", name])
            .args([algorithm, "sign", "never"]);
        assert!(gpg.output().unwrap().status.success());
    }

    /// Forgets the passphrases, and has `lines` in the agent's configuration from now on.
    fn configure_agent(&self, lines: &str) {
        fs::write(self.0.join("gpg-agent.conf"), lines).unwrap();
        self.end_agent();
    }

    fn verifies(&self, signature: &Path, file: &Path) -> bool {
        let mut gpg = self.gpg();
        gpg.arg("--verify").arg(signature).arg(file);
        gpg.output().unwrap().status.success()
    }

    fn end_agent(&self) {
        let mut gpgconf = Command::new("gpgconf");
        gpgconf
            .arg("--homedir")
            .arg(&self.0)
            .args(["--kill", "all"]);
        let _ = gpgconf.status();
    }
}

impl Drop for Keyring {
    fn drop(&mut self) {
        self.end_agent();
    }
}

/// A keyring with one RSA key, or a return from the test.
macro_rules! rsa_key {
    ($bench:expr, $test:literal) => {{
        let Some(keyring) = Keyring::new($bench, $test) else {
            return;
        };
        keyring.generate("rsa@example.com", "rsa2048", "");
        keyring
    }};
}

fn found(program: &str) -> bool {
    let mut which = Command::new("sh");
    which.args(["-c", "command -v \"$0\" >/dev/null", program]);
    which.status().unwrap().success()
}

/// A program in a directory of its own, as a stand-in for one of that name.
fn stand_in(bench: &Bench, name: &str, text: &str) -> PathBuf {
    let directory = bench.path("stand-ins");
    fs::create_dir_all(&directory).unwrap();
    fs::write(bench.path("text"), text).unwrap();
    let mut install = Command::new("install");
    install
        .args(["-m", "755"])
        .args([bench.path("text"), directory.join(name)]);
    assert!(install.status().unwrap().success());
    directory
}

fn mode_of(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

/// Waits until `done`, for ten seconds at most.
fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < Duration::from_secs(10), "no {what}");
        sleep(Duration::from_millis(20));
    }
}

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
        let out = bench.build("checked", sign);
        let mut shellcheck = Command::new("shellcheck");
        shellcheck
            .args(["-s", "sh"])
            .arg(out.join("postprocess.sh"));
        let run = Run::of(&mut shellcheck);
        assert_eq!((run.status, run.stdout.as_str()), (Some(0), ""));
    }
}

#[test]
fn a_layout_is_linked_as_a_whole_and_not_signed() {
    let bench = Bench::new();
    let out = bench.build_layout("layout", &[]);
    let run = bench.run(&[]);
    let expected = format!(
        "Not in /nix/store: the links hold as long as {out} is there\n\
         Linking {OCI} into ./images\n\
         Run it: podman run --rm oci:images/{OCI}\n\
         Push it: skopeo copy oci:images/{OCI} docker://REGISTRY/{REFERENCE}\n\
         With Docker: tar -C images/{OCI} -c . | docker load && docker run --rm {REFERENCE}\n",
        out = out.display()
    );
    assert_eq!(run.passes().stdout, expected);
    assert_eq!(run.stderr, "");
    assert_eq!(bench.names("images"), [OCI]);
    let link = bench.path("images").join(OCI);
    assert_eq!(fs::read_link(&link).unwrap(), out);

    // Another one takes its place, also by a script that is told not to sign.
    let other = bench.build_layout("other", &[PODMAN, DOCKER]);
    let run = bench.run(&["--no-sign"]);
    assert_eq!(fs::read_link(&link).unwrap(), other);
    for command in [
        format!("podman run --rm $(cat images/{OCI}/{PODMAN}) oci:images/{OCI}\n"),
        format!("docker run --rm $(cat images/{OCI}/{DOCKER}) {REFERENCE}\n"),
    ] {
        assert!(run.passes().stdout.contains(&command), "{run:?}");
    }
}

/// podman makes a name of the path of a layout, and refuses many.
#[test]
fn commands_name_the_layout_by_a_path_that_podman_takes() {
    let bench = Bench::new();
    let out = bench.build_layout("layout", &[]);
    // The names of temporary directories may have capitals, which podman does not take.
    let absolute = format!("/tmp/posted{}", std::process::id());
    for (directory, named) in [
        ("some/place", "some/place"),
        (absolute.as_str(), absolute.as_str()),
        ("Capitals", ""),
        ("a b", ""),
        (".hidden", ""),
        ("a__b", ""),
    ] {
        let told = match named {
            "" => out.display().to_string(),
            named => format!("{named}/{OCI}"),
        };
        let run = bench.run(&[directory]);
        let line = format!("Run it: podman run --rm oci:{told}\n");
        assert!(run.passes().stdout.contains(&line), "{directory}: {run:?}");
        let _ = fs::remove_dir_all(bench.path(directory));
    }
}

#[test]
fn both_forms_stand_in_one_directory() {
    let bench = Bench::new();
    bench.build("fat", false);
    bench.run(&["both"]).passes();
    bench.build_layout("layout", &[]);
    bench.run(&["both"]).passes();
    assert_eq!(bench.names("both"), [ACI, OCI]);
    // Out of a store each would have a root of its own.
    let help = bench.run(&["--help"]).passes().stdout.clone();
    assert!(help.contains("DIR/.busybox-1.36.1-static.oci.gcroot is the root"));
}

#[test]
fn lists_that_an_image_does_not_have_go() {
    let bench = Bench::new();
    let thin = bench.build("thin", false);
    let lists = ["check-host", "mounts", "nspawn"].map(|suffix| format!("{STEM}.{suffix}"));
    for list in &lists {
        fs::write(thin.join(list), "").unwrap();
    }
    bench.run(&[]).passes();
    let [check, mounts, nspawn] = &lists;
    assert_eq!(bench.names("ACIs"), [ACI, check, mounts, nspawn]);
    bench.build("fat", false);
    bench.run(&[]).passes();
    assert_eq!(bench.names("ACIs"), [ACI]);
}

/// Thin or not, an image has the same name: who has both is told that one replaces the other.
#[test]
fn another_form_in_its_place_is_told() {
    let bench = Bench::new();
    let store = Utf8Path::new("/nix/store");
    let build = |face, name: &str, files: &[&str]| {
        bench.leave(face, store, name, false, files);
        bench.run(&["d"]).passes().stderr.clone()
    };
    let warning = |image: &str, change: &str| {
        format!(
            "postprocess.sh: warning: d/{image} {change} now; to keep both, link one into another DIR, \
             as in postprocess.sh DIR\n"
        )
    };
    let (thin, fat) = ("was not thin and is thin", "was thin and is not thin");

    assert_eq!(build(Face::Aci, "first", &[ACI]), "");
    assert_eq!(build(Face::Aci, "rebuilt", &[ACI]), "");
    let said = build(Face::Aci, "thin", &[ACI, MOUNTS]);
    assert_eq!(said, warning(ACI, thin));
    assert_eq!(build(Face::Aci, "thin", &[ACI, MOUNTS]), "");
    assert_eq!(build(Face::Aci, "rebuilt thin", &[ACI, MOUNTS]), "");
    assert_eq!(build(Face::Aci, "first", &[ACI]), warning(ACI, fat));

    // A layout has its list within, and has nothing to do with the other kind.
    assert_eq!(build(Face::Oci, "layout", &["index.json", PODMAN]), "");
    let said = build(Face::Oci, "fat layout", &["index.json"]);
    assert_eq!(said, warning(OCI, fat));
    let said = build(Face::Oci, "layout", &["index.json", PODMAN]);
    assert_eq!(said, warning(OCI, thin));

    // What is gone is not missed, nor is what was no image.
    fs::remove_dir_all(bench.path("store/layout")).unwrap();
    assert_eq!(build(Face::Oci, "fat layout", &["index.json"]), "");
    fs::remove_file(bench.path("d").join(ACI)).unwrap();
    fs::write(bench.path("d").join(ACI), "").unwrap();
    assert_eq!(build(Face::Aci, "thin", &[ACI, MOUNTS]), "");
}

#[test]
fn help_and_wrong_usage() {
    let bench = Bench::new();
    assert!(
        bench
            .run(&["--help"])
            .passes()
            .stdout
            .starts_with("usage: ")
    );
    for wrong in [
        &["--nosign"][..],
        &["a", "b"],
        &[""],
        &["--no-sign", "--", "a", "b"],
    ] {
        let run = bench.run(wrong);
        assert_eq!(run.status, Some(2), "{run:?}");
        assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
    }
    assert_eq!(bench.names("."), ["result", "store", "text"]);
}

#[test]
fn links_and_signs() {
    let bench = Bench::new();
    let keyring = rsa_key!(&bench, "links_and_signs");
    let run = bench.run(&[]);
    let expected = format!(
        "Signing {ACI}\nNot in /nix/store: the links hold as long as {out} is there\n\
         Linking {ACI} into ./ACIs\nRun it: rkt run ./ACIs/{ACI}\n",
        out = bench.path("store/fat").display()
    );
    assert_eq!(run.passes().stdout, expected);
    assert_eq!(run.stderr, "");
    assert_eq!(bench.names("ACIs"), [ACI, ASC]);
    let image = bench.path("store/fat").join(ACI);
    assert_eq!(fs::read_link(bench.path("ACIs").join(ACI)).unwrap(), image);
    let signature = bench.path("ACIs").join(ASC);
    assert!(
        fs::read_to_string(&signature)
            .unwrap()
            .starts_with("-----BEGIN PGP SIGNATURE-----\n")
    );
    assert!(keyring.verifies(&signature, &image));

    let mut bytes = fs::read(&image).unwrap();
    bytes[3] ^= 1;
    fs::write(&image, bytes).unwrap();
    assert!(!keyring.verifies(&signature, &image));
}

#[test]
fn signature_is_readable_and_sha512() {
    let bench = Bench::new();
    let keyring = rsa_key!(&bench, "signature_is_readable_and_sha512");
    // The user's own settings do not weaken it.
    fs::write(keyring.0.join("gpg.conf"), "digest-algo SHA256\n").unwrap();
    let mut shell = bench.command();
    let mut masked = Command::new("sh");
    masked
        .args(["-c", "umask 077 && exec ./result/postprocess.sh"])
        .current_dir(bench.home.path())
        .envs(shell.get_envs().filter_map(|(k, v)| v.map(|v| (k, v))));
    Run::of(&mut masked).passes();
    let signature = bench.path("ACIs").join(ASC);
    assert_eq!(mode_of(&signature), 0o644);
    shell = keyring.gpg();
    let packets = Run::of(shell.arg("--list-packets").arg(&signature));
    assert!(
        packets.passes().stdout.contains("digest algo 10"),
        "{packets:?}"
    );
}

#[test]
fn thin_image_prints_its_mounts() {
    let bench = Bench::new();
    let out = bench.build("thin", false);
    fs::write(
        out.join(MOUNTS),
        "--volume=a,kind=host,source=/x,readOnly=true\n",
    )
    .unwrap();
    let run = bench.run(&["it's here"]);
    let last = run.passes().stdout.lines().last().unwrap();
    let quoted = r"it'\''s here";
    assert_eq!(
        last,
        format!(
            "Run it: rkt --insecure-options=image run $(cat '{quoted}/{MOUNTS}') '{quoted}/{ACI}'"
        )
    );
    // What it prints can be pasted: a shell gives rkt one volume and one image.
    let rkt = stand_in(&bench, "rkt", "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
    let mut pasted = Command::new("sh");
    pasted
        .args(["-c", last.strip_prefix("Run it: ").unwrap()])
        .current_dir(bench.home.path())
        .env("PATH", format!("{}:/usr/bin:/bin", rkt.display()));
    let expected = format!(
        "--insecure-options=image\nrun\n--volume=a,kind=host,source=/x,readOnly=true\nit's here/{ACI}\n"
    );
    assert_eq!(Run::of(&mut pasted).passes().stdout, expected);
}

#[test]
fn fat_image_after_a_thin_one_has_no_mounts() {
    let bench = Bench::new();
    let out = bench.build("thin", false);
    fs::write(out.join(MOUNTS), "").unwrap();
    bench.run(&[]).passes();
    assert_eq!(bench.names("ACIs"), [ACI, MOUNTS]);
    bench.build("fat", false);
    bench.run(&[]).passes();
    assert_eq!(bench.names("ACIs"), [ACI]);
}

#[test]
fn unsigned_image_needs_no_gpg() {
    let bench = Bench::new();
    let path = path_without_gpg(&bench);
    for (sign, arguments) in [(true, &["--no-sign"][..]), (false, &[])] {
        bench.build("unsigned", sign);
        let run = Run::of(bench.command().env("PATH", &path).args(arguments));
        let last = run.passes().stdout.lines().last().unwrap();
        assert_eq!(
            last,
            format!("Run it: rkt --insecure-options=image run ./ACIs/{ACI}")
        );
        assert_eq!(bench.names("ACIs"), [ACI]);
    }
}

#[test]
fn signature_of_another_image_does_not_stay() {
    let bench = Bench::new();
    let _keyring = rsa_key!(&bench, "signature_of_another_image_does_not_stay");
    bench.run(&[]).passes();
    bench.run(&["--no-sign"]).passes();
    assert_eq!(
        bench.names("ACIs"),
        [ACI, ASC],
        "the same image keeps its signature"
    );
    bench.build("newer", true);
    bench.run(&["--no-sign"]).passes();
    assert_eq!(bench.names("ACIs"), [ACI]);
}

#[test]
fn odd_directories() {
    let bench = Bench::new();
    let keyring = rsa_key!(&bench, "odd_directories");
    let absolute = bench.path("absolute");
    for (argument, directory) in [
        ("two words/below", "two words/below"),
        ("a'b\"c$d*e`f\\g;h", "a'b\"c$d*e`f\\g;h"),
        ("slash/", "slash"),
        ("./-dash", "-dash"),
        ("ünïcödé", "ünïcödé"),
        (absolute.to_str().unwrap(), "absolute"),
    ] {
        bench.run(&[argument]).passes();
        assert_eq!(bench.names(directory), [ACI, ASC]);
        let directory = bench.path(directory);
        assert!(keyring.verifies(&directory.join(ASC), &directory.join(ACI)));
    }
    bench.run(&["--", "-"]).passes();
    assert_eq!(bench.names("-"), [ACI, ASC]);
    // A CDPATH that has a directory of that name leads nobody astray.
    fs::create_dir_all(bench.path("elsewhere/mine")).unwrap();
    Run::of(
        bench
            .command()
            .env("CDPATH", bench.path("elsewhere"))
            .arg("mine"),
    )
    .passes();
    assert_eq!(bench.names("mine"), [ACI, ASC]);
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
        let run = bench.run(&[argument]);
        assert_eq!(run.status, Some(2), "{run:?}");
        assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
        assert!(run.stderr.contains("line break"), "{run:?}");
        assert!(bench.names("nl").is_empty());
        assert!(bench.names("above").is_empty());
    }
    // A link or the way there may have them: it is the right directory all the same.
    symlink("nl\n", bench.path("link")).unwrap();
    bench.run(&["link"]).passes();
    assert_eq!(bench.names("nl\n"), [ACI]);
    fs::remove_file(bench.path("nl\n").join(ACI)).unwrap();
    let mut command = bench.environment(Command::new("../result/postprocess.sh"));
    Run::of(command.arg(".").current_dir(bench.path("nl\n"))).passes();
    assert_eq!(bench.names("nl\n"), [ACI]);
    assert!(bench.names("nl").is_empty());
    // So is the directory that the script lies in.
    let out = bench.build("copied\n", false);
    fs::create_dir(bench.path("store/copied")).unwrap();
    bench.run(&["d"]).passes();
    assert_eq!(
        fs::read_link(bench.path("d").join(ACI)).unwrap(),
        out.join(ACI)
    );
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
        let mut shell = Command::new("sh");
        shell
            .args(["-c", line])
            .current_dir(from)
            .env("ACIS", bench.path("ACIs"))
            .env("HOME", bench.home.path());
        let run = Run::of(&mut shell);
        run.passes();
        assert_eq!(
            fs::read_link(bench.path("ACIs").join(ACI)).unwrap(),
            out.join(ACI),
            "{line}"
        );
    };
    let home = bench.home.path();
    call("./result/postprocess.sh \"$ACIS\"", home);
    call("result/postprocess.sh \"$ACIS\"", home);
    call("./again/postprocess.sh \"$ACIS\"", home);
    call("'bin/post process' \"$ACIS\"", home);
    call("PATH=$HOME/bin:$PATH && pp \"$ACIS\"", home);
    call("sh postprocess.sh \"$ACIS\"", &bench.path("result"));
    call("./postprocess.sh \"$ACIS\"", &out);
    call(
        "\"$HOME/store/fat/postprocess.sh\" \"$ACIS\"",
        Path::new("/"),
    );
    if found("busybox") {
        call("busybox sh result/postprocess.sh \"$ACIS\"", home);
    }
    if found("bash") {
        call("bash --posix result/postprocess.sh \"$ACIS\"", home);
    }

    let mut shell = Command::new("sh");
    shell.current_dir(home).stdin(Stdio::piped());
    let mut child = shell.stderr(Stdio::piped()).spawn().unwrap();
    let text = fs::read(out.join("postprocess.sh")).unwrap();
    child.stdin.take().unwrap().write_all(&text).unwrap();
    Run::from(child.wait_with_output().unwrap()).fails_with(&["run it by its path"]);
}

#[test]
fn twice_is_once() {
    let bench = Bench::new();
    let keyring = rsa_key!(&bench, "twice_is_once");
    let first = bench.run(&["d"]);
    let second = bench.run(&["d"]);
    assert_eq!(first.passes().stdout, second.passes().stdout);
    assert_eq!(bench.names("d"), [ACI, ASC]);
    assert!(keyring.verifies(&bench.path("d").join(ASC), &bench.path("d").join(ACI)));
}

#[test]
fn ten_at_once() {
    let bench = Bench::new();
    let keyring = rsa_key!(&bench, "ten_at_once");
    let children: Vec<_> = (0..10)
        .map(|_| {
            let mut command = bench.command();
            command.arg("d").stdout(Stdio::piped());
            command.stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    for child in children {
        let run = Run::from(child.wait_with_output().unwrap());
        run.passes();
        assert_eq!(run.stderr, "");
    }
    assert_eq!(bench.names("d"), [ACI, ASC]);
    assert!(keyring.verifies(&bench.path("d").join(ASC), &bench.path("d").join(ACI)));
}

#[test]
fn replaces_what_stood_there() {
    let bench = Bench::new();
    let keyring = rsa_key!(&bench, "replaces_what_stood_there");
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
        assert!(
            keyring.verifies(&place.join(ASC), &place.join(ACI)),
            "{kind}"
        );
        assert_eq!(bench.names("d"), [ACI, ASC], "{kind}");
        assert_eq!(bench.names("bystander"), ["file"], "{kind}");
        assert_eq!(
            fs::read_to_string(bystander.join("file")).unwrap(),
            "mine",
            "{kind}"
        );
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

/// The programs that the script uses, without gpg.
fn path_without_gpg(bench: &Bench) -> PathBuf {
    let directory = bench.path("few");
    fs::create_dir_all(&directory).unwrap();
    let mut link = Command::new("sh");
    link.args(["-c", "for p in sh cat chmod grep head ln mkdir mktemp mv readlink rm sed tail tty; do ln -sf \"$(command -v $p)\" .; done"]);
    assert!(link.current_dir(&directory).status().unwrap().success());
    directory
}

#[test]
fn no_gpg() {
    let bench = Bench::new();
    let path = path_without_gpg(&bench);
    Run::of(bench.command().env("PATH", path)).fails_with(&[
        "neither gpg2 nor gpg",
        "install GnuPG",
        "--no-sign",
    ]);
    assert!(!bench.path("ACIs").exists());
}

#[test]
fn gpg2_comes_first() {
    let bench = Bench::new();
    stand_in(&bench, "gpg", "#!/bin/sh\necho 'gpg: wrong one'\nexit 9\n");
    let path = stand_in(&bench, "gpg2", "#!/bin/sh\necho 'gpg: right one'\nexit 9\n");
    Run::of(
        bench
            .command()
            .env("PATH", format!("{}:/usr/bin:/bin", path.display())),
    )
    .fails_with(&["right one"]);
}

#[test]
fn no_secret_key() {
    let bench = Bench::new();
    let Some(keyring) = Keyring::new(&bench, "no_secret_key") else {
        return;
    };
    bench
        .run(&[])
        .fails_with(&["no secret key", "--quick-generate-key NAME rsa3072"]);
    assert!(!bench.path("ACIs").exists());

    keyring.generate("rsa@example.com", "rsa2048", "");
    Run::of(
        bench
            .command()
            .env("NIX2ACI_KEY", "nobody's <key@example.com>"),
    )
    .fails_with(&["NIX2ACI_KEY=nobody's <key@example.com>"]);
    assert!(!bench.path("ACIs").exists());
}

#[test]
fn failure_keeps_the_old_image() {
    let bench = Bench::new();
    let keyring = rsa_key!(&bench, "failure_keeps_the_old_image");
    bench.run(&[]).passes();
    let old = fs::read_link(bench.path("ACIs").join(ACI)).unwrap();
    bench.build("newer", true);
    let run = Run::of(bench.command().env("NIX2ACI_KEY", "nobody"));
    run.fails_with(&["nobody"]);
    assert_eq!(fs::read_link(bench.path("ACIs").join(ACI)).unwrap(), old);
    assert!(keyring.verifies(&bench.path("ACIs").join(ASC), &old));
}

#[test]
fn chosen_key_signs_and_others_than_rsa_warn() {
    let bench = Bench::new();
    let keyring = rsa_key!(&bench, "chosen_key_signs_and_others_than_rsa_warn");
    for algorithm in ["dsa2048", "ed25519", "nistp256"] {
        let name = format!("{algorithm}@example.com");
        keyring.generate(&name, algorithm, "");
        let run = Run::of(bench.command().env("NIX2ACI_KEY", &name));
        run.passes();
        let warned = run.stderr.contains("neither RSA nor DSA");
        assert_eq!(warned, algorithm != "dsa2048", "{algorithm}: {run:?}");
        let mut list = keyring.gpg();
        list.args(["--with-colons", "--fingerprint", &name]);
        let listed = Run::of(&mut list).stdout;
        let fingerprint = listed
            .lines()
            .find_map(|line| line.strip_prefix("fpr:::::::::"))
            .unwrap()
            .trim_end_matches(':');
        let mut verify = keyring.gpg();
        verify
            .args(["--status-fd", "1", "--verify"])
            .arg(bench.path("ACIs").join(ASC))
            .arg(bench.path("ACIs").join(ACI));
        let verified = Run::of(&mut verify);
        assert!(verified.passes().stdout.contains(fingerprint));
        assert_eq!(run.stderr.contains(fingerprint), warned);
    }
}

#[test]
fn locked_key_without_a_terminal() {
    let bench = Bench::new();
    let Some(keyring) = Keyring::new(&bench, "locked_key_without_a_terminal") else {
        return;
    };
    keyring.generate("locked@example.com", "rsa2048", "secret");
    keyring.configure_agent("");
    let start = Instant::now();
    bench
        .run(&[])
        .fails_with(&["locked", "terminal", "gpg-agent"]);
    assert!(start.elapsed() < Duration::from_secs(20));
    assert!(!bench.path("ACIs").exists());
}

/// A pinentry that answers every question for a passphrase with `answer`, in the words of the shell.
fn pinentry(bench: &Bench, answer: &str) -> PathBuf {
    let text = format!(
        "#!/bin/sh\necho OK\nwhile read -r word rest; do\n  case $word in\n    GETPIN) {answer} ;;\n    OPTION) \
         printf '%s\\n' \"$rest\" >>\"$0.options\" && echo OK ;;\n    BYE) echo OK && exit ;;\n    *) echo OK ;;\n  \
         esac\ndone\n"
    );
    stand_in(bench, "pinentry", &text).join("pinentry")
}

#[test]
fn locked_key_in_a_terminal() {
    let bench = Bench::new();
    let Some(keyring) = Keyring::new(&bench, "locked_key_in_a_terminal") else {
        return;
    };
    if !found("script") {
        return skip("locked_key_in_a_terminal", "script is not installed");
    }
    keyring.generate("locked@example.com", "rsa2048", "secret");
    let pinentry = pinentry(&bench, "echo 'D secret' && echo OK");
    keyring.configure_agent(&format!("pinentry-program {}\n", pinentry.display()));
    let plain = bench.command();
    let mut terminal = Command::new("script");
    terminal
        .args(["-qec", "./result/postprocess.sh", "/dev/null"])
        .current_dir(bench.home.path())
        .envs(plain.get_envs().filter_map(|(k, v)| v.map(|v| (k, v))))
        .env("TERM", "dumb")
        .stdin(Stdio::null());
    Run::of(&mut terminal).passes();
    assert!(keyring.verifies(&bench.path("ACIs").join(ASC), &bench.path("ACIs").join(ACI)));
    let options = fs::read_to_string(pinentry.with_extension("options")).unwrap();
    assert!(
        options.contains("ttyname=/dev/pts/"),
        "pinentry is told its terminal: {options}"
    );
}

#[test]
fn interrupted_while_the_key_is_locked() {
    let bench = Bench::new();
    let Some(keyring) = Keyring::new(&bench, "interrupted_while_the_key_is_locked") else {
        return;
    };
    keyring.generate("locked@example.com", "rsa2048", "secret");
    let pinentry = pinentry(&bench, ": >\"$0.asked\" && sleep 60");
    keyring.configure_agent(&format!("pinentry-program {}\n", pinentry.display()));
    for (signal, status) in [("HUP", 129), ("INT", 130), ("TERM", 143)] {
        let asked = pinentry.with_extension("asked");
        let _ = fs::remove_file(&asked);
        let scratch = bench.path("scratch");
        fs::create_dir_all(&scratch).unwrap();
        let mut command = bench.interruptible();
        command.env("TMPDIR", &scratch).stdout(Stdio::piped());
        let child: Child = command.stderr(Stdio::piped()).spawn().unwrap();
        wait_until("question for the passphrase", || asked.exists());
        let mut kill = Command::new("sh");
        kill.args(["-c", &format!("kill -{signal} {}", child.id())]);
        assert!(kill.status().unwrap().success());
        let start = Instant::now();
        let run = Run::from(child.wait_with_output().unwrap());
        assert_eq!(run.status, Some(status), "{run:?}");
        assert!(start.elapsed() < Duration::from_secs(10));
        assert!(!bench.path("ACIs").exists(), "{signal}");
        assert!(bench.names("scratch").is_empty(), "{signal}");
        keyring.end_agent();
    }
}

#[test]
fn read_only_directory() {
    let bench = Bench::new();
    let out = bench.build("fat", false);
    let place = bench.path("d");
    fs::create_dir(&place).unwrap();
    fs::set_permissions(&place, fs::Permissions::from_mode(0o555)).unwrap();
    let run = |directory: &str| {
        let mut command = bench.command();
        if bench_owner_is_root(&out) {
            let plain = command;
            command = Command::new("setpriv");
            command
                .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
                .arg("./result/postprocess.sh")
                .current_dir(bench.home.path())
                .envs(plain.get_envs().filter_map(|(k, v)| v.map(|v| (k, v))));
        }
        Run::of(command.arg(directory))
    };
    if bench_owner_is_root(&out) && !found("setpriv") {
        return skip("read_only_directory", "setpriv is not installed");
    }
    run("d").fails_with(&["cannot write in d: Permission denied", "name another"]);
    run("d/below").fails_with(&["cannot make the directory d/below", "Permission denied"]);
    assert!(bench.names("d").is_empty());
}

fn bench_owner_is_root(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata(path).unwrap().uid() == 0
}

#[test]
fn full_disk() {
    let bench = Bench::new();
    let _keyring = rsa_key!(&bench, "full_disk");
    fs::create_dir(bench.path("d")).unwrap();
    let mounted = "mount -t tmpfs -o size=4k none d && printf x >d/filler";
    let inside = |line: &str| {
        let plain = bench.command();
        let mut unshare = Command::new("unshare");
        unshare
            .args(["-rm", "sh", "-c", &format!("{mounted} && {line}")])
            .current_dir(bench.home.path())
            .envs(plain.get_envs().filter_map(|(k, v)| v.map(|v| (k, v))));
        Run::of(&mut unshare)
    };
    if !found("unshare") || inside("true").status != Some(0) {
        return skip("full_disk", "unshare cannot mount a small file system here");
    }
    inside("./result/postprocess.sh d").fails_with(&["cannot sign", "No space left on device"]);
    let left = inside("{ ./result/postprocess.sh d 2>/dev/null || ls -A d; }");
    assert_eq!(
        left.stdout.lines().skip(1).collect::<Vec<_>>(),
        ["filler"],
        "{left:?}"
    );
}

/// The shells that the script is run by, as words before it.
fn shells() -> Vec<&'static [&'static str]> {
    let shells: [&[&str]; 3] = [&["dash"], &["bash", "--posix"], &["busybox", "sh"]];
    shells.into_iter().filter(|words| found(words[0])).collect()
}

/// A nix-store that makes roots, and like the real one does not end before its children.
const NIX_STORE: &str =
    "trap '' TERM; PATH=/usr/bin:/bin; ln -s \"$5\" \"$2.new\" && mv -fT \"$2.new\" \"$2\"";

/// A stand-in for `tool` that does as the tool does, and something before and after that.
fn around(bench: &Bench, tool: &str, before: &str, after: &str) -> PathBuf {
    let real = match tool {
        "nix-store" => NIX_STORE.to_owned(),
        _ => format!("PATH=/usr/bin:/bin command {tool} \"$@\""),
    };
    let text = format!("#!/bin/sh\n{before}\n{real}\nstatus=$?\n{after}\nexit $status\n");
    stand_in(bench, tool, &text)
}

/// Whether the signature in DIR, if there is one, is that of the image beside it; told to `bad` if it is not.
const WATCH: &str = "[ ! -e \"$DIR/$ASC\" ] || gpg --quiet --verify \"$DIR/$ASC\" \"$DIR/$ACI\" 2>/dev/null || \
                     echo \"$*\" >>\"$HOME/bad\"";

#[test]
fn a_change_that_fails_is_undone_and_no_signature_is_ever_beside_another_image() {
    let test = "a_change_that_fails_is_undone_and_no_signature_is_ever_beside_another_image";
    let bench = Bench::new();
    let Some(keyring) = Keyring::new(&bench, test) else {
        return;
    };
    keyring.generate("rsa@example.com", "rsa2048", "");
    let mut path = around(&bench, "nix-store", "", "");
    for tool in ["mv", "rm"] {
        let fail = format!(
            "case \"{tool} $* \" in */old/*) ;; *\"${{FAIL%% *}}\"*\"/${{FAIL#* }} \"*) \
             echo '{tool}: x: No space left on device' >&2; exit 1 ;; esac"
        );
        path = around(&bench, tool, &fail, WATCH);
    }
    let run = |fail: &str, arguments: &[&str]| {
        let mut command = bench.command();
        command
            .env("PATH", format!("{}:/usr/bin:/bin", path.display()))
            .env("DIR", bench.path("d"))
            .envs([("ASC", ASC), ("ACI", ACI), ("FAIL", fail)]);
        Run::of(command.args(arguments).arg("d"))
    };
    let fails = |steps: &[(&str, &str)], arguments: &[&str]| {
        let before = bench.content("d");
        for (tool, name) in steps {
            let fail = format!("{tool} {name}");
            run(&fail, arguments).fails_with(&[
                &format!("d/{name}: "),
                "No space left",
                "name another",
            ]);
            assert_eq!(bench.content("d"), before, "{fail}");
        }
    };
    let (check, json) = (format!("{STEM}.check-host"), format!("{STEM}.json"));
    let (check, json) = (check.as_str(), json.as_str());
    let image = [("rm", ASC), ("mv", ACI), ("mv", ASC)];

    bench.build_rooted("fat", false);
    fails(&[("mv", json), ("mv", ACI), ("mv", ASC)], &[]);
    assert_eq!(bench.content("d"), None);
    run("none", &[]).passes();
    assert_eq!(bench.names("d"), [GCROOT, ACI, ASC, json]);

    let fat = bench.content("d");
    bench.build_rooted("thin", true);
    fails(&[("mv", json), ("mv", MOUNTS), ("mv", check)], &[]);
    fails(&image, &[]);
    fails(&image[..2], &["--no-sign"]);
    assert_eq!(bench.content("d"), fat);
    run("none", &[]).passes();
    assert_eq!(bench.names("d"), [GCROOT, ACI, ASC, check, json, MOUNTS]);

    bench.build_rooted("fat", false);
    fails(&image, &[]);
    fails(&[("mv", json), ("rm", MOUNTS), ("rm", check)], &[]);
    run("none", &[]).passes();
    assert_eq!(bench.names("d"), [GCROOT, ACI, ASC, json]);
    bench.build_rooted("other", false);
    run("none", &["--no-sign"]).passes();
    assert_eq!(bench.names("d"), [GCROOT, ACI, json]);
    let bad = fs::read_to_string(bench.path("bad"));
    assert!(bad.is_err(), "{bad:?}");
}

/// As from a terminal: every process gets it.
#[test]
fn interrupted_at_any_step() {
    let bench = Bench::new();
    let keyring = rsa_key!(&bench, "interrupted_at_any_step");
    let old = bench.build_rooted("old", true);
    let new = bench.build_rooted("new", false);
    fs::create_dir(bench.path("scratch")).unwrap();
    let run = |result: &Path, words: &[&str], path: &str, directory: &str| {
        use std::os::unix::process::CommandExt as _;
        let mut command = Command::new("/usr/bin/env");
        command
            .arg("--default-signal")
            .args(words)
            .arg(result.join("postprocess.sh"))
            .arg(directory);
        let mut command = bench.environment(command);
        command
            .env("PATH", path)
            .env("TMPDIR", bench.path("scratch"))
            .process_group(0);
        Run::of(&mut command)
    };
    let signed = |directory: &str| {
        let directory = bench.path(directory);
        keyring.verifies(&directory.join(ASC), &directory.join(ACI))
    };
    let (mut interrupted, mut content) = (0, Some(Vec::new()));
    let all = [
        "nix-store",
        "gpg",
        "mktemp",
        "mv",
        "mkdir",
        "readlink",
        "ln",
        "chmod",
        "flock",
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
                let _ = fs::remove_dir_all(bench.path("stand-ins"));
                let path = around(&bench, "nix-store", "", "");
                let path = format!("{}:/usr/bin:/bin", path.display());
                if bench.content("d") != content {
                    let _ = fs::remove_dir_all(bench.path("d"));
                    run(&old, &[], &path, "d").passes();
                    content = bench.content("d");
                }
                around(&bench, tool, before, after);
                for (directory, content) in [("d", &content), ("a/b", &None)] {
                    let run = run(&new, words, &path, directory);
                    let case = format!("{words:?} {tool} {before:?} {directory}: {run:?}");
                    if run.status == Some(0) {
                        assert!(signed(directory), "{case}");
                        let link = fs::read_link(bench.path(directory).join(ACI)).unwrap();
                        assert_eq!(link, new.join(ACI), "{case}");
                        let _ = fs::remove_dir_all(bench.path("a"));
                    } else {
                        interrupted += 1;
                        assert_eq!(run.status, Some(130), "{case}");
                        assert_eq!(&bench.content(directory), content, "{case}");
                        assert!(!bench.path("a").exists(), "{case}");
                    }
                    assert!(bench.names("scratch").is_empty(), "{case}");
                }
            }
        }
    }
    assert!(interrupted > 10 * shells().len(), "{interrupted}");
}

/// Inodes and blocks that run out at every step.
#[test]
fn small_file_system() {
    let bench = Bench::new();
    let _keyring = rsa_key!(&bench, "small_file_system");
    let fat = bench.build_rooted("fat", false);
    let thin = bench.build_rooted("thin", true);
    around(&bench, "nix-store", "", "");
    fs::create_dir(bench.path("d")).unwrap();
    let inside = |limits: &str, line: &str| {
        let line = format!(
            "mount -t tmpfs -o {limits} none d && state() {{ ls -A d; for l in d/* d/.*; do readlink \"$l\"; done; \
             [ ! -e d/*.asc ] || {{ sha256sum d/*.asc; gpg --verify d/*.asc d/*.aci 2>/dev/null || echo BAD; }}; }}; \
             {line}"
        );
        let plain = bench.command();
        let path = format!("{}:/usr/bin:/bin", bench.path("stand-ins").display());
        let mut unshare = Command::new("unshare");
        unshare
            .args(["-rm", "sh", "-c", &line])
            .current_dir(bench.home.path())
            .envs(plain.get_envs().filter_map(|(k, v)| v.map(|v| (k, v))))
            .env("PATH", path);
        Run::of(&mut unshare)
    };
    if !found("unshare") || inside("size=64k,nr_inodes=8", "true").status != Some(0) {
        return skip(
            "small_file_system",
            "unshare cannot mount a small file system here",
        );
    }
    let (mut failed, mut passed) = (0, 0);
    for inodes in 1..24 {
        let line = format!(
            "{fat}/postprocess.sh d >/dev/null; state >before; {thin}/postprocess.sh d >/dev/null; \
             case $? in 0 | 3) exit 0 ;; esac; \
             state | diff before - >&2; ! grep BAD before >&2; exit 1",
            fat = fat.display(),
            thin = thin.display()
        );
        let run = inside(&format!("size=64k,nr_inodes={inodes}"), &line);
        let lines = run.stderr.lines().count();
        if run.status == Some(0) {
            passed += 1;
        } else {
            failed += 1;
            assert!(lines == 1 || lines == 2, "{inodes}: {run:?}");
            for line in run.stderr.lines() {
                assert!(line.starts_with("postprocess.sh: "), "{inodes}: {run:?}");
                assert!(line.contains("No space left"), "{inodes}: {run:?}");
                let root = line.starts_with("postprocess.sh: warning: nix-store refuses");
                assert!(root || line.contains("; "), "{inodes}: {run:?}");
            }
        }
    }
    assert!(failed > 5 && passed > 3, "{failed} {passed}");
}

#[test]
fn two_images_at_once() {
    let bench = Bench::new();
    let keyring = rsa_key!(&bench, "two_images_at_once");
    let images = [
        bench.build_rooted("one", true),
        bench.build_rooted("two", false),
    ];
    let path = around(&bench, "nix-store", "", "");
    let start = |image: &Path| {
        let mut command = bench.environment(Command::new(image.join("postprocess.sh")));
        command
            .env("PATH", format!("{}:/usr/bin:/bin", path.display()))
            .arg("d")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    for _ in 0..6 {
        let children = [&images[0], &images[1], &images[0]].map(|image| start(image));
        for child in children {
            Run::from(child.wait_with_output().unwrap()).passes();
        }
        let place = bench.path("d");
        let image = fs::read_link(place.join(ACI)).unwrap();
        assert_eq!(
            fs::read_link(place.join(GCROOT)).unwrap(),
            image.parent().unwrap()
        );
        assert!(keyring.verifies(&place.join(ASC), &image));
        let mounts = image.with_file_name(MOUNTS);
        assert_eq!(place.join(MOUNTS).exists(), mounts.exists());
    }
    // One that fails takes nothing from the other, not even the directory that it made.
    for step in 0..12 {
        let _ = fs::remove_dir_all(bench.path("d"));
        let mut doomed = start(&images[0]);
        sleep(Duration::from_millis(step * 8));
        let other = start(&images[1]);
        let mut kill = Command::new("sh");
        kill.args(["-c", &format!("kill -TERM {}", doomed.id())]);
        let _ = kill.status().unwrap();
        Run::from(other.wait_with_output().unwrap()).passes();
        doomed.wait().unwrap();
        let place = bench.path("d");
        assert!(keyring.verifies(&place.join(ASC), &place.join(ACI)));
        assert!(place.join(GCROOT).exists());
    }
}

#[test]
fn root_against_garbage_collection() {
    let bench = Bench::new();
    let store = bench.path("store");
    let store = Utf8Path::from_path(&store).unwrap();
    let out = bench.build_in(store, "fat", false);

    // Without nix-store, or against its will, the work is done, but the status tells.
    let run = Run::of(bench.command().env("PATH", path_without_gpg(&bench)));
    assert_eq!(run.status, Some(3), "{run:?}");
    assert!(
        run.stderr.contains("nix-store is not on PATH") && run.stderr.contains("dangle"),
        "{run:?}"
    );
    assert_eq!(bench.names("ACIs"), [ACI]);
    let path = stand_in(
        &bench,
        "nix-store",
        "#!/bin/sh\necho 'error: no daemon' >&2\nexit 1\n",
    );
    let path = format!("{}:/usr/bin:/bin", path.display());
    let run = Run::of(bench.command().env("PATH", &path));
    assert_eq!(run.status, Some(3), "{run:?}");
    assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
    assert!(
        run.stderr.contains("error: no daemon") && run.stderr.contains("dangle"),
        "{run:?}"
    );

    stand_in(
        &bench,
        "nix-store",
        "#!/bin/sh\nprintf '%s\\n' \"$@\" >\"$HOME/asked\"\n",
    );
    let run = Run::of(bench.command().env("PATH", &path).arg("d d"));
    assert_eq!(run.passes().stderr, "");
    let root = bench.path("d d").join(GCROOT);
    let asked = fs::read_to_string(bench.path("asked")).unwrap();
    let expected = ["--add-root", root.to_str().unwrap(), "--indirect"];
    let expected = [&expected[..], &["--realise", out.to_str().unwrap()]].concat();
    assert_eq!(asked.lines().collect::<Vec<_>>(), expected);
}
