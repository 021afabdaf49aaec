//! OCI images: what a layout says and holds.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::archive::{self, Entry, Kind};
use crate::fixture::{Request, World};
use crate::package::Package;

/// A layout that was written, read back.
struct Layout {
    log: String,
    out: PathBuf,
    index: Value,
    manifest: Value,
    config: Value,
    /// The entries of each layer, lowest first.
    layers: Vec<Vec<Entry>>,
}

impl Layout {
    fn build(request: &Request<'_>) -> Self {
        let (mut command, out) = request.command();
        let output = command.output().unwrap();
        let log = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{log}");
        let json = |path: &str| -> Value {
            serde_json::from_slice(&fs::read(out.join(path)).unwrap()).unwrap()
        };
        let index = json("index.json");
        let manifest = json(&blob(&index["manifests"][0]));
        let config = json(&blob(&manifest["config"]));
        let ids = config["rootfs"]["diff_ids"].as_array().unwrap();
        let layers = manifest["layers"].as_array().unwrap();
        assert_eq!(ids.len(), layers.len());
        let layers = layers.iter().zip(ids).map(|(layer, id)| {
            let bytes = fs::read(out.join(blob(layer))).unwrap();
            assert_eq!(layer["size"], bytes.len());
            assert_eq!(layer["digest"], format!("sha256:{}", sha256(&bytes)));
            let plain = archive::decompress(&bytes);
            assert_eq!(id, &format!("sha256:{}", sha256(&plain)));
            archive::read(&plain)
        });
        Self {
            layers: layers.collect(),
            log,
            index,
            manifest,
            config,
            out,
        }
    }

    /// All files of the output with their permissions, sorted.
    fn files(&self) -> Vec<(PathBuf, u32, Vec<u8>)> {
        let mut files = Vec::new();
        below(&self.out, &mut files);
        files.sort();
        let mut named = Vec::new();
        for file in files {
            let mode = fs::metadata(&file).unwrap().permissions().mode() & 0o777;
            let name = file.strip_prefix(&self.out).unwrap().to_owned();
            named.push((name, mode, fs::read(file).unwrap()));
        }
        named
    }
}

fn below(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            below(&path, files);
        } else {
            files.push(path);
        }
    }
}

fn blob(descriptor: &Value) -> String {
    let digest = descriptor["digest"].as_str().unwrap();
    format!("blobs/sha256/{}", digest.strip_prefix("sha256:").unwrap())
}

fn sha256(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

/// An application that needs a library.
fn world() -> (World, String, String) {
    let mut world = World::new();
    let library = world.add(&Package::new("library").file("lib/l", "library"));
    let app = Package::new("app")
        .program("bin/app")
        .file("etc/app.conf", "text")
        .file("share/library", &library)
        .refers(&library);
    let app = world.add(&app);
    (world, app, library)
}

fn oci<'w>(world: &'w World, path: &str) -> Request<'w> {
    world
        .image(&[path])
        .with(json!({ "face": "oci", "exec": ["/bin/app"] }))
}

/// Variants of one image, of which each has another program and nothing else of its own.
#[test]
fn images_that_add_nothing_stand_on_each_other() {
    let (world, app, _) = world();
    let base = oci(&world, &app).with(json!({ "name": "example.com/base" }));
    let base_out = Layout::build(&base).out;
    let variant = |name: &str| oci(&world, &app).with(json!({ "name": name }));
    let middle = variant("example.com/middle").on(&base, &base_out);
    let middle_out = Layout::build(&middle).out;
    let top = Layout::build(&variant("example.com/top").on(&middle, &middle_out));
    let entries: Vec<usize> = top.layers.iter().map(Vec::len).collect();
    assert!(entries.ends_with(&[0, 0]), "{entries:?}");
}

