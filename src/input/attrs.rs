//! Structured attributes: the JSON file through which Nix hands a derivation to its builder.
//!
//! What Nix defines may grow, so unknown members are passed over here; what stands under `aci` is ours and strict.

use std::env;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use camino::Utf8PathBuf;
use serde::Deserialize;
use serde_json::Value;

use crate::input::closure::{Closure, Record};
use crate::input::recipe::Recipe;
use crate::input::spec::Spec;
use crate::input::store_path::StoreDir;

/// All that a build is made from.
#[derive(Debug)]
pub struct Attrs {
    /// What the user asked for.
    pub spec: Spec,
    /// The store paths that may be used for it.
    pub closure: Closure,
    /// Where the output goes.
    pub out: Utf8PathBuf,
    /// The recipe of it, where that is what the user asked for.
    pub recipe: Option<Recipe>,
}

#[derive(Deserialize)]
struct Document {
    aci: Spec,
    closure: Vec<Record>,
    outputs: Outputs,
}

/// The spec as it was written.
#[derive(Deserialize)]
struct Written {
    aci: Value,
}

#[derive(Deserialize)]
struct Outputs {
    out: Utf8PathBuf,
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
        Self::parse(&store_dir, &text).with_context(|| format!("reading {}", file.display()))
    }

    /// Reads the text of the file.
    pub fn parse(store_dir: &str, text: &str) -> Result<Self> {
        let store_dir = StoreDir::new(store_dir)?;
        let mut json = serde_json::Deserializer::from_str(text);
        let document: Document = serde_path_to_error::deserialize(&mut json)?;
        json.end()?;
        let closure = Closure::new(store_dir, document.closure)?;
        let mut attrs = Self::new(document.aci, closure, document.outputs.out)?;
        if attrs.spec.form.recipe {
            let Written { aci } = serde_json::from_str(text)?;
            attrs.recipe = Some(Recipe::new(&aci, &attrs.closure));
        }
        Ok(attrs)
    }

    /// All of it, checked against each other.
    pub(crate) fn new(spec: Spec, closure: Closure, out: Utf8PathBuf) -> Result<Self> {
        spec.check(closure.store_dir().as_str())?;
        Ok(Self {
            spec,
            closure,
            out,
            recipe: None,
        })
    }
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
