//! The bill: everything that an image is made of, with what refers to what, before any format of it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use camino::Utf8Path;

use crate::face::oci::layer::Layer;
use crate::face::sbom::component::{Component, Kind, Place};
use crate::face::sbom::said::Said;
use crate::face::sbom::{purl, serial};
use crate::host::digest::Digest;
use crate::input::attrs::Attrs;
use crate::input::closure::Object;
use crate::input::facts::Facts;
use crate::input::form::Face;
use crate::input::store_path::StorePath;
use crate::plan::Plan;

/// What an OCI image came to, as its layout says.
#[derive(Debug)]
pub(crate) struct Packed {
    /// Digest of the manifest.
    pub(crate) manifest: Digest,
    /// Its layers, lowest first; the last one is that of the root file system.
    pub(crate) layers: Vec<Layer>,
}

/// An image and its components.
#[derive(Debug)]
pub(super) struct Bill<'a> {
    pub(super) attrs: &'a Attrs,
    /// When the image was made.
    pub(super) time: String,
    /// Digest of an OCI image.
    pub(super) manifest: Option<Digest>,
    /// In the order of their keys, images last.
    pub(super) components: Vec<Component<'a>>,
    /// The numbers of those that the image itself asks for.
    pub(super) roots: Vec<usize>,
}

impl<'a> Bill<'a> {
    pub(super) fn new(
        plan: &'a Plan,
        attrs: &'a Attrs,
        facts: &'a [Facts],
        packed: Option<&Packed>,
    ) -> Result<Self> {
        let said = Said::new(facts);
        let layers = Layers::new(packed);
        let copied = plan.copied_anywhere(attrs);
        let held: BTreeSet<&StorePath> = plan.contents.all().collect();
        let members = attrs.closure.iter();
        let members = members.filter(|(path, _)| held.contains(path) || copied.contains(*path));
        let members: Vec<(&StorePath, &Object)> = members.collect();
        let paths: Vec<&StorePath> = members.iter().map(|(path, _)| *path).collect();
        let mut components: Vec<Component<'a>> = Vec::new();
        for (path, object) in members {
            let place = if plan.contents.mounted.contains(path) {
                Place::Mounted
            } else if held.contains(path) {
                Place::Packed
            } else {
                Place::Copied
            };
            let layer = match place {
                Place::Packed => layers.of(path),
                Place::Copied if plan.copied.contains(path) => layers.last,
                Place::Copied | Place::Mounted => None,
            };
            let references = object.references.iter();
            let references = references
                .filter(|reference| *reference != path)
                .filter_map(|reference| paths.binary_search(&reference).ok());
            let kind = Kind::StorePath {
                path: path.as_str(),
                place,
                nar_hash: object.nar_hash,
                nar_size: object.nar_size,
                layer,
                base: plan.bases.get(path).map(AsRef::as_ref),
            };
            components.push(said.component(path, kind, references.collect()));
        }
        let mut bill = Self {
            attrs,
            time: serial::time(&attrs.spec.image.annotations),
            manifest: packed.map(|packed| packed.manifest),
            roots: Vec::new(),
            components,
        };
        bill.find_roots()?;
        bill.add_images();
        Ok(bill)
    }

    /// Whether all that the image holds is told.
    pub(super) fn is_complete(&self) -> bool {
        let mut kinds = self.components.iter().map(|component| &component.kind);
        kinds.all(|kind| matches!(kind, Kind::StorePath { .. }))
    }

