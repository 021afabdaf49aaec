//! An OCI image, as a layout or an archive that has come from somewhere, compared with the layout of a build.

use anyhow::{Context, Result};
use camino::Utf8Path;

use crate::face::json;
use crate::face::oci::document::{Digest, Platform};
use crate::face::oci::finished::Finished;
use crate::face::oci::foreign::choice::Absent;
use crate::face::oci::foreign::{Fetched, read_to_verify};
use crate::face::recorded::{self, StorePaths};
use crate::face::verify::nars::Nars;
use crate::face::verify::{NOT_RECORDED, Report};
use crate::host::interrupt::Interrupt;
use crate::host::output::Output;

/// What is known of an image from its build.
pub(crate) struct Known {
    /// The digest of its manifest.
    pub(crate) manifest: Digest,
    /// The digest of its configuration.
    pub(crate) config: Digest,
    /// What it runs on.
    pub(crate) platform: Platform,
    recorded: Option<StorePaths>,
}

impl Known {
    /// Reads the layout of a build.
    pub(crate) fn load(layout: &Utf8Path) -> Result<Self> {
        let Finished {
            manifest, config, ..
        } = Finished::load(layout)?;
        let recorded = layout.join(recorded::FILE);
        let recorded = recorded.exists().then(|| json::read(&recorded));
        Ok(Self {
            manifest: manifest.digest,
            config: config.digest,
            platform: manifest
                .platform
                .context("the index of the layout does not say what the image runs on")?,
            recorded: recorded.transpose()?,
        })
    }
}

/// What was found where an image was looked for.
pub(crate) enum Found {
    /// What there is to say of it, and the digest of its manifest, where it has one.
    Image(Report, Option<Digest>),
    /// None for the platform of the build, and why.
    OfOtherPlatforms(String),
}

/// Compares the image at `source` with what is `known`, and its store paths if asked for. No other image may be there than
/// those that were `built` with it. What is in an archive goes to `output` meanwhile.
pub(crate) fn verify(
    source: &Utf8Path,
    known: &Known,
    built: &[Known],
    store_paths: bool,
    output: &mut Output,
    interrupt: &Interrupt,
) -> Result<Found> {
    let mut report = Report::default();
    let recorded = known.recorded.as_ref();
    if store_paths && recorded.is_none() {
        report.problems.push(NOT_RECORDED.to_owned());
    }
    let recorded = recorded.filter(|_| store_paths);
    let mut nars = Nars::new("", recorded.map(|it| &it.store_paths[..]));
    let read = read_to_verify(source, &known.platform, output, interrupt, &mut |members| {
        while let Some(member) = members.next()? {
            nars.take(&member, members.content())?;
        }
        nars.close();
        Ok(())
    });
    let Fetched {
        manifest,
        config,
        damaged,
        named,
    } = match read {
        Ok(fetched) => fetched,
        Err(error) => {
            interrupt.check()?;
            if let Some(Absent { held, wanted }) = error.downcast_ref() {
                let why = format!("it {held}, and what was built is for {wanted}");
                return Ok(Found::OfOtherPlatforms(why));
            }
            report.problems.push(format!("{error:#}"));
            return Ok(Found::Image(report, None));
        }
    };
    if config != known.config && built.iter().any(|known| known.config == config) {
        let why = format!("it holds {config}, which was built with this one, for another platform");
        return Ok(Found::OfOtherPlatforms(why));
    }
    let is_sound = damaged.is_empty();
    report.problems.extend(damaged);
    for (other, by) in named {
        if other != config && built.iter().all(|known| known.config != other) {
            report.problems.push(format!(
                "{by} names the image {other} too, which was not built with this one: an engine may take that"
            ));
        }
    }
    if config != known.config {
        report.problems.push(format!(
            "its image ID is {config}, and what was built has {}: it is another image, or was changed",
            known.config
        ));
    } else if manifest == Some(known.manifest) {
        report.right.push(known.manifest.to_string());
    } else {
        report.right.push(format!(
            "image ID {config}, in layers that were compressed anew"
        ));
    }
    if let Some(recorded) = recorded.filter(|_| is_sound) {
        let differ = nars.compare(&recorded.store_paths, recorded.others)?;
        report.store_paths(&recorded.store_paths, differ);
    }
    Ok(Found::Image(report, manifest))
}
