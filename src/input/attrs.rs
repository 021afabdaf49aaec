//! Structured attributes: the JSON file through which Nix hands a derivation to its builder.
//!
//! What Nix defines may grow, so unknown members are passed over here; what stands under `aci` is ours and strict.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};
use camino::Utf8PathBuf;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::input::about::{About, Older};
use crate::input::below::{Base, Shared};
use crate::input::closure::{Closure, Record};
use crate::input::foreign::{Execution, Foreign};
use crate::input::form::Face;
use crate::input::recipe::Recipe;
use crate::input::spec::Spec;
use crate::input::store_path::{StoreDir, StorePath};

/// All that a build is made from.
#[derive(Debug)]
pub struct Attrs {
    /// What the user asked for.
    pub spec: Spec,
    /// The store paths that may be used for it.
    pub closure: Closure,
    /// The images that this one stands on, each after those that it stands on itself.
    pub below: Vec<Base>,
    /// Store paths that have layers elsewhere, lowest first.
    pub shared: Vec<Shared>,
    /// What is known of the image from elsewhere that lies lowest, if one does.
    pub foreign: Option<Foreign>,
    /// The finished images of an index.
    pub images: Vec<Utf8PathBuf>,
    /// Where the output goes.
    pub out: Utf8PathBuf,
    /// Where archives go, if not into the output itself, which then links to them.
    pub packed: Option<Utf8PathBuf>,
    /// The recipe of it, where that is what the user asked for.
    pub recipe: Option<Recipe>,
    /// What is told of the image, where that is what the user asked for.
    pub about: Option<About>,
}

#[derive(Deserialize)]
struct Document {
    aci: Spec,
    closure: Vec<Record>,
    #[serde(default)]
    below: Vec<Base>,
    #[serde(default)]
    shared: Vec<Shared>,
    #[serde(default)]
    images: Vec<Utf8PathBuf>,
    about: Option<About>,
    outputs: Outputs,
}

#[derive(Deserialize)]
struct Outputs {
    out: Utf8PathBuf,
    packed: Option<Utf8PathBuf>,
}

impl Attrs {
    /// Reads the file that Nix wrote for this build.
    pub fn load() -> Result<Self> {
        let store_dir = env::var("NIX_STORE").context(
            "NIX_STORE is not set: this program is the builder of a derivation and is started by Nix \
             (mkACI writes such derivations; see --help)",
        )?;
        let file = file()?;
        let text =
            fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
        let mut attrs = Self::parse(&store_dir, &text)
            .with_context(|| format!("reading {}", file.display()))?;
        attrs.load_foreign()?;
        Ok(attrs)
    }

    /// Reads what is known of the image from elsewhere that lies lowest, if there is one, and takes over its owners.
    pub(crate) fn load_foreign(&mut self) -> Result<()> {
        if self.spec.form.face == Face::Oci {
            let output = self.foreign_output();
            self.foreign = output.map(|output| Foreign::load(output)).transpose()?;
            self.take_owners()?;
        }
        Ok(())
    }

    /// Where the image from elsewhere that lies lowest is known, be it below this image or below one that it stands on.
    pub(crate) fn foreign_output(&self) -> Option<&Utf8PathBuf> {
        let mut specs = self.below.iter().map(|base| &base.spec).chain([&self.spec]);
        specs.find_map(|spec| spec.root.from_image.as_ref().map(|from| &from.path))
    }

    /// How the image from elsewhere is run, if this one takes that over.
    pub(crate) fn inherited(&self) -> Option<&Execution> {
        self.spec.root.from_image.as_ref()?;
        self.foreign.as_ref().map(|foreign| &foreign.execution)
    }

    /// Has the programs of this image and of those below run as the user of the image from elsewhere, where they do.
    fn take_owners(&mut self) -> Result<()> {
        let Some(foreign) = &self.foreign else {
            return Ok(());
        };
        let below = self.below.iter_mut().map(|base| &mut base.spec);
        for spec in below.chain([&mut self.spec]) {
            let Some(from) = &spec.root.from_image else {
                continue;
            };
            let (user, group) = foreign.owners()?;
            if let Some(user) = user.filter(|_| from.its_user) {
                spec.image.user = user;
            }
            if let Some(group) = group.filter(|_| from.its_group) {
                spec.image.group = group;
            }
        }
        Ok(())
    }