#[test]
fn every_field_is_mapped_or_told() {
    let (world, app, _) = world();
    let layout = Layout::build(&oci(&world, &app).with(json!({
        "name": "example.com/team/app~x",
        "version": "1.0~rc1+2",
        "arch": "aarch64", "labels": { "channel": "beta" },
        "exec": ["/bin/app", "--flag"],
        "user": "71",
        "group": "/etc/app.conf",
        "supplementaryGIDs": [5],
        "workingDirectory": "/etc",
        "env": { "B": "2", "A": "1" },
        "mounts": { "data": "/var/data" },
        "mountsRo": { "conf": "/var/conf" },
        "ports": {
            "http": { "protocol": "tcp", "port": 80, "socketActivated": true },
            "many": { "protocol": "udp", "port": 1000, "count": 3 },
        },
        "isolators": { "resource/memory": { "limit": "1G" } },
        "eventHandlers": { "pre-start": ["/bin/app"] },
        "annotations": {
            "created": "2026-01-31T12:00:00Z", "authors": "A", "homepage": "https://example.com",
            "documentation": "https://example.com/doc", "other": "O",
        },
        "userLabels": { "Label": "L", "channel": "stable" },
        "userAnnotations": { "Annotation": "N", "org.opencontainers.image.version": "9" },
        "dependencies": [{ "imageName": "example.com/base" }],
        "pathWhitelist": ["/bin/app", format!("{app}/bin/app")],
        "perms": { "/etc/app.conf": { "gid": 72 } },
    })));

    let platform = json!({ "architecture": "arm64", "os": "linux", "variant": "v8" });
    let descriptor = &layout.index["manifests"][0];
    assert_eq!(descriptor["platform"], platform);
    assert_eq!(
        descriptor["annotations"],
        json!({
            "org.opencontainers.image.ref.name": "1.0-rc1-2",
            "io.containerd.image.name": "example.com/team/app-x:1.0-rc1-2",
        })
    );
    let mut config = layout.config.clone();
    let config = config.as_object_mut().unwrap();
    config.remove("rootfs");
    config.remove("history");
    assert_eq!(
        Value::from(config.clone()),
        json!({
            "architecture": "arm64", "os": "linux", "variant": "v8",
            "created": "2026-01-31T12:00:00Z",
            "author": "A",
            "config": {
                "User": "71:72",
                "ExposedPorts": { "80/tcp": {}, "1000/udp": {}, "1001/udp": {}, "1002/udp": {} },
                "Env": ["A=1", "B=2"],
                "Entrypoint": ["/bin/app", "--flag"],
                "Volumes": { "/var/conf": {}, "/var/data": {} },
                "WorkingDir": "/etc",
                "Labels": { "Label": "L", "channel": "stable" },
            },
        })
    );
    assert_eq!(
        layout.manifest["annotations"],
        json!({
            "Annotation": "N",
            "other": "O",
            "org.opencontainers.image.authors": "A",
            "org.opencontainers.image.created": "2026-01-31T12:00:00Z",
            "org.opencontainers.image.documentation": "https://example.com/doc",
            "org.opencontainers.image.title": "example.com/team/app~x",
            "org.opencontainers.image.url": "https://example.com",
            "org.opencontainers.image.version": "1.0~rc1+2",
        })
    );
    let docker = fs::read(layout.out.join("manifest.json")).unwrap();
    let docker: Value = serde_json::from_slice(&docker).unwrap();
    assert_eq!(
        docker[0]["RepoTags"],
        json!(["example.com/team/app-x:1.0-rc1-2"])
    );
    for lost in [
        "dependencies",
        "pathWhitelist",
        "eventHandlers",
        "supplementaryGIDs",
        "mountsRo",
        "ports.*.socketActivated",
    ] {
        let warning = format!("warning: {lost}: an OCI image cannot say this; ");
        assert!(layout.log.contains(&warning), "{lost}: {}", layout.log);
    }
    for told in [
        r#"isolators."resource/memory": an OCI image cannot say {"limit":"1G"}; give the runtime --memory=1000000000"#,
        "supplementaryGIDs: an OCI image cannot say this; give the runtime --group-add=5",
        "mountsRo: an OCI image cannot say this; give the runtime --volume=SOURCE:/var/conf:ro",
        r#"acLabels."channel": the image says "stable" under this name, from userLabels."channel", and not "beta""#,
        r#"userAnnotations."org.opencontainers.image.version": the image says "1.0~rc1+2" under this name, from acVersion"#,
    ] {
        assert!(layout.log.contains(told), "{told}: {}", layout.log);
    }
}