    /// Finds what the image asks for: its packages, and of all others what nothing else brings.
    fn find_roots(&mut self) -> Result<()> {
        let Attrs { spec, closure, .. } = self.attrs;
        let mut asked = BTreeSet::new();
        let packages = spec.root.packages.iter().chain(&spec.root.layers);
        for path in packages.flat_map(|package| &package.paths) {
            asked.insert(closure.store_dir().parse(path)?.to_string());
        }
        let is_asked = |component: &Component<'_>| match component.kind {
            Kind::StorePath { path, .. } => asked.contains(path),
            Kind::Image { .. } => false,
        };
        let mut referred = vec![false; self.components.len()];
        for component in &self.components {
            for number in &component.references {
                referred[*number] = true;
            }
        }
        let mut reached = vec![false; self.components.len()];
        let all = 0..self.components.len();
        let first = all
            .clone()
            .filter(|number| is_asked(&self.components[*number]));
        let second = all.clone().filter(|number| !referred[*number]);
        let mut waiting = Vec::new();
        for number in first.chain(second).chain(all) {
            if is_asked(&self.components[number]) || !reached[number] {
                self.roots.push(number);
            }
            waiting.push(number);
            while let Some(number) = waiting.pop() {
                if !std::mem::replace(&mut reached[number], true) {
                    waiting.extend(&self.components[number].references);
                }
            }
        }
        self.roots.sort_unstable();
        self.roots.dedup();
        Ok(())
    }

    /// Adds the images below that other tools have made.
    fn add_images(&mut self) {
        let attrs = self.attrs;
        let mut images = Vec::new();
        if let (Some(foreign), Some(output)) = (&attrs.foreign, attrs.foreign_output()) {
            let digests = vec![("imageId", foreign.id.clone())];
            images.push((foreign_name(attrs, output), None, digests));
        }
        let specs = attrs
            .below
            .iter()
            .map(|base| &base.spec)
            .chain([&attrs.spec]);
        let dependencies = specs.flat_map(|spec| &spec.image.dependencies);
        for dependency in dependencies.filter(|dependency| dependency.output.is_none()) {
            let version = dependency.labels.get("version").map(str::to_owned);
            let id = dependency.image_id.as_ref();
            let digests = id.map(|id| ("imageId", id.to_string()));
            let image = (
                dependency.image_name.to_string(),
                version,
                digests.into_iter().collect(),
            );
            if !images.contains(&image) {
                images.push(image);
            }
        }
        for (number, (name, version, digests)) in images.into_iter().enumerate() {
            self.roots.push(self.components.len());
            self.components.push(Component {
                key: format!("image-below-{}", number + 1),
                name,
                version,
                purl: None,
                kind: Kind::Image { digests },
                references: Vec::new(),
                licence: None,
                homepage: None,
                description: None,
                cpe: None,
                parts: Vec::new(),
            });
        }
    }

    /// What the image is called where there are registries, if it is known by its digest.
    pub(super) fn purl(&self) -> Option<String> {
        let reference = &self.attrs.spec.form.reference;
        let text = reference.to_string();
        let (repository, tag) = text.rsplit_once(':')?;
        let manifest = self.manifest?.to_string();
        Some(purl::of_oci(repository, &manifest, tag))
    }

    /// What else is told of the image.
    pub(super) fn properties(&self) -> Vec<(&'static str, String)> {
        let spec = &self.attrs.spec;
        let face = match spec.form.face {
            Face::Oci => "oci",
            _ => "aci",
        };
        let mut properties = vec![
            ("form", face.to_owned()),
            ("kind", spec.form.kind.name().to_owned()),
            ("os", spec.image.platform.os().to_owned()),
            ("arch", spec.image.platform.arch().to_owned()),
        ];
        properties.extend(self.manifest.map(|digest| ("manifest", digest.to_string())));
        properties
    }
}

/// What the image from elsewhere is called, as far as it has a name: that of its file.
fn foreign_name(attrs: &Attrs, output: &Utf8Path) -> String {
    let path = attrs.closure.store_dir().parse(output.as_str());
    let name = path.map(|path| path.name().to_owned()).unwrap_or_default();
    name.strip_suffix("-layers").unwrap_or(&name).to_owned()
}

/// Which layer holds which store path.
struct Layers<'p> {
    by_name: BTreeMap<&'p str, Digest>,
    last: Option<Digest>,
}

impl<'p> Layers<'p> {
    fn new(packed: Option<&'p Packed>) -> Self {
        let layers = packed.map_or(&[][..], |packed| &packed.layers);
        let mut by_name = BTreeMap::new();
        for layer in layers {
            for name in &layer.paths {
                by_name
                    .entry(name.as_str())
                    .or_insert(layer.descriptor.digest);
            }
        }
        Self {
            by_name,
            last: layers.last().map(|layer| layer.descriptor.digest),
        }
    }

    fn of(&self, path: &StorePath) -> Option<Digest> {
        self.by_name.get(path.base_name()).copied()
    }
}
