//! The site: images as a directory for any static web server, with pages for people and for rkt's discovery.
//!
//! Images are links into the store. What a build cannot know, the signatures and what was published before, the verb
//! `publish` adds where the site is shown; it writes the same pages again, about all that is there then.

pub(crate) mod catalog;
pub(crate) mod page;
mod version;

use std::fs;

use anyhow::{Context, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use serde::Deserialize;

use crate::face::json;
use crate::face::oci::finished::Finished;
use crate::face::oci::running::{self, Running};
use crate::face::site::catalog::{Beside, Catalog, Entry, Form};
use crate::face::{postprocess, scripts};
use crate::host::digest::Digest;
use crate::host::interrupt::Interrupt;
use crate::host::log::{Log, count, size};
use crate::host::output::Output;
use crate::host::threads;
use crate::input::attrs;
use crate::rules::RULES;

/// What `mkSite` asks for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    domain: String,
    images: Vec<Given>,
    #[serde(default)]
    public_key: Option<Utf8PathBuf>,
    outputs: Outputs,
}

#[derive(Deserialize)]
struct Outputs {
    out: Utf8PathBuf,
}

/// An image that is to be on the site.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    name: String,
    path: String,
    version: String,
    os: String,
    arch: String,
    face: Form,
    sign: bool,
    output: Utf8PathBuf,
    stem: String,
    #[serde(default)]
    archive: Option<Utf8PathBuf>,
    #[serde(default)]
    report: Option<Utf8PathBuf>,
    #[serde(default)]
    bom: Option<Utf8PathBuf>,
}

impl Given {
    /// Where the one file of it is.
    fn file(&self) -> Result<Utf8PathBuf> {
        match self.face {
            Form::Aci => Ok(self.output.join(format!("{}.aci", self.stem))),
            Form::Oci => self.archive.clone().context("there is no archive of it"),
        }
    }
}

/// Builds a site.
pub fn build() -> Result<()> {
    let document: Document = attrs::read()?;
    write(&document).with_context(|| format!("site {:?}", document.domain))
}

fn write(document: &Document) -> Result<()> {
    let rule = &RULES.site;
    RULES.texts.domain.check(&document.domain)?;
    let log = Log::new(&document.domain);
    let interrupt = Interrupt::listen()?;
    let mut output = Output::create(&document.outputs.out, None)?;
    let mut catalog = Catalog::new(&document.domain);
    let images = &document.images;
    let context = |number: usize| format!("image {:?}", images[number].name);
    threads::ahead(
        images.len(),
        |number| {
            let file = images[number].file();
            let digest = file.and_then(|file| Digest::of_file(&file, &|| interrupt.check()));
            digest.with_context(|| context(number))
        },
        |number, found| {
            let entry = show(&images[number], found, &mut output);
            let entry = entry.with_context(|| context(number))?;
            log.line(format!("{}: {}", entry.file, size(entry.size)));
            catalog.images.push(entry);
            Ok(())
        },
    )?;
    if let Some(key) = &document.public_key {
        let text = fs::read_to_string(key).with_context(|| format!("reading {key}"))?;
        ensure!(
            text.contains("-----BEGIN PGP PUBLIC KEY BLOCK-----"),
            "publicKey is no armored public key"
        );
        output.write(&rule.keys, &text, 0o644)?;
        catalog.public_key = true;
    }
    for (alias, file) in catalog.newest_files() {
        let target = Utf8Path::new(&file).file_name().unwrap_or(&file);
        output.link(&alias, target.into());
    }
    for (name, text) in page::texts(&catalog)? {
        output.write(&name, &text, 0o644)?;
    }
    scripts::write(std::slice::from_ref(&rule.publish), &mut output)?;
    let images = catalog.images.len() as u64;
    log.line(format!(
        "{} for https://{}/",
        count(images, "image", "images"),
        document.domain
    ));
    interrupt.check()?;
    output.commit()
}

/// Links the files of an image, and tells what they are.
fn show(given: &Given, (digest, size): (Digest, u64), output: &mut Output) -> Result<Entry> {
    let stem = format!(
        "{}-{}-{}-{}",
        given.path, given.version, given.os, given.arch
    );
    let (id, arguments, reference) = match given.face {
        Form::Aci => {
            let script = given.output.join("postprocess.sh");
            let text = fs::read_to_string(&script).with_context(|| format!("reading {script}"))?;
            let figures: Figures = json::read(&given.output.join(format!("{}.json", given.stem)))?;
            (
                figures.image_id,
                postprocess::arguments_of(&text).with_context(|| format!("reading {script}"))?,
                None,
            )
        }
        Form::Oci => {
            let layout = Finished::load(&given.output)?;
            let running: Running = json::read(&given.output.join(running::FILE))?;
            (
                layout.manifest.digest.to_string(),
                running::words(&[running.arguments(), running.given()].concat()),
                Some(layout.full_name()?.to_owned()),
            )
        }
    };
    let file = format!("{stem}.{}", given.face.extension());
    output.link(&file, &given.file()?);
    let mut beside = Vec::new();
    let mut put = |what: Beside, target: Utf8PathBuf| -> Result<()> {
        ensure!(target.exists(), "{target} is not there");
        let file = format!("{stem}.{}.{}", given.face.short(), what.extension());
        output.link(&file, &target);
        beside.push((what, file));
        Ok(())
    };
    if let Some(report) = &given.report {
        put(Beside::Report, report.join("report.html"))?;
    }
    if let Some(bom) = &given.bom {
        put(
            Beside::Cyclonedx,
            bom.join(format!("{}.cdx.json", given.stem)),
        )?;
        put(Beside::Spdx, bom.join(format!("{}.spdx.json", given.stem)))?;
    }
    Ok(Entry {
        name: given.name.clone(),
        path: given.path.clone(),
        version: given.version.clone(),
        os: given.os.clone(),
        arch: given.arch.clone(),
        form: given.face,
        file,
        size,
        digest,
        id,
        sign: given.sign,
        signed: false,
        arguments,
        reference,
        beside: beside.into_iter().collect(),
    })
}

/// What is taken of the figures of an App Container Image.
#[derive(Deserialize)]
struct Figures {
    #[serde(rename = "imageID")]
    image_id: String,
}