#[test]
fn what_ends_the_program_and_what_tests_it_is_said() {
    let (world, app, _) = world();
    let members = json!({
        "stopSignal": "SIGINT",
        "healthcheck": { "test": ["/bin/app", "it's"], "interval": "30s", "startPeriod": "1m", "retries": 3 },
    });
    let layout = Layout::build(&oci(&world, &app).with(members.clone()));
    assert_eq!(layout.config["config"]["StopSignal"], "SIGINT");
    assert_eq!(
        layout.config["config"]["Healthcheck"],
        json!({
            "Test": ["CMD", "/bin/app", "it's"],
            "Interval": 30_000_000_000_u64,
            "StartPeriod": 60_000_000_000_u64,
            "Retries": 3,
        })
    );
    let told = r#"healthcheck: Docker reads this from the image, podman from one of Docker's format alone; from this one, give the runtime --health-cmd='["/bin/app","it'\''s"]' --health-interval=30s --health-start-period=1m --health-retries=3 to podman"#;
    assert!(layout.log.contains(told), "{}", layout.log);
    let image = world.image(&[&app]).with(members).build();
    for lost in [
        "stopSignal: an App Container Image cannot say this; rkt stop sends SIGTERM, not SIGINT",
        "healthcheck: an App",
    ] {
        assert!(image.log.contains(lost), "{}", image.log);
    }
}

#[test]
fn arguments_alone_leave_the_program_to_the_user() {
    let (world, app, _) = world();
    let words = |exec: Value, args: Value| {
        let members = json!({ "exec": exec, "args": args });
        let config = Layout::build(&oci(&world, &app).with(members.clone())).config;
        let manifest = world.image(&[&app]).with(members).build().manifest();
        let both = ["Entrypoint", "Cmd"].map(|member| config["config"][member].clone());
        (both, manifest["app"]["exec"].clone())
    };
    assert_eq!(
        words(json!([]), json!(["/bin/app", "x"])),
        (
            [Value::Null, json!(["/bin/app", "x"])],
            json!(["/bin/app", "x"])
        )
    );
    assert_eq!(
        words(json!(["/bin/app"]), json!(["x"])),
        (
            [json!(["/bin/app"]), json!(["x"])],
            json!(["/bin/app", "x"])
        )
    );
    // The first of them is the program, then.
    let refused = |args: Value| oci(&world, &app).with(json!({ "exec": [], "args": args }));
    refused(json!(["/bin/ap"])).refused_with(&["args: /bin/ap is not in the image", "/bin/app"]);
    refused(json!(["app"])).refused_with(&["args name the program, and not by an absolute path"]);
    let test = json!({ "healthcheck": { "test": ["/bin/ap"] } });
    oci(&world, &app)
        .with(test)
        .refused_with(&["healthcheck.test: /bin/ap is not in the image"]);
}

