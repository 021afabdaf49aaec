//! The cases of whole archives of the table `tests/manifest/cases.json`: what the format's own validator says to each,
//! and what this program does.
//!
//! `archive` is the recipe of an archive, which actool is asked about. The manifest in it is that of an image of ours,
//! unless the recipe has another one. `actool` is its verdict.
//! `ours` is what becomes of such an archive here, which `asked` is asked for:
//! - `builder`: the program, for an image with the members `spec` and a package that holds `package`; `ok`, `warn` or
//!   `error`, and `says` is a part of what it says;
//! - `writer`: the writer of archives, for the entries of the recipe one by one; `error`, and `says` why;
//! - `self-check`: what reads a finished image again, for an image of ours that was damaged as the recipe says; `error`,
//!   and `says` why;
//! - `reader`: the strict reader that every image of this suite goes through; `never`, since it refuses the archive, and
//!   `says` why.

use std::panic;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use std::{fs, thread};

use nix2aci::face::aci;
use nix2aci::host::interrupt::Interrupt;
use nix2aci::input::attrs::Attrs;
use nix2aci::pack::part::Part;
use nix2aci::pack::reread;
use nix2aci::plan::Plan;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::actool::{self, Verdict};
use crate::archive;
use crate::fixture::{Request, World, nar};
use crate::package::Package;
use crate::recipe::{Compression, Item, Recipe};
use crate::rules::{actool_accepts, keeps_the_rules};
use crate::skip::skip;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    number: u32,
    title: String,
    archive: Recipe,
    actool: Verdict,
    ours: Ours,
    asked: Asked,
    #[serde(default = "nothing")]
    spec: Value,
    #[serde(default)]
    package: Vec<Item>,
    says: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Ours {
    Ok,
    Warn,
    Error,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Asked {
    Builder,
    Writer,
    SelfCheck,
    Reader,
}

fn nothing() -> Value {
    json!({})
}

/// The cases, which are those of the table with an archive.
fn cases() -> Vec<Case> {
    let table = include_str!("../manifest/cases.json");
    let table: Vec<Value> = serde_json::from_str(table).unwrap();
    let of_archives = table
        .into_iter()
        .filter(|case| case.get("archive").is_some());
    of_archives
        .map(|case| serde_json::from_value(case).unwrap())
        .collect()
}

/// An image without a root file system, as the archives of the recipes are.
fn base(world: &World) -> Request<'_> {
    world
        .image(&[])
        .with(json!({ "name": "example.com/busybox", "version": "1.35.0" }))
}

/// What the program would do.
struct Planned {
    attrs: Attrs,
    plan: Plan,
}

impl Planned {
    fn manifest(&self) -> String {
        aci::manifest(
            &self.attrs.spec.image,
            &self.plan.contents.mounted,
            &self.plan.visible,
        )
        .unwrap()
    }
}

fn plan(world: &World, request: &Request<'_>) -> Planned {
    let (command, _) = request.command();
    let attributes = command.get_current_dir().unwrap().join(".attrs.json");
    let attributes = fs::read_to_string(attributes).unwrap();
    let attrs = Attrs::parse(&world.store(), &attributes).unwrap();
    let plan = Plan::new(&attrs).unwrap();
    Planned { attrs, plan }
}

/// What the self-check says to `bytes` in the place of the archive of `plan`, which had `uncompressed` bytes.
fn self_check(bytes: &[u8], planned: &Planned, uncompressed: u64) -> Result<(), String> {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("image.aci");
    fs::write(&file, bytes).unwrap();
    let interrupt = Interrupt::listen().unwrap();
    let file = file.to_str().unwrap().into();
    let manifest = planned.manifest();
    let Planned { attrs, plan } = planned;
    let part = Part::Image(&manifest);
    reread::compare(file, plan, attrs, part, uncompressed, &interrupt)
        .map_err(|error| format!("{error:#}"))
}

/// What the reader of all images of this suite says to an archive.
fn read_strictly(bytes: &[u8]) -> Result<(), String> {
    let read = || keeps_the_rules(&archive::read(&archive::decompress(bytes)));
    panic::catch_unwind(read).map_err(|why| {
        let text = why.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| why.downcast_ref::<String>().cloned());
        text.unwrap_or_default()
    })
}

/// What one case comes to here: the verdict, and what is said.
fn judge(case: &Case) -> Option<(Ours, String)> {
    let mut world = World::new();
    let recipe = &case.archive;
    let method = || json!({ "compression": { "method": recipe.compression.method() } });
    let refused = |result: Result<(), String>, refusal| match result {
        Ok(()) => (Ours::Ok, String::new()),
        Err(why) => (refusal, why),
    };
    Some(match case.asked {
        Asked::Builder => {
            let package = world.place("case");
            Package::new("case")
                .program("bin/run")
                .write(Path::new(&package));
            for item in case.package.iter().flat_map(Item::each) {
                if !item.put(Path::new(&package), "") {
                    return None;
                }
            }
            let hashed = panic::catch_unwind(|| nar(&package));
            // Of what has no NAR, any hash will do.
            let (hash, size) = hashed.unwrap_or((format!("sha256:{}", "0".repeat(64)), 1000));
            world.record(&package, &hash, size, &[]);
            let request = || {
                let request = world.image(&[&package]);
                let request = request.with(json!({ "exec": ["/bin/run"] }));
                request.with(case.spec.clone())
            };
            if case.ours == Ours::Error {
                return Some((Ours::Error, request().refused()));
            }
            let image = request().build();
            keeps_the_rules(&image.entries);
            actool_accepts(&image);
            if recipe.twice {
                assert!(image.files == request().build().files);
            }
            let warns = image.log.contains("warning");
            (if warns { Ours::Warn } else { Ours::Ok }, image.log)
        }
        Asked::Writer => {
            let manifest = plan(&world, &base(&world)).manifest();
            let written = recipe.write(&manifest).map(drop);
            refused(written.map_err(|error| error.to_string()), Ours::Error)
        }
        Asked::SelfCheck => {
            let image = base(&world).with(method()).build();
            let mut bytes = image.files[&image.aci].clone();
            let uncompressed = archive::decompress(&bytes).len() as u64;
            let plan = plan(&world, &base(&world).with(method()));
            assert_eq!(self_check(&bytes, &plan, uncompressed), Ok(()));
            if recipe.compression == Compression::None {
                recipe.damage.of_stream(&mut bytes);
            }
            recipe.damage.of_file(&mut bytes);
            refused(self_check(&bytes, &plan, uncompressed), Ours::Error)
        }
        Asked::Reader => {
            let manifest = plan(&world, &base(&world)).manifest();
            refused(read_strictly(&recipe.make(&manifest)?), Ours::Never)
        }
    })
}

