//! Bases: the images that one stands on, planned again.
//!
//! Planning reads directories and no content, so it costs what the images' descriptions cost.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};

use crate::host::problem::Problems;
use crate::host::store::Store;
use crate::input::attrs::Attrs;
use crate::input::below::Base;
use crate::input::form::Face;
use crate::tree::below::{Below, Laid, stands_on};
use crate::tree::contents::Contents;
use crate::tree::{Origin, foreign, overlay, root, whitelist};

/// The images below that of `attrs`.
pub(crate) fn below(attrs: &Attrs, store: Store<'_>) -> Result<Below> {
    let mut laid = Vec::new();
    if let (Some(output), Some(foreign)) = (attrs.foreign_output(), &attrs.foreign) {
        laid.push(Laid {
            output: output.clone(),
            name: foreign::NAME.to_owned(),
            own: foreign::tree(foreign)?,
            store_paths: BTreeSet::new(),
            stands_on: BTreeSet::new(),
            visible: BTreeSet::new(),
        });
    }
    for base in &attrs.below {
        let image = lay(base, &laid, attrs.spec.form.face, store)
            .with_context(|| format!("the image {} below", base.spec.image.name))?;
        laid.push(image);
    }
    Below::of(&laid, &attrs.spec)
}

/// Plans an image on top of some of those that are `laid`.
fn lay(base: &Base, laid: &[Laid], face: Face, store: Store<'_>) -> Result<Laid> {
    let Base { output, spec } = base;
    // What its own build has told is not told again.
    let (mut problems, mut told) = (Problems::default(), Vec::new());
    let below = Below::of(laid, spec)?;
    let held = below.store_paths.clone();
    let contents = Contents::choose(spec, held, store, &mut problems, &mut told)?;
    let tree = root::file_system(spec, &below, store, &contents, &mut problems, &mut told)?;
    let visible = match face {
        Face::Aci | Face::Manifest => {
            whitelist::complete(&spec.image.path_whitelist, &tree, store, &contents)?
        }
        Face::Oci | Face::Layers | Face::Foreign | Face::Index => BTreeSet::new(),
    };
    ensure!(problems.is_empty(), "{problems}");
    let mut own = overlay::difference(&tree, &below.tree);
    let name = spec.image.name.to_string();
    own.visit_mut(&mut |entry| {
        if let Origin::Package { name: package, .. } = &mut entry.origin {
            *package = Arc::from(format!("{package} of the image {name}"));
        }
    });
    Ok(Laid {
        output: output.clone(),
        name,
        own,
        store_paths: &contents.packed | &contents.mounted,
        stands_on: stands_on(laid, spec)?,
        visible,
    })
}
