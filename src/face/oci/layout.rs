//! The OCI face: an image layout, a directory that runtimes and registries' clients read in place.
//!
//! `oci-layout`, `index.json` and `blobs/sha256` are as the image specification 1.1 has them (section "Image Layout");
//! `manifest.json` beside them lets `docker load` read the same directory from a tar stream. The lower layers hold
//! store paths, the last one the root file system.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use serde::Serialize;

use crate::face::json::json;
use crate::face::oci::blob::{self, blob_path};
use crate::face::oci::document::{
    CONFIG, Configuration, Descriptor, FULL_NAME, History, INDEX, INDEX_FILE, Index, LAYOUT_FILE,
    LAYOUT_TEXT, MANIFEST, Manifest, Platform, REF_NAME, RootFs,
};
use crate::face::oci::layer::{self, Layer};
use crate::face::oci::running::{self, Running};
use crate::face::oci::shared::{self, Known};
use crate::face::oci::{artifact, inherit, layers, limits, list, mapping, snapshots};
use crate::face::recorded::{self, StorePaths};
use crate::face::sbom::bill::Packed;
use crate::face::scripts;
use crate::host::interrupt::Interrupt;
use crate::host::log::{Log, count, size};
use crate::host::output::Output;
use crate::input::attrs::Attrs;
use crate::input::store_path::StorePath;
use crate::pack::packer::Packer;
use crate::pack::part::Part;
use crate::plan::Plan;
use crate::rules::RULES;
use crate::tree::findings::Finding;

/// What an image is called for `docker load`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DockerImage {
    config: String,
    repo_tags: Vec<String>,
    layers: Vec<String>,
}

/// Writes the layout of `plan`.
pub(crate) fn write(
    plan: &Plan,
    attrs: &Attrs,
    output: &mut Output,
    log: &mut Log,
    interrupt: &Interrupt,
) -> Result<Vec<Finding>> {
    let Attrs { spec, closure, .. } = attrs;
    let image = &spec.image;
    super::check_and_tell(attrs, log)?;
    let platform = limits::platform(image)?;
    let known = shared::below(attrs)?;
    let mut groups = shared::made_here(attrs, interrupt)?;
    // The last one holds the root file system.
    let most = shared::left(attrs, known.len() + groups.len())? - 1;
    let mut own = plan.contents.packed.clone();
    own.retain(|path| groups.iter().all(|group| !group.contains(path)));
    let packages = &spec.root.packages;
    groups.extend(layers::divide(closure, &own, packages, most, interrupt)?);
    let parts = groups.iter().map(Part::StorePaths).chain([Part::RootAlone]);
    let parts: Vec<Part<'_>> = parts.collect();
    let packer = Packer::new(plan, attrs, log, interrupt)?;
    let mut written = layer::write(&packer, &parts, attrs, output)?;
    written.found.extend(shared::found(attrs)?);
    if spec.form.self_check {
        log.line("layers: read again and found as planned");
    }
    let mut layers = Vec::new();
    for Known { layer, blob } in known {
        output.link(&blob_path(layer.descriptor.digest), &blob);
        layers.push(layer);
    }
    layers.extend(written.layers);
    // What was found is told here; who stands on the image does not tell it again.
    list::write(&layers, &[], attrs, output)?;
    write_documents(plan, attrs, platform, layers, output, log)?;
    Ok(written.found)
}

/// Writes all that an image is beside its `layers`, lowest first, which are blobs of the output already.
fn write_documents(
    plan: &Plan,
    attrs: &Attrs,
    platform: Platform,
    layers: Vec<Layer>,
    output: &mut Output,
    log: &mut Log,
) -> Result<()> {
    let Attrs { spec, closure, .. } = attrs;
    let image = &spec.image;
    let annotations = &image.annotations;
    let mut config = mapping::execution(image, &plan.tree, closure.store_dir().as_str());
    if let Some(theirs) = attrs.inherited() {
        inherit::add(&mut config, theirs);
    }
    let created = annotations.get("created").unwrap_or(mapping::EPOCH);
    let configuration = Configuration {
        created: created.to_owned(),
        author: annotations.get("authors").map(str::to_owned),
        platform: platform.clone(),
        config,
        rootfs: RootFs {
            kind: "layers",
            diff_ids: layers.iter().map(|layer| layer.diff_id).collect(),
        },
        history: layers
            .iter()
            .map(|layer| History {
                created: mapping::EPOCH.to_owned(),
                created_by: "nix2aci".to_owned(),
                comment: layer.comment.clone(),
            })
            .collect(),
    };
    let config = blob::write(output, closure, CONFIG, &configuration)?;
    let config_path = blob_path(config.digest);
    let store_dir = closure.store_dir().as_str();
    let packed = layers.iter().flat_map(|layer| &layer.paths);
    let packed = packed.map(|name| closure.store_dir().parse(&format!("{store_dir}/{name}")));
    let packed: BTreeSet<StorePath> = packed.collect::<Result<_>>()?;
    let recorded = StorePaths {
        store_paths: recorded::of(&packed, closure),
        others: attrs.foreign.is_some(),
    };
    output.write(recorded::FILE, &json(closure, &recorded)?, 0o644)?;
    let layer_paths = layers
        .iter()
        .map(|layer| blob_path(layer.descriptor.digest));
    let layer_paths = layer_paths.collect();
    let sizes: u64 = layers.iter().map(|layer| layer.descriptor.size).sum();
    plan.check_size(attrs, sizes)?;
    let number = layers.len() as u64;

    let descriptors = layers.iter().map(|layer| layer.descriptor.clone());
    let mut descriptors: Vec<Descriptor> = descriptors.collect();
    // The last one has the places of the mounts.
    if let Some(root) = descriptors.last_mut() {
        root.annotations = snapshots::annotations(&plan.contents.mounted);
    }
    let manifest = Manifest {
        schema_version: 2,
        media_type: MANIFEST,
        artifact_type: None,
        config,
        layers: descriptors,
        subject: None,
        annotations: mapping::last_said(mapping::annotations(image)),
    };
    let mut manifest = blob::write(output, closure, MANIFEST, &manifest)?;
    log.line(format!(
        "{}: {}, {}, {}",
        image.stem(),
        count(number, "layer", "layers"),
        size(sizes),
        manifest.digest
    ));
    manifest.platform = Some(platform);
    let reference = &spec.form.reference;
    manifest.annotations = BTreeMap::from([
        (REF_NAME.to_owned(), reference.tag().to_owned()),
        (FULL_NAME.to_owned(), reference.in_full()),
    ]);
    if let Some(facts) = &spec.form.sbom {
        let packed = Packed {
            manifest: manifest.digest,
            layers,
        };
        artifact::write(plan, attrs, facts, &packed, &manifest, output)?;
    }
    let index = Index {
        schema_version: 2,
        media_type: INDEX,
        manifests: vec![manifest],
        annotations: BTreeMap::new(),
    };
    let docker = [DockerImage {
        config: config_path,
        repo_tags: vec![reference.to_string()],
        layers: layer_paths,
    }];
    output.write(LAYOUT_FILE, LAYOUT_TEXT, 0o644)?;
    output.write(INDEX_FILE, &json(closure, &index)?, 0o644)?;
    output.write("manifest.json", &json(closure, &docker)?, 0o644)?;
    let running = Running::of(image, closure.store_dir().as_str());
    output.write(running::FILE, &json(closure, &running)?, 0o644)?;
    scripts::write(&RULES.verbs.oci, output)
}