    /// Reads the text of the file.
    pub fn parse(store_dir: &str, text: &str) -> Result<Self> {
        let store_dir = StoreDir::new(store_dir)?;
        let mut json = serde_json::Deserializer::from_str(text);
        let document: Document = serde_path_to_error::deserialize(&mut json)?;
        json.end()?;
        let closure = Closure::new(store_dir, document.closure)?;
        let Outputs { out, packed } = document.outputs;
        let mut attrs = Self::new(document.aci, closure, document.below, document.shared, out)?;
        attrs.packed = packed;
        attrs.images = document.images;
        attrs.about = document.about;
        if attrs.spec.form.recipe {
            attrs.recipe = Some(Recipe::new(serde_json::from_str(text)?, &attrs.closure));
        }
        Ok(attrs)
    }

    /// All of it, checked against each other.
    pub(crate) fn new(
        spec: Spec,
        closure: Closure,
        below: Vec<Base>,
        shared: Vec<Shared>,
        out: Utf8PathBuf,
    ) -> Result<Self> {
        let store_dir = closure.store_dir();
        for spec in below.iter().map(|base| &base.spec).chain([&spec]) {
            spec.check(store_dir.as_str())?;
        }
        let specs = below.iter().map(|base| &base.spec).chain([&spec]);
        let from = specs.filter_map(|spec| spec.root.from_image.as_ref());
        let from: BTreeSet<_> = from.map(|from| &from.path).collect();
        ensure!(from.len() <= 1, "there are several images from elsewhere");
        Ok(Self {
            spec,
            closure,
            below,
            shared,
            foreign: None,
            images: Vec::new(),
            out,
            packed: None,
            recipe: None,
            about: None,
        })
    }
}

impl Attrs {
    /// What the build of an older image was made from. The closure is that of both.
    pub(crate) fn of_older(&self, older: &Older) -> Result<Self> {
        let Older {
            output,
            spec,
            below,
            shared,
        } = older.clone();
        let mut attrs = Self::new(spec, self.closure.clone(), below, shared, output)?;
        attrs.load_foreign()?;
        Ok(attrs)
    }

    /// The store paths that each of [`shared`](Self::shared) has layers of.
    pub(crate) fn new_in_shared(&self) -> Result<Vec<(&Shared, BTreeSet<StorePath>)>> {
        let mut before = BTreeSet::new();
        let mut all = Vec::new();
        for shared in &self.shared {
            let reached = self.closure.reachable_from(&shared.roots)?;
            all.push((shared, &reached - &before));
            before.extend(reached);
        }
        Ok(all)
    }
}

/// Reads what Nix wrote for this build as another document than that of an image.
pub(crate) fn read<T: DeserializeOwned>() -> Result<T> {
    let file = file()?;
    let context = || format!("reading {}", file.display());
    let text = fs::read_to_string(&file).with_context(context)?;
    let mut json = serde_json::Deserializer::from_str(&text);
    serde_path_to_error::deserialize(&mut json).with_context(context)
}

/// `NIX_ATTRS_JSON_FILE`, or the same file in the build directory: Nix 2.8 sets the variable to a path that its own
/// sandbox does not have.
fn file() -> Result<PathBuf> {
    let named = env::var_os("NIX_ATTRS_JSON_FILE").map(PathBuf::from);
    let in_build_directory =
        env::var_os("NIX_BUILD_TOP").map(|top| PathBuf::from(top).join(".attrs.json"));
    let candidates = [named, in_build_directory];
    match candidates.into_iter().flatten().find(|file| file.exists()) {
        Some(file) => Ok(file),
        None => bail!(
            "no structured attributes: neither NIX_ATTRS_JSON_FILE nor NIX_BUILD_TOP leads to a file"
        ),
    }
}
