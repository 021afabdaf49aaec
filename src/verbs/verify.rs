//! `verify`: an image that has come from somewhere, compared with what its build has said of it.

use std::io::{self, Write};
use std::process::Stdio;

use anyhow::{Context, Result, bail, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use crate::face::json;
use crate::face::oci::document::Platform;
use crate::face::oci::index;
use crate::face::verify::oci::Found;
use crate::face::verify::{Report, aci, oci};
use crate::host::interrupt::Interrupt;
use crate::host::log::tell;
use crate::host::output::Output;
use crate::host::scratch::Scratch;
use crate::verbs::Call;
use crate::verbs::lookaside;
use crate::verbs::push::SKOPEO;
use crate::verbs::subject::Subject;
use crate::verbs::tools;
use crate::verbs::trusted::Trusted;

pub(super) const HELP: &str = "\
usage: verify [OPTION…] [FETCHED] [-- ARGUMENT…]

Reads an image to its last byte, and compares digests and sizes with what the build has said: the layout or archive
FETCHED with the OCI image beside this script, which is compared with itself where nothing else is named. What
docker://REGISTRY/REPOSITORY:TAG names is fetched by skopeo first, with the arguments behind --. As
nix2aci verify IMAGE.aci, an App Container Image with the IMAGE.json beside it.

  --store-paths      compare each store path in it with the NAR hash that Nix recorded
  --key KEY          it has to be signed with this key: a file with a public one, or a name that gpg knows
  --signature PLACE  where the signature is: a file, or the lookaside of an OCI image; IMAGE.aci.asc unless given
  --against FILE     for an App Container Image, the figures of the build";

/// The flag that has store paths compared.
pub(super) const STORE_PATHS: &str = "--store-paths";
pub(super) const KEY: &str = "--key";
pub(super) const SIGNATURE: &str = "--signature";
pub(super) const AGAINST: &str = "--against";

/// What the name of an App Container Image ends in.
const ARCHIVE: &str = "aci";

/// What the name of an image in a registry begins with.
const REGISTRY: &str = "docker://";

pub(super) fn verify(call: &Call) -> Result<()> {
    let key = call.option(KEY).map(Trusted::find).transpose()?;
    ensure!(
        key.is_some() || call.option(SIGNATURE).is_none(),
        "{SIGNATURE} says where a signature is, and {KEY} KEY has to say whose it must be"
    );
    let asked = Asked {
        store_paths: call.has(STORE_PATHS),
        key: key.as_ref(),
        signature: call.option(SIGNATURE).map(Utf8Path::new),
    };
    let place = Utf8Path::new(&call.place);
    if place.extension() == Some(ARCHIVE) && !place.is_dir() {
        ensure!(
            call.words.is_empty(),
            "one image is verified at a time; {AGAINST} FILE names the figures of its build"
        );
        let figures = call.option(AGAINST).map(Utf8PathBuf::from);
        let figures = figures.unwrap_or_else(|| place.with_extension("json"));
        return asked.aci(place, &figures, &Interrupt::listen()?);
    }
    ensure!(
        call.option(AGAINST).is_none(),
        "{AGAINST} is for an App Container Image, as in nix2aci verify IMAGE.aci {AGAINST} IMAGE.json"
    );
    let fetched = call.words.first().map(Utf8Path::new);
    if let Some(own) = archive_in(place)? {
        let figures = own.with_extension("json");
        return asked.aci(fetched.unwrap_or(&own), &figures, &Interrupt::listen()?);
    }
    let subject = Subject::open(&call.place, None)?;
    let made = subject.make()?;
    let directory = made.directory();
    if let Some(stem) = subject.archive() {
        let own = directory.join(format!("{stem}.aci"));
        let figures = directory.join(format!("{stem}.json"));
        return asked.aci(fetched.unwrap_or(&own), &figures, subject.interrupt());
    }
    of_layout(&asked, call, &subject, &directory)
}

/// Compares what was fetched with the image of the layout in `directory`, or with each of those of an index. Who has
/// fetched one of the images of an index verifies that one.
fn of_layout(
    asked: &Asked<'_>,
    call: &Call,
    subject: &Subject,
    directory: &Utf8Path,
) -> Result<()> {
    let fetched = call.words.first().map(Utf8Path::new);
    let layouts = index::layouts(directory)?;
    let built = layouts.iter().map(|layout| oci::Known::load(layout));
    let built: Vec<oci::Known> = built.collect::<Result<_>>()?;
    let scratch = Scratch::new()?;
    let registry = fetched.filter(|name| name.as_str().starts_with(REGISTRY));
    let is_index = layouts != [directory];
    let from_registry = registry.map(|name| fetch(&scratch, name, is_index, &built, call, subject));
    let from_registry = from_registry.transpose()?;
    let mut others = None;
    let mut verified = 0;
    for (layout, known) in layouts.iter().zip(&built) {
        let source = from_registry.as_deref().or(fetched).unwrap_or(layout);
        let shown = fetched.unwrap_or(layout);
        let found = asked.oci(
            source,
            shown,
            (known, &built),
            &scratch,
            subject.interrupt(),
        )?;
        match found {
            None => verified += 1,
            Some(why) => others = others.or(Some(format!("{shown}: {why}"))),
        }
    }
    match others.filter(|_| verified == 0) {
        Some(why) => bail!(why),
        None => Ok(()),
    }
}

/// The App Container Image that a build has written into `directory`, if it has written one.
fn archive_in(directory: &Utf8Path) -> Result<Option<Utf8PathBuf>> {
    if !directory.is_dir() {
        return Ok(None);
    }
    let context = || format!("reading the directory {directory}");
    let mut found = None;
    for entry in directory.read_dir_utf8().with_context(context)? {
        let path = entry.with_context(context)?.into_path();
        if path.extension() == Some(ARCHIVE) && found.replace(path).is_some() {
            bail!(
                "{directory} has several images; name one of them, as in verify {directory}/IMAGE.{ARCHIVE}"
            );
        }
    }
    Ok(found)
}

/// Has skopeo copy what a registry has by this name.
fn fetch(
    scratch: &Scratch,
    name: &Utf8Path,
    is_index: bool,
    built: &[oci::Known],
    call: &Call,
    subject: &Subject,
) -> Result<Utf8PathBuf> {
    let mut command = SKOPEO.command(["copy", "--quiet"])?;
    if is_index {
        command.arg("--all");
    } else if let [known] = built {
        let Platform {
            os,
            architecture,
            variant,
        } = &known.platform;
        command.args(["--override-os", os, "--override-arch", architecture]);
        if let Some(variant) = variant {
            command.args(["--override-variant", variant]);
        }
    }
    let fetched = scratch.path().join("fetched");
    // A layout has no place for signatures, and skopeo ends where a policy has it find one.
    command.arg("--remove-signatures");
    command.args(&call.passed).arg(name.as_str());
    command.arg(format!("oci:{fetched}:fetched"));
    let child = tools::start(command.stdout(Stdio::from(io::stderr())))?;
    tools::wait("skopeo copy", child, subject.interrupt())?;
    Ok(fetched)
}

/// What is asked of an image.
struct Asked<'a> {
    store_paths: bool,
    key: Option<&'a Trusted>,
    signature: Option<&'a Utf8Path>,
}

