//! The diff: what tells an image from an older one, and what sending the newer one costs whoever has the older.
//!
//! Both are planned as their builds planned them, and the finished ones are read for what they weigh. Written are the same
//! facts for people (`diff.html`, and `diff.md`, fit for a review) and for programs (`diff.json`).

mod markdown;
mod page;
mod parcel;
mod rootfs;
mod settings;
mod store_paths;
mod tables;

use anyhow::{Context, Result};
use camino::Utf8Path;
use serde::Serialize;

use crate::face::diff::parcel::{Parcel, Sent};
use crate::face::diff::rootfs::RootChanges;
use crate::face::diff::settings::Setting;
use crate::face::diff::store_paths::StorePaths;
use crate::face::json::json;
use crate::host::log::{Log, size};
use crate::host::output::Output;
use crate::input::about::Diff;
use crate::input::attrs::Attrs;
use crate::plan::Plan;

/// One of the two images.
struct Side<'a> {
    attrs: &'a Attrs,
    plan: Plan,
    parcel: Parcel,
}

impl<'a> Side<'a> {
    /// The image of `attrs`, which is finished at `output`.
    fn new(attrs: &'a Attrs, output: &Utf8Path) -> Result<Self> {
        let plan = Plan::new(attrs)?;
        Ok(Self {
            parcel: Parcel::load(attrs, output, &plan)?,
            attrs,
            plan,
        })
    }
}

/// What is told of each of the two images.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Figures {
    name: String,
    version: String,
    /// Digest of the OCI image's manifest, or image ID.
    id: String,
    /// The finished image: its layers, or its archive with those that it stands on.
    bytes: u64,
    /// Its store paths, unpacked.
    unpacked: u64,
    store_paths: usize,
}

impl Figures {
    fn of(side: &Side<'_>) -> Self {
        let image = &side.attrs.spec.image;
        let all = || side.plan.contents.all();
        Self {
            name: image.name.to_string(),
            version: image.version.to_string(),
            id: side.parcel.id.clone(),
            bytes: side.parcel.bytes(),
            unpacked: side.attrs.closure.nar_size(all()),
            store_paths: all().count(),
        }
    }
}

/// All that tells two images apart.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Difference {
    older: Figures,
    newer: Figures,
    /// What is sent to who has the older one.
    sent: Sent,
    store_paths: StorePaths,
    root: RootChanges,
    settings: Vec<Setting>,
}

impl Difference {
    fn new(older: &Side<'_>, newer: &Side<'_>) -> Result<Self> {
        Ok(Self {
            older: Figures::of(older),
            newer: Figures::of(newer),
            sent: Sent::new(&older.parcel, &newer.parcel),
            store_paths: StorePaths::new(older, newer),
            root: RootChanges::new(older, newer)?,
            settings: settings::changed(older, newer),
        })
    }
}

/// Writes what tells the image of `attrs` from an older one.
pub(crate) fn write(attrs: &Attrs, diff: &Diff, output: &mut Output, log: &Log) -> Result<()> {
    let theirs = attrs.of_older(&diff.older)?;
    let older = Side::new(&theirs, &diff.older.output)
        .with_context(|| format!("the older image {}", theirs.spec.image.name))?;
    let newer = Side::new(attrs, &diff.output)?;
    let difference = Difference::new(&older, &newer)?;
    output.write("diff.html", &page::page(&difference), 0o644)?;
    output.write("diff.md", &markdown::page(&difference), 0o644)?;
    output.write("diff.json", &json(&attrs.closure, &difference)?, 0o644)?;
    log.line(format!(
        "{}: {} to send",
        attrs.spec.image.stem(),
        size(difference.sent.bytes)
    ));
    Ok(())
}