/// Notes once in `test` that the host cannot make all that the cases need.
fn skip_some(test: &str, cases: &[String]) {
    if !cases.is_empty() {
        skip(
            test,
            &format!("devices or bzip2 are missing: {}", cases.join(", ")),
        );
    }
}

#[test]
fn each_case_has_our_verdict_and_message() {
    let (mut wrong, mut skipped) = (Vec::new(), Vec::new());
    for case in cases() {
        let Case {
            number,
            title,
            ours,
            ..
        } = &case;
        let Some((verdict, said)) = judge(&case) else {
            skipped.push(format!("{number} {title}"));
            continue;
        };
        let told = match &case.says {
            Some(says) => said.contains(says),
            None => verdict == Ours::Ok,
        };
        if verdict != *ours || !told {
            wrong.push(format!(
                "{number} {title}: {ours:?} is documented, {verdict:?} came, saying {said}"
            ));
        }
    }
    skip_some("cases::each_case_has_our_verdict_and_message", &skipped);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is refused while an image is made would be found afterwards too.
#[test]
fn no_reader_of_ours_takes_what_is_not_written() {
    let world = World::new();
    let whole = base(&world).build();
    let uncompressed = archive::decompress(&whole.files[&whole.aci]).len() as u64;
    let (mut taken, mut unnoticed) = (Vec::new(), Vec::new());
    for case in cases().iter().filter(|case| case.asked != Asked::Builder) {
        let recipe = &case.archive;
        let method = json!({ "compression": { "method": recipe.compression.method() } });
        let plan = plan(&world, &base(&world).with(method));
        let Some(bytes) = recipe.make(&plan.manifest()) else {
            continue;
        };
        let name = format!("{} {}", case.number, case.title);
        if read_strictly(&bytes).is_ok() {
            taken.push(name.clone());
        }
        if self_check(&bytes, &plan, uncompressed).is_ok() {
            unnoticed.push(name);
        }
    }
    assert_eq!(taken, [""; 0]);
    // The self-check does not look at the magic number, nor does the crate that it reads with.
    assert_eq!(unnoticed, Vec::<String>::new());
}

/// The recipes begin as images of ours do, so they are refused for what differs.
#[test]
fn an_archive_of_a_recipe_is_like_one_of_ours() {
    let world = World::new();
    let request = base(&world).with(json!({ "compression": { "method": "none" } }));
    let plan = plan(&world, &request);
    let cases = cases();
    let first = &cases[0].archive;
    let bytes = first.make(&plan.manifest()).unwrap();
    let image = request.build();
    assert!(bytes == image.files[&image.aci]);
}

/// What actool makes of an archive of `case`.
fn actool_judges(case: &Case, directory: &Path, manifest: &str) -> Option<(Verdict, String)> {
    let file = directory.join("image.aci");
    if case.archive.twice {
        let tree = directory.join("tree");
        let _ = fs::remove_dir_all(&tree);
        fs::create_dir(&tree).unwrap();
        for item in &case.archive.entries {
            item.put(&tree, manifest);
        }
        let build = || {
            let mut actool = Command::new("actool");
            let words = [Path::new("build"), Path::new("--overwrite"), &tree, &file];
            let output = actool.args(words).output().unwrap();
            assert!(output.status.success(), "{output:?}");
            fs::read(&file).unwrap()
        };
        let first = build();
        // It writes the present second.
        thread::sleep(Duration::from_millis(1100));
        let alike = first == build();
        return Some((
            if alike { Verdict::Ok } else { Verdict::Differs },
            String::new(),
        ));
    }
    fs::write(&file, case.archive.make(manifest)?).unwrap();
    Some(actool::validate(&file))
}

#[test]
fn actool_says_what_is_documented() {
    if !actool::installed() {
        return;
    }
    let world = World::new();
    let manifest = plan(&world, &base(&world)).manifest();
    let directory = tempfile::tempdir().unwrap();
    let (mut wrong, mut skipped) = (Vec::new(), Vec::new());
    for case in cases() {
        let Case { number, title, .. } = &case;
        match actool_judges(&case, directory.path(), &manifest) {
            None => skipped.push(format!("{number} {title}")),
            Some((verdict, words)) if verdict != case.actool => wrong.push(format!(
                "{number} {title}: actool {verdict} it and says {words}"
            )),
            Some(_) => {}
        }
    }
    skip_some("cases::actool_says_what_is_documented", &skipped);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
