//! Objects: what is told of each store path.

use std::collections::BTreeSet;

use anyhow::Result;
use serde::Serialize;

use super::dominators::Dominators;
use super::graph::{Graph, Place};
use super::layers::Layer;
use crate::host::interrupt::Interrupt;
use crate::input::attrs::Attrs;
use crate::input::store_path::StorePath;
use crate::tree::why;

/// A store path.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Object {
    pub(super) path: String,
    pub(super) name: String,
    pub(super) place: Place,
    /// The image below that has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) image: Option<String>,
    pub(super) nar_size: u64,
    pub(super) closure_size: u64,
    /// What would vanish without it.
    pub(super) added_size: u64,
    /// The number of the one without which it would vanish, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) only_by: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) files: Option<u64>,
    /// The number of its layer, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) layer: Option<usize>,
    pub(super) references: Vec<usize>,
    pub(super) referrers: Vec<usize>,
    /// The argument that names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) argument: Option<String>,
    /// Numbers of a shortest chain of references that ends with it.
    pub(super) chain: Vec<usize>,
}

/// The store paths of `graph`, in its order.
pub(super) fn of(
    attrs: &Attrs,
    graph: &Graph<'_>,
    layers: &[Layer],
    interrupt: &Interrupt,
) -> Result<Vec<Object>> {
    let closure_sizes = graph.closure_sizes(interrupt)?;
    let roots: Vec<usize> = graph.roots.keys().copied().collect();
    let dominators = Dominators::new(&graph.references, &roots);
    let added_sizes = dominators.sums(&graph.sizes);
    let mut layer_of = vec![None; graph.paths.len()];
    for (number, layer) in layers.iter().enumerate() {
        for path in &layer.store_paths {
            layer_of[*path] = Some(number);
        }
    }
    let images = images_below(attrs);
    let image = |path: &StorePath| {
        let mut images = images.iter();
        images.find_map(|(name, paths)| paths.contains(path).then(|| name.clone()))
    };
    let object = |number: usize| {
        let path = graph.paths[number];
        Object {
            path: path.to_string(),
            name: path.name().to_owned(),
            place: graph.places[number],
            image: image(path).filter(|_| graph.places[number] == Place::Below),
            nar_size: graph.sizes[number],
            closure_size: closure_sizes[number],
            added_size: added_sizes[number],
            only_by: dominators.nearest[number],
            files: None,
            layer: layer_of[number],
            references: graph.references[number].clone(),
            referrers: graph.referrers[number].clone(),
            argument: graph.roots.get(&number).cloned().flatten(),
            chain: chain(graph, number),
        }
    };
    Ok((0..graph.paths.len()).map(object).collect())
}

/// The images below that bring store paths, lowest first, with these.
fn images_below(attrs: &Attrs) -> Vec<(String, BTreeSet<StorePath>)> {
    let below = attrs.below.iter().map(|base| {
        let roots = why::named_below(attrs, &base.spec).into_keys();
        (base.spec.image.stem(), attrs.closure.reachable(roots))
    });
    below.collect()
}

fn chain(graph: &Graph<'_>, number: usize) -> Vec<usize> {
    let mut chain = vec![number];
    while let Some(before) = chain.last().and_then(|last| graph.reached_from[*last]) {
        chain.push(before);
    }
    chain.reverse();
    chain
}
