//! Recipes and their verbs: the image that comes later is the one that the build would have made.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::fixture::{PROGRAM, Request, World};
use crate::package::Package;

/// Builds what is asked for; gives back where it is.
fn build(request: &Request<'_>) -> PathBuf {
    let (mut command, out) = request.command();
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    out
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Runs a script beside a recipe, with a cache in `home`.
fn run(recipe: &Path, verb: &str, words: &[&str], home: &Path) -> Output {
    let mut command = Command::new(recipe.join(verb));
    command.args(words).env_clear().env("HOME", home);
    command.output().unwrap()
}

/// Every file below a directory, with its mode.
fn files(directory: &Path) -> BTreeMap<String, (u32, Vec<u8>)> {
    let mut files = BTreeMap::new();
    let mut waiting = vec![directory.to_owned()];
    while let Some(here) = waiting.pop() {
        for entry in fs::read_dir(here).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
                continue;
            }
            let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o7777;
            let name = path.strip_prefix(directory).unwrap().to_str().unwrap();
            files.insert(name.to_owned(), (mode, fs::read(&path).unwrap()));
        }
    }
    files
}

/// A world with a library and a program that needs it.
fn world() -> (World, String, String) {
    let mut world = World::new();
    let library = world.add(&Package::new("library-1").file("lib/a", "a library\n".repeat(5000)));
    let mut program = Package::new("program-1")
        .file("etc/config", "x = 1\n")
        .file("share/p", "a program\n".repeat(500));
    program.references.push(library.clone());
    let program = world.add(&program);
    (world, library, program)
}

#[test]
fn a_recipe_gives_the_bytes_of_its_image_in_every_form() {
    let (world, ..) = world();
    let program = world.place("program-1");
    for form in [
        json!({ "face": "aci" }),
        json!({ "face": "aci", "compression": { "method": "none" } }),
        json!({ "face": "aci", "compression": { "method": "xz", "level": 1 } }),
        json!({ "face": "aci", "kind": "thin" }),
        json!({ "face": "oci" }),
        json!({ "face": "oci", "compression": { "method": "zstd" }, "maxLayers": 2, "selfCheck": true }),
    ] {
        let image = build(&world.image(&[&program]).with(form.clone()));
        let recipe = build(
            &world
                .image(&[&program])
                .with(form.clone())
                .with(json!({ "recipe": true })),
        );
        let home = tempfile::tempdir().unwrap();
        for number in 0..2 {
            let saved = home.path().join(format!("saved-{number}"));
            let output = run(&recipe, "save", &[saved.to_str().unwrap()], home.path());
            assert!(output.status.success(), "{form}: {}", said(&output));
            assert!(files(&saved) == files(&image), "{form}, time {number}");
        }
        let stdout = run(&recipe, "save", &[], home.path()).stdout;
        let aci = fs::read_dir(&image)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let mut aci = aci.filter(|path| path.extension().is_some_and(|it| it == "aci"));
        match aci.next() {
            Some(aci) => assert!(stdout == fs::read(aci).unwrap(), "{form}"),
            None => assert!(is_layout(&stdout, &image), "{form}"),
        }
    }
}

/// Whether a tar stream holds the layout, and nothing else.
fn is_layout(stream: &[u8], image: &Path) -> bool {
    let unpacked = tempfile::tempdir().unwrap();
    tar::Archive::new(stream).unpack(unpacked.path()).unwrap();
    let mut expected = files(image);
    for beside in [
        "layers.json",
        "postprocess.sh",
        "run.json",
        "load",
        "push",
        "export-key",
        "run",
        "save",
        "sign",
    ] {
        expected.remove(beside);
    }
    files(unpacked.path()) == expected
}

#[test]
fn a_thin_image_says_where_it_has_come_to() {
    let (world, ..) = world();
    let form = json!({ "face": "oci", "kind": "thin", "recipe": true });
    let recipe = build(&world.image(&[&world.place("program-1")]).with(form));
    let home = tempfile::tempdir().unwrap();
    for name in ["one", "two", "one-again"] {
        let saved = home.path().join(name);
        let output = run(&recipe, "save", &[saved.to_str().unwrap()], home.path());
        assert!(output.status.success(), "{}", said(&output));
        let files = files(&saved);
        let (_, unit) = files
            .iter()
            .find_map(|(name, file)| name.ends_with(".container").then_some(file))
            .unwrap();
        let unit = String::from_utf8(unit.clone()).unwrap();
        let image = format!("Image=oci:{}\n", saved.display());
        assert!(unit.contains(&image), "{unit}");
    }
}

