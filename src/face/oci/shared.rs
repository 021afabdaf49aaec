//! Shared layers: those of images below, and those that derivations of their own have made of packages.
//!
//! An image lists them below its own, and its blobs of them are links to where they are: in the store, in a binary cache
//! and in a registry their bytes are there once. Who makes such layers knows the store paths below and above alone, and
//! not the images, so that these may change.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};

use crate::face::oci::blob::blob_path;
use crate::face::oci::finished::Finished;
use crate::face::oci::layer::{self, Layer, Written};
use crate::face::oci::layers;
use crate::face::oci::list::{self, List};
use crate::host::interrupt::Interrupt;
use crate::host::log::{Log, count, size};
use crate::host::output::Output;
use crate::input::attrs::Attrs;
use crate::input::below::Shared;
use crate::input::form::MaxLayers;
use crate::input::store_path::StorePath;
use crate::pack::packer::Packer;
use crate::pack::part::Part;
use crate::plan::Plan;
use crate::tree::findings::Finding;

/// The share of the layers that are left which the packages of one derivation leave to those above.
const LEFT: usize = 10;

/// How many they leave at least, unless that would be more than half of them.
const LEAST_LEFT: usize = 8;

/// A layer that is in the store.
pub(crate) struct Known {
    /// What is told of it.
    pub(crate) layer: Layer,
    /// Where it is.
    pub(crate) blob: Utf8PathBuf,
}

/// Writes the layers of the packages of `attrs` and their list, without those store paths that others have layers of.
pub(crate) fn write(
    attrs: &Attrs,
    output: &mut Output,
    log: &mut Log,
    interrupt: &Interrupt,
) -> Result<()> {
    let (others, most) = room(attrs)?;
    let plan = Plan::of_layers(attrs, &others)?;
    log.line(plan.summary(attrs));
    let paths = &plan.contents.packed;
    let packages = &attrs.spec.root.packages;
    let groups = layers::divide(&attrs.closure, paths, packages, most, interrupt)?;
    let parts: Vec<Part<'_>> = groups.iter().map(Part::StorePaths).collect();
    let packer = Packer::new(&plan, attrs, log, interrupt)?;
    let Written { layers, found } = layer::write(&packer, &parts, attrs, output)?;
    let bytes = layers.iter().map(|layer| layer.descriptor.size).sum();
    log.line(format!(
        "{}, {}",
        count(layers.len() as u64, "layer", "layers"),
        size(bytes)
    ));
    list::write(&layers, &found, attrs, output)
}

/// The store paths that others have layers of, and how many layers there may be of what is left.
fn room(attrs: &Attrs) -> Result<(BTreeSet<StorePath>, usize)> {
    let mut room = Room::of(attrs)?;
    let mut others = BTreeSet::new();
    for (shared, paths) in attrs.new_in_shared()? {
        room.take(shared, &paths);
        others.extend(paths);
    }
    Ok((others, room.layers()))
}

/// The store paths of the layers that an image made by its recipe has below its own, as derivations would have divided
/// them: who makes all layers at once makes the same.
pub(crate) fn made_here(attrs: &Attrs, interrupt: &Interrupt) -> Result<Vec<BTreeSet<StorePath>>> {
    let mut room = Room::of(attrs)?;
    let mut groups = Vec::new();
    for (shared, paths) in attrs.new_in_shared()? {
        if !shared.packages.is_empty() {
            let (packages, most) = (&shared.packages, room.layers());
            groups.extend(layers::divide(
                &attrs.closure,
                &paths,
                packages,
                most,
                interrupt,
            )?);
        }
        room.take(shared, &paths);
    }
    Ok(groups)
}

/// How many layers there may be, and who takes how many of them.
struct Room {
    most: usize,
    /// Those of the images below, at most: nobody knows how many before they are made.
    below: usize,
    /// How many store paths are new in each derivation of layers.
    new: Vec<usize>,
}

impl Room {
    fn of(attrs: &Attrs) -> Result<Self> {
        let foreign = attrs
            .foreign_output()
            .map(|output| List::load(output))
            .transpose()?;
        Ok(Self {
            most: attrs.spec.form.max_layers.get(),
            below: foreign.map_or(0, |list| list.layers.len()),
            new: Vec::new(),
        })
    }

    /// Leaves room to `shared`, which has layers of `paths`.
    fn take(&mut self, shared: &Shared, paths: &BTreeSet<StorePath>) {
        match shared.max_layers {
            Some(most) => self.below += most.get().min(paths.len() + 1),
            None => self.new.push(paths.len()),
        }
    }

    /// How many layers there may be of the packages that come next.
    fn layers(&self) -> usize {
        layers_for(self.most, self.below, &self.new)
    }
}