#[test]
fn what_rkt_alone_does_is_not_told() {
    let (world, app, _) = world();
    let members = json!({
        "arch": "s390x",
        "env": { "A.B": "1", "C": "\"quoted" },
    });
    let told = world.image(&[&app]).with(members.clone()).build().log;
    for part in ["rkt does not run", "rkt's systemd", "rkt hands"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let log = Layout::build(&oci(&world, &app).with(members)).log;
    assert!(!log.contains("rkt"), "{log}");
}

#[test]
fn the_name_is_spelt_out_where_no_registry_is() {
    let (world, app, _) = world();
    for (name, full) in [
        ("app", "docker.io/library/app:1.0"),
        ("team/app", "docker.io/team/app:1.0"),
        ("localhost/app", "localhost/app:1.0"),
        ("example.com/app", "example.com/app:1.0"),
    ] {
        let layout = Layout::build(&oci(&world, &app).with(json!({ "name": name })));
        let annotations = &layout.index["manifests"][0]["annotations"];
        assert_eq!(annotations["io.containerd.image.name"], full);
    }
}

/// Loaded or pushed, one would replace the other.
#[test]
fn a_thin_image_has_a_tag_of_its_own() {
    let (world, app, _) = world();
    for (version, expected) in [("1.0", "1.0-thin"), ("1~2", "1-2-thin")] {
        let members = json!({ "version": version, "kind": "thin" });
        let layout = Layout::build(&oci(&world, &app).with(members));
        let annotations = &layout.index["manifests"][0]["annotations"];
        let full = format!("example.com/app:{expected}");
        assert_eq!(annotations["org.opencontainers.image.ref.name"], expected);
        assert_eq!(annotations["io.containerd.image.name"], full);
        let docker = fs::read(layout.out.join("manifest.json")).unwrap();
        let docker: Value = serde_json::from_slice(&docker).unwrap();
        assert_eq!(docker[0]["RepoTags"], json!([full]));
        let script = fs::read_to_string(layout.out.join("postprocess.sh")).unwrap();
        assert!(script.contains(&format!("reference='{full}'")));
    }
}

#[test]
fn the_layers_together_hold_what_the_archive_holds() {
    let (world, app, library) = world();
    let members = json!({ "perms": { "/etc/app.conf": { "uid": 7, "mode": "0600" } } });
    let image = world.image(&[&app]).with(members.clone()).build();
    for most in [2, 3, 60] {
        let wanted = json!({ "maxLayers": most, "selfCheck": true });
        let layout = Layout::build(&oci(&world, &app).with(members.clone()).with(wanted));
        assert_eq!(layout.layers.len(), most.min(3));
        assert!(layout.log.contains("read again and found as planned"));
        let mut found: Vec<&Entry> = layout.layers.iter().flatten().collect();
        found.sort_by(|a, b| a.path.cmp(&b.path));
        // The directories above the store are in every layer.
        found.dedup();
        let expected = image.entries.iter().skip(2);
        let mut expected: Vec<&Entry> = expected.collect();
        expected.sort_by(|a, b| a.path.cmp(&b.path));
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert_eq!(&expected.path["rootfs/".len()..], found.path);
            assert_eq!(
                (&expected.kind, expected.mode, expected.uid, expected.gid),
                (&found.kind, found.mode, found.uid, found.gid)
            );
        }
        if most >= 3 {
            // What others need lies lowest.
            let has = |layer: usize, path: &str| {
                let path = &path.as_bytes()[1..];
                layout.layers[layer].iter().any(|entry| entry.path == path)
            };
            assert!(has(0, &library) && has(1, &app) && has(2, "/bin/app"));
        }
    }
}

#[test]
fn neither_cores_nor_environment_matter() {
    let (world, app, _) = world();
    for members in [
        json!({}),
        json!({ "compression": { "method": "zstd" } }),
        json!({ "compression": { "method": "none" } }),
    ] {
        let request = || oci(&world, &app).with(members.clone());
        let expected = Layout::build(&request()).files();
        for cores in ["1", "7", ""] {
            let request = request().variable("NIX_BUILD_CORES", cores);
            let request = request.variable("LC_ALL", "tr_TR.UTF-8");
            assert!(Layout::build(&request).files() == expected, "{members}");
        }
    }
}