#[test]
fn a_recipe_is_checked_as_its_image_is_and_reads_nothing() {
    let mut world = World::new();
    // Its NAR hash is wrong, which only who packs it can find.
    let rotten = world.add_unhashed(&Package::new("rotten-1").file("a", "b"));
    let recipe = json!({ "recipe": true });
    world
        .image(&[&rotten])
        .with(recipe.clone())
        .with(json!({ "exec": ["/bin/nothing"] }))
        .refused_with(&["exec", "/bin/nothing"]);
    let recipe = build(&world.image(&[&rotten]).with(recipe));
    let home = tempfile::tempdir().unwrap();
    let output = run(&recipe, "save", &[], home.path());
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    let mend = format!("nix-store --repair-path {rotten}");
    assert!(said(&output).contains(&mend), "{}", said(&output));
    let missing = format!("lacks 1 store path that the image is made of: {rotten};");
    fs::remove_dir_all(&rotten).unwrap();
    let output = run(&recipe, "save", &[], home.path());
    assert!(said(&output).contains(&missing), "{}", said(&output));
}

#[test]
fn a_layer_that_was_made_is_not_made_again() {
    let (mut world, library, program) = world();
    let oci = json!({ "face": "oci", "recipe": true });
    let first = build(&world.image(&[&program]).with(oci.clone()));
    let home = tempfile::tempdir().unwrap();
    assert!(run(&first, "save", &[], home.path()).status.success());
    let mut changed = Package::new("program-2").file("share/p", "another program\n");
    changed.references.push(library.clone());
    let changed = world.add(&changed);
    let second = build(&world.image(&[&changed]).with(oci.clone()));
    let image = build(&world.image(&[&changed]).with(json!({ "face": "oci" })));
    let other = json!({ "compression": { "method": "gzip", "level": 1 } });
    let other = build(&world.image(&[&changed]).with(oci).with(other));
    // Whoever reads the library again finds that it is not what it was.
    let file = Path::new(&library).join("lib/a");
    fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).unwrap();
    let mut file = fs::File::options().write(true).open(file).unwrap();
    file.write_all(b"B").unwrap();
    let saved = home.path().join("saved");
    let output = run(&second, "save", &[saved.to_str().unwrap()], home.path());
    assert!(output.status.success(), "{}", said(&output));
    assert!(files(&saved) == files(&image));
    let output = run(&other, "save", &[], home.path());
    assert!(
        said(&output).contains("is not what Nix recorded"),
        "what is compressed otherwise is another layer: {}",
        said(&output)
    );
}

#[test]
fn a_copy_is_what_nix_recorded_even_beside_a_layer_of_the_cache() {
    let (world, _, program) = world();
    let oci = json!({ "face": "oci", "recipe": true });
    let first = build(&world.image(&[&program]).with(oci.clone()));
    let home = tempfile::tempdir().unwrap();
    assert!(run(&first, "save", &[], home.path()).status.success());
    // The same layers, another image; and what is copied to /etc is not what it was.
    let other = json!({ "version": "2.0" });
    let second = build(&world.image(&[&program]).with(oci).with(other));
    let file = Path::new(&program).join("etc/config");
    fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).unwrap();
    fs::write(&file, "x = 2\n").unwrap();
    let output = run(&second, "save", &[], home.path());
    let told = said(&output);
    assert!(told.contains("is not what Nix recorded"), "{told}");
    assert!(output.stdout.is_empty());
}

#[test]
fn a_recipe_is_read_strictly() {
    let (world, ..) = world();
    let recipe = json!({ "recipe": true });
    let recipe = build(&world.image(&[&world.place("program-1")]).with(recipe));
    let text = fs::read_to_string(recipe.join("recipe.json")).unwrap();
    let whole: Value = serde_json::from_str(&text).unwrap();
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("recipe.json");
    for (pointer, value, told) in [
        (
            "/closure/0/references",
            json!([7]),
            "no store path number 7",
        ),
        ("/closure/0/narHash", json!("md5:0"), "is not a sha256"),
        ("/closure/0/path", json!("../etc"), "is not a store path of"),
        (
            "/storeDir",
            json!("store"),
            "is not an absolute, clean path",
        ),
        (
            "/spec/form/kind",
            json!("fatter"),
            "form.kind: unknown variant",
        ),
        ("/spec/form", json!({}), "missing field"),
        ("", json!({}), "missing field"),
    ] {
        let mut changed = whole.clone();
        // What refers to nothing has no such member.
        if pointer == "/closure/0/references" {
            changed["closure"][0]["references"] = json!([]);
        }
        *changed.pointer_mut(pointer).unwrap() = value;
        fs::write(&file, changed.to_string()).unwrap();
        let output = Command::new(PROGRAM)
            .arg("save")
            .arg(&file)
            .env("HOME", home.path())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{pointer}");
        assert!(said(&output).contains(told), "{pointer}: {}", said(&output));
    }
}
