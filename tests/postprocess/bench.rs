//! A home directory with an image as a build leaves it, and the runs of its script.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use camino::Utf8Path;
use nix2aci::face::postprocess::{Script, script};
use nix2aci::input::form::Face;
use tempfile::TempDir;

pub(crate) const STEM: &str = "busybox-1.36.1-static";
pub(crate) const REFERENCE: &str = "busybox:1.36.1-static";
pub(crate) const ACI: &str = "busybox-1.36.1-static.aci";
pub(crate) const OCI: &str = "busybox-1.36.1-static.oci";
pub(crate) const ASC: &str = "busybox-1.36.1-static.aci.asc";
pub(crate) const JSON: &str = "busybox-1.36.1-static.json";
pub(crate) const MOUNTS: &str = "busybox-1.36.1-static.mounts";
pub(crate) const NSPAWN: &str = "busybox-1.36.1-static.nspawn";
pub(crate) const CHECK_HOST: &str = "busybox-1.36.1-static.check-host";
pub(crate) const PODMAN: &str = "busybox-1.36.1-static.podman-mounts";
pub(crate) const GCROOT: &str = ".busybox-1.36.1-static.gcroot";
/// Where the script prepares what it then moves into DIR.
pub(crate) const WORK: &str = ".busybox-1.36.1-static.work";

/// A home directory with `result`, a link to what a build would have left.
pub(crate) struct Bench {
    home: TempDir,
}

impl Bench {
    pub(crate) fn new() -> Self {
        // A short path: gpg-agent's sockets lie below it. Others may look in: one test is another user.
        let home = tempfile::Builder::new()
            .prefix("post")
            .tempdir_in("/tmp")
            .unwrap();
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let bench = Self { home };
        fs::create_dir(bench.path("store")).unwrap();
        fs::create_dir(bench.path("tools")).unwrap();
        bench.build("fat", true);
        bench
    }

    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.home.path().join(below)
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// Leaves an image in `store/NAME` and points `result` at it. It is not in `/nix/store`, so it wants no root.
    pub(crate) fn build(&self, name: &str, sign: bool) -> PathBuf {
        self.leave(Face::Aci, "/nix/store", name, sign, &[ACI])
    }

    /// Leaves an image of `face` that is made of `files`; an ACI among them is not signed.
    pub(crate) fn build_of(&self, face: Face, name: &str, files: &[&str]) -> PathBuf {
        self.leave(face, "/nix/store", name, false, files)
    }

    /// Leaves the layout of an OCI image, with further files.
    pub(crate) fn build_layout(&self, name: &str, files: &[&str]) -> PathBuf {
        let files = [&["index.json"], files].concat();
        self.leave(Face::Oci, "/nix/store", name, true, &files)
    }

    /// Leaves a thin image, or a fat one, with what else belongs to it, in a store that wants roots.
    pub(crate) fn build_rooted(&self, name: &str, thin: bool) -> PathBuf {
        let files = [ACI, JSON, MOUNTS, CHECK_HOST];
        let files = if thin { &files[..] } else { &files[..2] };
        let store = self.path("store");
        self.leave(Face::Aci, store.to_str().unwrap(), name, true, files)
    }

    fn leave(&self, face: Face, store: &str, name: &str, sign: bool, files: &[&str]) -> PathBuf {
        let out = self.path("store").join(name);
        fs::create_dir_all(&out).unwrap();
        for file in files {
            fs::write(out.join(file), format!("image {name}")).unwrap();
        }
        let image = Script {
            face,
            stem: STEM,
            reference: REFERENCE,
            store_dir: Utf8Path::new(store),
            sign,
            arguments: "",
            own: "",
            below: "",
        };
        self.install(&script(&image), &out.join("postprocess.sh"));
        let _ = fs::remove_file(self.path("result"));
        symlink(&out, self.path("result")).unwrap();
        out
    }

    /// Makes a program. By another one: a file open for writing here could not be run while a test forks.
    fn install(&self, text: &str, program: &Path) {
        let source = self.path("text");
        fs::write(&source, text).unwrap();
        let mut install = Command::new("install");
        install.args(["-m", "755"]).args([&source, program]);
        assert!(install.status().unwrap().success());
    }

    /// A program that comes before any other of its name; gives back where it is.
    pub(crate) fn tool(&self, name: &str, text: &str) -> PathBuf {
        let tool = self.path("tools").join(name);
        self.install(&format!("#!/bin/sh\n{text}\n"), &tool);
        tool
    }

    /// A stand-in for `tool` that does as the tool does, and something before and after that.
    pub(crate) fn around(&self, tool: &str, before: &str, after: &str) {
        let real = match tool {
            "nix-store" => NIX_STORE.to_owned(),
            _ => format!("PATH=/usr/bin:/bin command {tool} \"$@\""),
        };
        self.tool(
            tool,
            &format!("{before}\n{real}\nstatus=$?\n{after}\nexit $status"),
        );
    }

    /// A PATH with the programs that the script needs where it does not sign, and `more`.
    pub(crate) fn few_programs(&self, more: &[&str]) -> PathBuf {
        let few = self.path("few");
        let _ = fs::remove_dir_all(&few);
        fs::create_dir(&few).unwrap();
        for program in [&["sh", "cp", "ln", "mkdir", "mv", "rm", "sed"], more].concat() {
            let program = Path::new("/usr/bin").join(program);
            symlink(&program, few.join(program.file_name().unwrap())).unwrap();
        }
        few
    }

    /// `./result/postprocess.sh`, with nothing in its environment but what it needs.
    pub(crate) fn command(&self) -> Command {
        self.through(&[])
    }

