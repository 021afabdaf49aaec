//! Layers: which store paths are in which layer of an OCI image.
//!
//! They are divided as those of the image are; none is made for that.

use anyhow::Result;
use serde::Serialize;

use super::facts;
use super::graph::Graph;
use crate::face::oci::{layer, layers, shared};
use crate::host::interrupt::Interrupt;
use crate::input::attrs::Attrs;
use crate::input::form::Face;
use crate::pack::part::Part;
use crate::plan::Plan;

/// A layer of an OCI image, lowest first.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Layer {
    pub(super) title: String,
    /// Whether it is of an image below.
    pub(super) below: bool,
    /// The store paths that it holds, where it is the image's own.
    pub(super) store_paths: Vec<usize>,
    /// What these weigh, unpacked.
    pub(super) bytes: u64,
}

/// The layers of an OCI image, lowest first; none of another form.
pub(super) fn of(
    plan: &Plan,
    attrs: &Attrs,
    graph: &Graph<'_>,
    interrupt: &Interrupt,
) -> Result<Vec<Layer>> {
    if facts::form(attrs.spec.form.face) != Face::Oci {
        return Ok(Vec::new());
    }
    let known = shared::below(attrs)?;
    let mut groups = shared::made_here(attrs, interrupt)?;
    // The last one holds the root file system.
    let most = shared::left(attrs, known.len() + groups.len())? - 1;
    let mut own = plan.contents.packed.clone();
    own.retain(|path| groups.iter().all(|group| !group.contains(path)));
    let packages = &attrs.spec.root.packages;
    let divided = layers::divide(&attrs.closure, &own, packages, most, interrupt)?;
    groups.extend(divided);
    let below = known.into_iter().map(|known| Layer {
        title: known.layer.comment,
        below: true,
        store_paths: Vec::new(),
        bytes: 0,
    });
    let number = |path| graph.paths.binary_search(&path).ok();
    let packed = groups.iter().map(|group| Layer {
        title: layer::title(Part::StorePaths(group)),
        below: false,
        store_paths: group.iter().filter_map(number).collect(),
        bytes: attrs.closure.nar_size(group),
    });
    let root = Layer {
        title: layer::title(Part::RootAlone),
        below: false,
        store_paths: Vec::new(),
        bytes: 0,
    };
    Ok(below.chain(packed).chain([root]).collect())
}