/// How many layers there may be of packages, when images below have `below`, and there are `new` store paths in those of
/// the packages that come first.
pub(super) fn layers_for(most: usize, below: usize, new: &[usize]) -> usize {
    let is_tight = below > 0 && below + most / 2 > most;
    let most = if is_tight { MaxLayers::MOST } else { most };
    // One is for the root file system.
    let mut left = most.saturating_sub(1 + below);
    for number in new {
        left = left.saturating_sub(share(left).min(*number));
    }
    share(left)
}

/// How many of the layers that are `left` are for the packages of one derivation.
fn share(left: usize) -> usize {
    let others = (left / LEFT).max(left.div_ceil(2).min(LEAST_LEFT));
    left.saturating_sub(others).max(1)
}

/// The layers below those of an image: those of the images that it stands on, and of the derivations that have made
/// some for it.
pub(crate) fn below(attrs: &Attrs) -> Result<Vec<Known>> {
    let mut known: Vec<Known> = Vec::new();
    if let Some(output) = attrs.foreign_output() {
        for layer in List::load(output)?.layers {
            // Other than those of ours, one of them may be there again, over others.
            let blob = blob(output, &layer)?;
            known.push(Known { layer, blob });
        }
    }
    let dependencies = attrs.spec.image.dependencies.iter();
    for output in dependencies.filter_map(|dependency| dependency.output.as_ref()) {
        of_image(Utf8Path::new(output), &mut known)
            .with_context(|| format!("reading the layers of {output}"))?;
    }
    for output in attrs
        .shared
        .iter()
        .filter_map(|shared| shared.output.as_ref())
    {
        of_derivation(output, &mut known)
            .with_context(|| format!("reading the layers of {output}"))?;
    }
    Ok(known)
}

/// What was found in the layers that derivations have made for the image.
pub(crate) fn found(attrs: &Attrs) -> Result<Vec<Finding>> {
    let outputs = attrs
        .shared
        .iter()
        .filter_map(|shared| shared.output.as_ref());
    let mut found = Vec::new();
    for output in outputs {
        found.extend(List::load(output)?.found);
    }
    Ok(found)
}

/// How many layers an image may have above those that are there already.
pub(crate) fn left(attrs: &Attrs, there: usize) -> Result<usize> {
    let most = attrs.spec.form.max_layers.get();
    // One for the root file system, and one for all else.
    let enough = |most: usize| most.checked_sub(there).filter(|left| *left >= 2);
    let left = enough(most).or_else(|| enough(MaxLayers::MOST));
    left.with_context(|| {
        format!(
            "dependencies, fromImage: the images below have {there} layers, and runtimes take {} with those of this \
             image; build those of mkACI with maxLayers = 60",
            MaxLayers::MOST
        )
    })
}

fn of_derivation(output: &Utf8Path, known: &mut Vec<Known>) -> Result<()> {
    for layer in List::load(output)?.layers {
        add(output, layer, known)?;
    }
    Ok(())
}

fn of_image(output: &Utf8Path, known: &mut Vec<Known>) -> Result<()> {
    for layer in Finished::load(output)?.layers {
        add(output, layer, known)?;
    }
    Ok(())
}

/// Adds a layer that is not there yet: what two images stand on is there once.
fn add(output: &Utf8Path, layer: Layer, known: &mut Vec<Known>) -> Result<()> {
    let digest = layer.descriptor.digest;
    if known
        .iter()
        .all(|other| other.layer.descriptor.digest != digest)
    {
        let blob = blob(output, &layer)?;
        known.push(Known { layer, blob });
    }
    Ok(())
}

/// Where the blob of a layer is that `output` has.
fn blob(output: &Utf8Path, layer: &Layer) -> Result<Utf8PathBuf> {
    let blob = output.join(blob_path(layer.descriptor.digest));
    // A link to a link would need what lies between.
    blob.canonicalize_utf8()
        .with_context(|| format!("reading {blob}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As many derivations as `nix/layers.nix` makes, each of more store paths than there are layers.
    #[test]
    fn all_parts_together_keep_the_limit() {
        for most in 30..=MaxLayers::MOST {
            let mut used = 1;
            for part in 0..4 {
                used += layers_for(most, 0, &vec![10_000; part]);
            }
            assert!(
                used < most,
                "{used} of {most}, and the image needs one more"
            );
        }
    }

    #[test]
    fn few_store_paths_leave_layers_to_others() {
        assert_eq!(layers_for(100, 0, &[]), 90);
        assert_eq!(layers_for(100, 0, &[10]), 81);
        assert_eq!(layers_for(100, 0, &[90]), 4);
        assert_eq!(layers_for(100, 30, &[]), 61);
        assert_eq!(layers_for(100, 101, &[]), 17);
    }
}