    /// The same as arguments of another program.
    pub(crate) fn through(&self, words: &[&str]) -> Command {
        self.program(&[words, &["./result/postprocess.sh"]].concat())
    }

    /// The script of `image` by the shell `words`, as from a terminal: a group of processes that heed signals, which
    /// a shell has its background jobs ignore.
    pub(crate) fn interruptible(&self, words: &[&str], image: &Path) -> Command {
        let mut command = self.program(&["/usr/bin/env", "--default-signal"]);
        command
            .args(words)
            .arg(image.join("postprocess.sh"))
            .process_group(0);
        command
    }

    /// Any program in the environment of the script.
    pub(crate) fn program(&self, words: &[&str]) -> Command {
        let path = format!(
            "{}:/usr/local/bin:/usr/bin:/bin",
            self.path("tools").display()
        );
        let mut command = Command::new(words[0]);
        command
            .args(&words[1..])
            .current_dir(self.home())
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.home())
            .env("LC_ALL", "C.UTF-8")
            .env("GNUPGHOME", self.path("gnupg"))
            .stdin(Stdio::null());
        command
    }

    /// `line` of a shell with a small file system, made with `options`, on `d`; none, aloud, where that cannot be.
    pub(crate) fn in_small_file_system(&self, options: &str, line: &str) -> Run {
        let line = format!("mount -t tmpfs -o {options} none d && {{ {line}; }}");
        Run::of(&mut self.program(&["unshare", "-rm", "sh", "-c", &line]))
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command().args(arguments))
    }

    /// What is in `directory`: names, and where links lead or what files hold; nothing if it is not there.
    pub(crate) fn content(&self, directory: &str) -> Vec<(String, String)> {
        let Ok(entries) = fs::read_dir(self.path(directory)) else {
            return Vec::new();
        };
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
        content
    }

    /// Names in `directory`, sorted, leftovers included.
    pub(crate) fn names(&self, directory: &str) -> Vec<String> {
        let content = self.content(directory);
        content.into_iter().map(|(name, _)| name).collect()
    }

    /// Where a link below the home leads.
    pub(crate) fn link(&self, path: &str) -> PathBuf {
        fs::read_link(self.path(path)).unwrap()
    }

    /// Whether root runs this, whom no permission stops.
    pub(crate) fn is_roots(&self) -> bool {
        fs::metadata(self.home()).unwrap().uid() == 0
    }
}

/// A nix-store that makes roots, and like the real one does not end before its children.
const NIX_STORE: &str =
    "trap '' TERM; PATH=/usr/bin:/bin; ln -s \"$5\" \"$2.new\" && mv -fT \"$2.new\" \"$2\"";

/// What a run left: its status, as a shell tells it, and its words.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn of(command: &mut Command) -> Self {
        command.output().unwrap().into()
    }

    /// What a group of processes left that is killed when it takes longer than a minute; nothing then.
    pub(crate) fn of_group(command: &mut Command) -> Option<Self> {
        let child = start(command);
        let group = format!("-{}", child.id());
        let (done, is_done) = mpsc::channel();
        let watch = thread::spawn(move || {
            let is_late = is_done.recv_timeout(Duration::from_secs(60)).is_err();
            if is_late {
                signal("KILL", &group);
            }
            is_late
        });
        let run = Self::ended(child);
        // A watch that has killed the group listens no more.
        let _ = done.send(());
        (!watch.join().unwrap()).then_some(run)
    }

    pub(crate) fn ended(child: Child) -> Self {
        child.wait_with_output().unwrap().into()
    }

    /// Failed with `status` and one line, which holds `words`.
    #[track_caller]
    pub(crate) fn fails_as(&self, status: i32, words: &[&str]) {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.stderr.lines().count(), 1, "{self:?}");
        for word in words {
            assert!(self.stderr.contains(word), "{word:?} in {self:?}");
        }
    }

    #[track_caller]
    pub(crate) fn fails_with(&self, words: &[&str]) {
        self.fails_as(1, words);
    }

    #[track_caller]
    pub(crate) fn passes(&self) -> &Self {
        assert_eq!(self.status, 0, "{self:?}");
        self
    }

    /// The last line that was said.
    #[track_caller]
    pub(crate) fn last_line(&self) -> &str {
        self.passes().stdout.lines().last().unwrap()
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let signal = || 128 + output.status.signal().unwrap();
        Self {
            status: output.status.code().unwrap_or_else(signal),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Starts a program whose words are kept.
pub(crate) fn start(command: &mut Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Sends a signal to a process or, by its number with a minus, to a group of them.
pub(crate) fn signal(name: &str, process: &str) {
    let mut kill = Command::new("sh");
    kill.args(["-c", &format!("kill -{name} {process}")]);
    assert!(kill.status().unwrap().success());
}

pub(crate) fn found(program: &str) -> bool {
    let mut which = Command::new("sh");
    which.args(["-c", "command -v \"$0\" >/dev/null", program]);
    which.status().unwrap().success()
}

/// The shells that the script is run by, as words before it.
pub(crate) fn shells() -> Vec<&'static [&'static str]> {
    let shells: [&[&str]; 3] = [&["dash"], &["bash", "--posix"], &["busybox", "sh"]];
    shells.into_iter().filter(|words| found(words[0])).collect()
}

pub(crate) fn mode_of(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

/// Waits until `done`, for ten seconds at most.
pub(crate) fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < Duration::from_secs(10), "no {what}");
        sleep(Duration::from_millis(20));
    }
}
