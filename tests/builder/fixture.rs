//! A world: a store in a temporary directory, its closure, and the program run in it as Nix would run it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use data_encoding::HEXLOWER;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::image::Image;
use crate::package::Package;
use crate::spec::{arguments, nested};

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_nix2aci");

/// A store with its closure.
pub(crate) struct World {
    directory: TempDir,
    pub(crate) closure: Vec<Value>,
    runs: AtomicU32,
}

impl World {
    pub(crate) fn new() -> Self {
        // Sizes are counted with the path of the store in them, and the path of a socket must be short.
        let directory = tempfile::tempdir_in("/tmp").unwrap();
        fs::create_dir(directory.path().join("store")).unwrap();
        // Another user, too, may have to come here.
        fs::set_permissions(directory.path(), PermissionsExt::from_mode(0o755)).unwrap();
        Self {
            directory,
            closure: Vec::new(),
            runs: AtomicU32::new(0),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn store(&self) -> String {
        self.path().join("store").to_str().unwrap().to_owned()
    }

    /// Where a package of this name is, or will be.
    pub(crate) fn place(&self, name: &str) -> String {
        let hash = HEXLOWER.encode(&Sha256::digest(name)).replace('e', "z");
        format!("{}/{}-{name}", self.store(), &hash[..32])
    }

    /// Puts a package into the store and into the closure; gives back its store path.
    pub(crate) fn add(&mut self, package: &Package) -> String {
        let path = self.place(&package.name);
        package.write(Path::new(&path));
        let (hash, size) = nar(&path);
        self.record(&path, &hash, size, &package.references);
        path
    }

    /// Puts a package into the store of which no NAR can be made; what Nix would have recorded does not matter.
    pub(crate) fn add_unhashed(&mut self, package: &Package) -> String {
        let path = self.place(&package.name);
        package.write(Path::new(&path));
        self.record(&path, &format!("sha256:{}", "0".repeat(64)), 1000, &[]);
        path
    }

    /// Tells the closure of a store path.
    pub(crate) fn record(&mut self, path: &str, hash: &str, size: u64, references: &[String]) {
        self.closure.push(json!({
            "path": path,
            "narHash": hash,
            "narSize": size,
            "references": references,
            // Newer versions of Nix tell more.
            "valid": true,
        }));
    }

    /// Asks for an image of `packages`: fat, with all that is in them, and without a skeleton.
    pub(crate) fn image(&self, packages: &[&str]) -> Request<'_> {
        let packages: Vec<_> = packages.iter().map(|path| package_json(path, 5)).collect();
        let mut spec = arguments();
        spec.insert("packages".to_owned(), packages.into());
        Request {
            world: self,
            spec,
            below: Vec::new(),
            about: Value::Null,
            variables: BTreeMap::new(),
            wrapper: Vec::new(),
            out: None,
        }
    }
}

/// A package as the spec has it.
pub(crate) fn package_json(path: &str, priority: i64) -> Value {
    let (_, base) = path.rsplit_once('/').unwrap();
    json!({ "name": &base[33..], "paths": [path], "priority": priority })
}

/// Hash and size of the NAR of what is at `path`.
pub(crate) fn nar(path: &str) -> (String, u64) {
    let mut hasher = Sha256::new();
    let size = io::copy(&mut nix_nar::Encoder::new(path).unwrap(), &mut hasher).unwrap();
    (
        format!("sha256:{}", HEXLOWER.encode(&hasher.finalize())),
        size,
    )
}

/// An image that is wanted, in the words of the arguments of `mkACI`.
pub(crate) struct Request<'w> {
    world: &'w World,
    pub(crate) spec: Map<String, Value>,
    /// The images below, as the attributes have them.
    below: Vec<Value>,
    /// What is to be told of it instead of making it.
    about: Value,
    variables: BTreeMap<String, String>,
    wrapper: Vec<String>,
    out: Option<PathBuf>,
}