/// Nix scans the output for the hash parts of store paths.
#[test]
fn no_hash_part_of_a_store_path_is_readable() {
    let mut world = World::new();
    let hash = world.place("noise")[world.store().len() + 1..][..32].to_owned();
    // A compressor gains nothing here, and leaves much as it stands.
    let mut noise = Vec::new();
    let mut state = 1_u32;
    while noise.len() < 700_000 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        noise.push(state.to_be_bytes()[0]);
        if noise.len() % 9000 == 0 {
            noise.extend_from_slice(hash.as_bytes());
        }
    }
    let package = Package::new("noise")
        .program("bin/app")
        .file("noise", noise);
    let app = world.add(&package);
    let readable = |members: Value| {
        let layout = Layout::build(&oci(&world, &app).with(members));
        let files = layout.files();
        let has = |bytes: &[u8]| bytes.windows(32).any(|window| window == hash.as_bytes());
        let told = layout.log.contains("compression: names of store paths");
        (files.iter().any(|(_, _, bytes)| has(bytes)), told)
    };
    let history = json!({ "env": { "APP": &app } });
    for method in ["gzip", "zstd"] {
        for level in [1, 9] {
            let compression = json!({ "compression": { "method": method, "level": level } });
            assert_eq!(readable(compression), (false, false), "{method} {level}");
        }
    }
    assert_eq!(readable(history), (false, false));
    let none = json!({ "compression": { "method": "none" } });
    assert_eq!(readable(none), (true, true));
}

#[test]
fn a_thin_image_has_its_mounts_beside_it() {
    let (world, app, library) = world();
    let layout = Layout::build(&oci(&world, &app).with(json!({ "kind": "thin" })));
    assert_eq!(layout.layers.len(), 1);
    let config = &layout.config["config"];
    assert_eq!(config.get("Volumes"), None, "they are no data of its own");
    let text = |suffix: &str| {
        let path = layout.out.join(format!("app-1.0.{suffix}"));
        fs::read_to_string(path).unwrap()
    };
    let paths = BTreeSet::from([&app, &library]);
    let lines = |form: &dyn Fn(&str) -> String| -> String {
        paths.iter().map(|path| form(path) + "\n").collect()
    };
    assert_eq!(
        text("podman-mounts"),
        lines(&|p| format!("--volume={p}:{p}:ro"))
    );
    assert_eq!(
        text("docker-mounts"),
        lines(&|p| format!("--mount=type=bind,source={p},target={p},readonly"))
    );
    assert_eq!(text("nspawn"), lines(&|p| format!("--bind-ro={p}")));
    let volumes = lines(&|p| format!("Volume={p}:{p}:ro"));
    let image = format!("{volumes}Image=oci:{}\n", layout.out.display());
    assert!(text("container").contains(&image));
    let mut check = Command::new("sh");
    check.arg(layout.out.join("app-1.0.check-host"));
    let output = check.output().unwrap();
    assert!(output.status.success());
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "app-1.0: this host has all 2 store paths\n"
    );
    let image = world.image(&[&app]).with(json!({ "kind": "thin" })).build();
    let names: Vec<&String> = image.files.keys().collect();
    let expected = ["aci", "check-host", "json", "mounts", "nspawn"];
    let mut expected: Vec<String> = expected.map(|suffix| format!("app-1.0.{suffix}")).into();
    expected.push("postprocess.sh".to_owned());
    assert_eq!(names, expected.iter().collect::<Vec<_>>());
}

#[test]
fn what_layers_cannot_say_is_refused() {
    let mut world = World::new();
    let package = Package::new("app")
        .program("bin/app")
        .file("share/.wh.app", "");
    let app = world.add(&package);
    oci(&world, &app)
        .refused_with(&["share/.wh.app has a name by which layers of OCI images delete files"]);
    assert!(world.image(&[&app]).build().get("/share/.wh.app").is_some());
    let (world, app, _) = self::world();
    let odd = json!({ "arch": "armv7b" });
    oci(&world, &app)
        .with(odd)
        .refused_with(&["linux/armv7b has no name among the platforms of OCI images"]);
}

#[test]
fn a_damaged_store_path_is_refused() {
    let (world, app, library) = world();
    fs::write(Path::new(&library).join("lib/l"), "LIBRARY").unwrap();
    oci(&world, &app).refused_with(&[&library]);
    let layout = Layout::build(&oci(&world, &app).with(json!({ "kind": "thin" })));
    let is_file = |entry: &Entry| matches!(entry.kind, Kind::File(_));
    assert!(layout.layers[0].iter().any(is_file));
}