impl Asked<'_> {
    fn aci(&self, file: &Utf8Path, figures: &Utf8Path, interrupt: &Interrupt) -> Result<()> {
        ensure!(file.is_file(), "there is no image {file}");
        ensure!(
            figures.is_file(),
            "there are no figures {figures} of its build; {AGAINST} FILE says where they are"
        );
        let mut signed = Report::default();
        if let Some(key) = self.key {
            let beside = Utf8PathBuf::from(format!("{file}.asc"));
            let signature = self.signature.unwrap_or(&beside);
            ensure!(
                signature.exists(),
                "there is no signature {signature}; {SIGNATURE} FILE says where it is"
            );
            let checked = key.check(signature, file);
            match checked.with_context(|| format!("the signature {signature}")) {
                Ok(()) => signed
                    .right
                    .push(format!("signed by {}", key.fingerprint())),
                Err(error) => signed.problems.push(format!("{error:#}")),
            }
        }
        let figures = json::read(figures)?;
        let report = aci::verify(file, &figures, self.store_paths, interrupt)?;
        tell_all(file.as_str(), [signed, report])
    }

    /// Verifies the image at `source`; gives back why there is none to verify.
    fn oci(
        &self,
        source: &Utf8Path,
        shown: &Utf8Path,
        (known, built): (&oci::Known, &[oci::Known]),
        scratch: &Scratch,
        interrupt: &Interrupt,
    ) -> Result<Option<String>> {
        ensure!(source.exists(), "there is no image {source}");
        // What of an archive is taken apart goes when this is dropped.
        let mut output = Output::create(&scratch.path().join("apart"), None)?;
        let found = oci::verify(
            source,
            known,
            built,
            self.store_paths,
            &mut output,
            interrupt,
        )?;
        let (report, digest) = match found {
            Found::Image(report, digest) => (report, digest),
            Found::OfOtherPlatforms(why) => return Ok(Some(why)),
        };
        let mut signed = Report::default();
        if let Some(key) = self.key {
            let place = self.signature.with_context(|| {
                format!("{SIGNATURE} has to say where the signature is: a file, or a directory as of sign")
            })?;
            // An archive of Docker's has no digest of its own.
            match lookaside::check(place, digest.unwrap_or(known.manifest), key) {
                Ok(name) => signed
                    .right
                    .push(format!("signed as {name} by {}", key.fingerprint())),
                Err(error) => signed.problems.push(format!("{error:#}")),
            }
        }
        tell_all(shown.as_str(), [signed, report])?;
        Ok(None)
    }
}

/// Tells what was found of an image: what is right in one line, or what is wrong in one line each.
fn tell_all(image: &str, reports: [Report; 2]) -> Result<()> {
    let mut problems = Vec::new();
    let mut right = Vec::new();
    for report in reports {
        problems.extend(report.problems);
        right.extend(report.right);
    }
    if let [problem] = &problems[..] {
        bail!("{image}: {problem}");
    }
    for problem in &problems {
        tell(format_args!("{image}: {problem}"));
    }
    ensure!(
        problems.is_empty(),
        "{image} is not what was built, for {} reasons",
        problems.len()
    );
    writeln!(io::stdout(), "Verified {image}: {}", right.join("; "))
        .context("writing to standard output")
}