impl Request<'_> {
    /// Replaces members of the spec.
    pub(crate) fn with(mut self, members: Value) -> Self {
        let Value::Object(members) = members else {
            panic!("an object has members")
        };
        self.spec.extend(members);
        self
    }

    /// Stands on the image of `base`, which was built at `out`.
    pub(crate) fn on(mut self, base: &Request<'_>, out: &Path) -> Self {
        let itself = json!({ "output": out, "spec": nested(&base.spec) });
        for image in base.below.iter().chain([&itself]) {
            if !self.below.contains(image) {
                self.below.push(image.clone());
            }
        }
        let dependency = json!({
            "imageName": base.spec["name"], "labels": { "version": base.spec["version"] }, "output": out,
        });
        let dependencies = self.spec.entry("dependencies").or_insert(json!([]));
        dependencies.as_array_mut().unwrap().push(dependency);
        self
    }

    /// Asks for what is told of the image, in its place.
    pub(crate) fn about(mut self, about: Value) -> Self {
        self.about = about;
        self
    }

    /// Switches on one part of the skeleton.
    pub(crate) fn skeleton(mut self, part: &str) -> Self {
        self.spec["skeleton"][part] = true.into();
        self
    }

    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Starts the program through `wrapper`, whose last argument it becomes.
    pub(crate) fn through(mut self, wrapper: &[&str]) -> Self {
        self.wrapper = wrapper.iter().copied().map(str::to_owned).collect();
        self
    }

    /// Writes to `out` instead of a fresh place.
    pub(crate) fn to(mut self, out: &Path) -> Self {
        self.out = Some(out.to_owned());
        self
    }

    /// The command that Nix would start, and where its output goes.
    pub(crate) fn command(&self) -> (Command, PathBuf) {
        let run = self.world.runs.fetch_add(1, Ordering::Relaxed);
        let top = self.world.path().join(format!("build-{run}"));
        fs::create_dir(&top).unwrap();
        let out = self.out.clone();
        let out = out.unwrap_or_else(|| self.world.path().join(format!("out-{run}")));
        let attributes = json!({
            "aci": nested(&self.spec),
            "closure": self.world.closure,
            "below": self.below,
            "about": self.about,
            "outputs": { "out": out },
            "builder": PROGRAM,
            "system": "x86_64-linux",
        });
        fs::write(top.join(".attrs.json"), attributes.to_string()).unwrap();
        let mut words = self.wrapper.iter().map(String::as_str).chain([PROGRAM]);
        let mut command = Command::new(words.next().unwrap());
        command
            .args(words)
            .env_clear()
            // For the wrappers; the program itself starts no other.
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("NIX_STORE", self.world.store())
            .env("NIX_BUILD_TOP", &top)
            .env("NIX_ATTRS_JSON_FILE", "/not/in/the/sandbox/.attrs.json")
            .env("NIX_BUILD_CORES", "2")
            .envs(&self.variables)
            .current_dir(&top)
            .stdin(Stdio::null());
        (command, out)
    }

    fn run(&self) -> Run {
        let (mut command, out) = self.command();
        let output = command.output().unwrap();
        Run {
            status: output.status,
            log: String::from_utf8(output.stderr).unwrap(),
            out,
        }
    }

    /// Sees the program write its output, and where; tells what it said.
    pub(crate) fn write(&self) -> (PathBuf, String) {
        let run = self.run();
        assert!(run.status.success(), "{}: {}", run.status, run.log);
        (run.out, run.log)
    }

    /// Builds the image and reads it back.
    pub(crate) fn build(&self) -> Image {
        let (out, log) = self.write();
        Image::read(&out, log, self.world.store())
    }

    /// Sees the image refused, with nothing left of it; gives back what was said.
    pub(crate) fn refused(&self) -> String {
        let run = self.run();
        assert_eq!(run.status.code(), Some(1), "{}", run.log);
        assert!(!run.log.contains("panicked"), "{}", run.log);
        assert!(!run.out.exists(), "nothing is left of an image that failed");
        run.log
    }

    /// Sees the image refused with a message that has each of `parts`.
    #[track_caller]
    pub(crate) fn refused_with(&self, parts: &[&str]) {
        let message = self.refused();
        for part in parts {
            assert!(message.contains(part), "{part:?} is not in: {message}");
        }
    }
}

struct Run {
    status: ExitStatus,
    log: String,
    out: PathBuf,
}
